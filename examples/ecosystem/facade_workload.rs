// Read by `facade.rs` twice, with another `rt` each time.

/// Rounds of a task, a yield, a message, a sleep and a lock, one after another on one thread.
pub fn run(rounds: u32) -> u32 {
    let runtime = rt::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let count = std::sync::Arc::new(rt::sync::Mutex::new(0));
        let (sender, mut receiver) = rt::sync::mpsc::channel(8);
        for round in 0..rounds {
            let (count, sender) = (count.clone(), sender.clone());
            let task = rt::spawn(async move {
                rt::task::yield_now().await;
                *count.lock().await += 1;
                sender.send(round).await.expect("the receiver is there");
            });
            let limit = rt::time::Duration::from_secs(60);
            let received = rt::time::timeout(limit, receiver.recv()).await;
            assert_eq!(received.expect("a message takes less than a minute"), Some(round));
            task.await.expect("the task does not panic");
        }
        let counted = *count.lock().await;
        counted
    })
}
