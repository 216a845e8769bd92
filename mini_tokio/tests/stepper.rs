//! The stepper: the same every time, and no task lost, whatever the order in which workers move.

use std::sync::Arc;

use mini_tokio::stepper::{Event, Moved, Policy, Stepper};
use mini_tokio::sync::Notify;
use mini_tokio::task;

/// Tasks that spawn, yield, and wait for one another.
fn busy_program(stepper: &Stepper) -> Vec<task::JoinHandle<usize>> {
    (0..20)
        .map(|i| {
            stepper.spawn(async move {
                let children: Vec<_> = (0..i).map(|j| task::spawn(async move { j })).collect();
                task::yield_now().await;
                let mut sum = 0;
                for child in children {
                    sum += child.await.unwrap();
                }
                sum
            })
        })
        .collect()
}

fn transcript(seed: u64, workers: usize) -> String {
    let mut stepper = Stepper::builder().workers(workers).seed(seed).policy(Policy::Random).build();
    let handles = busy_program(&stepper);
    stepper.run_until_quiescent();
    assert_eq!(stepper.handle().metrics().num_alive_tasks(), 0, "seed {seed}, {workers} workers: a task was lost");
    for (i, handle) in handles.into_iter().enumerate() {
        assert_eq!(futures::executor::block_on(handle).unwrap(), i * i.saturating_sub(1) / 2);
    }
    stepper.transcript().to_string()
}

#[test]
fn the_same_seed_gives_the_same_transcript_and_no_seed_loses_a_task() {
    for seed in 0..1000 {
        let workers = 1 + (seed as usize * 7) % 64;
        assert_eq!(transcript(seed, workers), transcript(seed, workers), "seed {seed}, {workers} workers");
    }
}

#[test]
fn different_seeds_give_different_orders() {
    assert_ne!(transcript(1, 8), transcript(2, 8));
}

#[test]
fn a_stepper_without_tasks_comes_to_rest() {
    let mut stepper = Stepper::builder().workers(3).build();
    assert_eq!(stepper.run_until_quiescent(), 3, "each worker falls asleep once");
    assert_eq!(stepper.step(), Moved::Quiescent);
}

#[test]
fn a_blocking_closure_holds_the_clock_back() {
    let mut stepper = Stepper::builder().workers(2).build();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let closure = {
        let _entered = stepper.enter();
        task::spawn_blocking(move || wait.recv().unwrap())
    };
    let order =
        stepper.spawn(async move { race(closure, mini_tokio::time::sleep(std::time::Duration::from_secs(1))).await });
    let ends = std::thread::spawn(move || go.send(()).unwrap());
    stepper.run_until_quiescent();
    ends.join().unwrap();
    assert_eq!(futures::executor::block_on(order).unwrap(), "closure");
}

/// Which of the two is ready first.
async fn race(closure: task::JoinHandle<()>, nap: impl Future<Output = ()>) -> &'static str {
    match futures::future::select(closure, std::pin::pin!(nap)).await {
        futures::future::Either::Left(_) => "closure",
        futures::future::Either::Right(_) => "nap",
    }
}

/// How many workers are called while two tasks answer each other 20 times.
fn calls(with_a_bystander: bool) -> usize {
    let mut stepper = Stepper::builder().workers(2).build();
    stepper.run_until_quiescent();
    drop(stepper.spawn(async move {
        let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let partner = task::spawn({
            let (ping, pong) = (ping.clone(), pong.clone());
            async move {
                for _ in 0..20 {
                    ping.notified().await;
                    pong.notify_one();
                }
            }
        });
        if with_a_bystander {
            drop(task::spawn(async {}));
        }
        for _ in 0..20 {
            ping.notify_one();
            pong.notified().await;
        }
        partner.await.unwrap();
    }));
    stepper.run_until_quiescent();
    assert_eq!(stepper.handle().metrics().num_alive_tasks(), 0);
    stepper.events().iter().filter(|recorded| matches!(recorded.event, Event::Called { .. })).count()
}

#[test]
fn a_task_that_leaves_the_lifo_slot_for_an_empty_queue_calls_nobody() {
    assert_eq!(calls(false), 1, "for the first task, which came from outside");
    assert!(calls(true) > 1, "one waits while another is polled");
}
