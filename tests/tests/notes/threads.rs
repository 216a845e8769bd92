//! Note A: threads of the operating system beside a runtime, and channels between the two.

use super::{current_thread, multi_thread};
use crate::rt::runtime::Handle;
use crate::rt::sync::{broadcast, mpsc, oneshot, watch};
use crate::rt::{self, task};
use std::sync::Barrier;
use std::thread;

fn is_send<T: Send>() {}
fn is_sync<T: Sync>() {}
fn is_clone<T: Clone>() {}

/// A1: a handle taken in `main` and moved into a thread spawns on the runtime of `main`
#[test]
fn a_handle_spawns_on_the_runtime_it_was_taken_from() {
    #[rt::main(flavor = "current_thread")]
    async fn main() -> (thread::ThreadId, thread::ThreadId) {
        let handle = Handle::current();
        let (said, heard) = oneshot::channel();
        let spawner = thread::spawn(move || {
            handle.spawn(async move { said.send(thread::current().id()) });
            thread::current().id()
        });
        let ran_on = heard.await.unwrap();
        (spawner.join().unwrap(), ran_on)
    }

    let (spawned_by, ran_on) = main();
    assert_eq!(ran_on, thread::current().id());
    assert_ne!(ran_on, spawned_by);
}

/// A2, D4: each thread builds a runtime of its own; while one is blocked the other goes on
#[test]
fn runtimes_of_two_threads_do_not_disturb_each_other() {
    let both_inside = Barrier::new(2);
    let (finished, wait) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        let blocked = scope.spawn(|| {
            let wait = wait;
            current_thread().block_on(async {
                both_inside.wait();
                // Not an await: this runtime stands still.
                let other = super::block_thread(&wait);
                (thread::current().id(), other)
            })
        });
        let busy = scope.spawn(|| {
            current_thread().block_on(async {
                both_inside.wait();
                let sum = task::spawn(async { 1 + 1 }).await.unwrap();
                finished.send((thread::current().id(), sum)).unwrap();
                thread::current().id()
            })
        });
        let busy = busy.join().unwrap();
        let (blocked, heard) = blocked.join().unwrap();
        assert_ne!(blocked, busy);
        assert_eq!(heard, (busy, 2));
    });
}

// ANCHOR: notes-send-and-sync
/// A3, E1: a bounded channel from tasks to a task that a thread has spawned; senders are `Send + Sync + Clone`, receivers `Send`
#[test]
fn mpsc_joins_threads_and_tasks() {
    is_send::<mpsc::Sender<i32>>();
    is_sync::<mpsc::Sender<i32>>();
    is_clone::<mpsc::Sender<i32>>();
    is_send::<mpsc::Receiver<i32>>();

    #[rt::main]
    async fn main() -> Vec<i32> {
        let handle = Handle::current();
        let (sender, mut receiver) = mpsc::channel(20);
        assert_eq!(sender.max_capacity(), 20);
        let printer = thread::spawn(move || {
            handle.spawn(async move {
                let mut seen = Vec::new();
                while let Some(n) = receiver.recv().await {
                    seen.push(n);
                }
                seen
            })
        });
        let printer = printer.join().unwrap();
        let from_thread = sender.clone();
        sender.send(1).await.unwrap();
        thread::spawn(move || from_thread.blocking_send(2).unwrap()).join().unwrap();
        sender.send(3).await.unwrap();
        drop(sender);
        printer.await.unwrap()
    }

    assert_eq!(main(), [1, 2, 3]);
}

/// A4: a task spawned from a thread broadcasts, and every subscriber gets every value
#[test]
fn every_subscriber_gets_every_value() {
    is_sync::<broadcast::Sender<i32>>();
    is_sync::<broadcast::Receiver<i32>>();

    #[rt::main]
    async fn main() {
        let (sender, _) = broadcast::channel(10);
        let receivers = [sender.subscribe(), sender.subscribe(), sender.subscribe()];
        let handle = Handle::current();
        thread::spawn(move || {
            handle.spawn(async move {
                for text in ["done", "really done"] {
                    assert_eq!(sender.send(text).unwrap(), 3);
                }
            });
        });
        for mut receiver in receivers {
            assert_eq!(receiver.recv().await, Ok("done"));
            assert_eq!(receiver.recv().await, Ok("really done"));
            assert_eq!(receiver.recv().await, Err(broadcast::error::RecvError::Closed));
        }
    }

    main();
}

/// A5: a oneshot from a thread's task to `main`; each half is used once, and a half that is gone is an error for the other
#[test]
fn oneshot_carries_one_value_out_of_a_threads_task() {
    is_send::<oneshot::Sender<i32>>();
    is_send::<oneshot::Receiver<i32>>();

    #[rt::main]
    async fn main() -> &'static str {
        let (sender, receiver) = oneshot::channel();
        let handle = Handle::current();
        thread::spawn(move || {
            handle.spawn(async move {
                let _ = sender.send("done");
            });
        });
        receiver.await.unwrap()
    }

    assert_eq!(main(), "done");
    let (sender, receiver) = oneshot::channel::<i32>();
    drop(sender);
    assert_eq!(current_thread().block_on(receiver).unwrap_err().to_string(), "channel closed");
    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    assert_eq!(sender.send(5), Err(5));
}

/// A6: both halves of a watch are `Send + Sync`; who comes late sees the latest value, and none of those before
#[test]
fn a_late_watcher_sees_the_latest_value() {
    is_send::<watch::Sender<i32>>();
    is_sync::<watch::Sender<i32>>();
    is_send::<watch::Receiver<i32>>();
    is_sync::<watch::Receiver<i32>>();

    let runtime = multi_thread(2);
    let (sender, mut early) = watch::channel(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for value in 1..=3 {
                sender.send(value).unwrap();
            }
        });
    });
    let mut late = sender.subscribe();
    runtime.block_on(async {
        early.changed().await.unwrap();
        assert_eq!(*early.borrow_and_update(), 3);
        assert_eq!(*late.borrow(), 3);
        let waiting = task::spawn(async move {
            late.changed().await.unwrap();
            *late.borrow()
        });
        sender.send(4).unwrap();
        assert_eq!(waiting.await.unwrap(), 4);
        drop(sender);
        // The last value is seen before the end is.
        assert_eq!((early.changed().await.is_ok(), *early.borrow()), (true, 4));
        assert!(early.changed().await.is_err());
    });
}
