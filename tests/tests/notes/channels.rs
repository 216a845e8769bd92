//! Notes B and D: messages between tasks, and between tasks and threads that block.

use super::{Lines, block_thread, current_thread, multi_thread};
use crate::rt::sync::{broadcast, mpsc};
use crate::rt::{self, task};
use futures::FutureExt;
use std::thread::{self, JoinHandle};

// ANCHOR: notes-back-pressure
/// B5, B18: `send().await` waits while the channel is full, and goes on when one message has been taken out
#[test]
fn a_full_channel_holds_the_sender_back() {
    current_thread().block_on(async {
        let (sender, mut receiver) = mpsc::channel(2);
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        assert_eq!(sender.capacity(), 0);
        assert!(sender.send(3).now_or_never().is_none());
        assert_eq!(sender.try_send(3), Err(mpsc::error::TrySendError::Full(3)));
        let held_back = task::spawn(async move { sender.send(3).await });
        task::yield_now().await;
        assert!(!held_back.is_finished());
        assert_eq!(receiver.recv().await, Some(1));
        held_back.await.unwrap().unwrap();
        assert_eq!([receiver.recv().await, receiver.recv().await], [Some(2), Some(3)]);
        assert_eq!(receiver.recv().await, None);
    });
}

/// B5: two tasks as the two ends of a pipeline
#[test]
fn messages_arrive_in_order() {
    let seen = multi_thread(2).block_on(async {
        let (sender, mut receiver) = mpsc::channel(32);
        task::spawn(async move {
            for n in 0..1_000 {
                sender.send(n).await.unwrap();
            }
        });
        let reader = task::spawn(async move {
            let mut seen = Vec::new();
            while let Some(n) = receiver.recv().await {
                seen.push(n);
            }
            seen
        });
        reader.await.unwrap()
    });
    assert!(seen.into_iter().eq(0..1_000));
}

/// B6: a configuration is pushed to all tasks; who is too slow is told how much it has missed
#[test]
fn broadcast_pushes_a_configuration() {
    current_thread().block_on(async {
        let (sender, _) = broadcast::channel(2);
        let listeners = [sender.subscribe(), sender.subscribe()].map(|mut receiver| {
            task::spawn(async move {
                let mut updates = Vec::new();
                while let Ok(configuration) = receiver.recv().await {
                    updates.push(format!("Config updated: {configuration:?}"));
                }
                updates
            })
        });
        let mut slow = sender.subscribe();
        for version in ["v1", "v2", "v3"] {
            sender.send(version).unwrap();
            task::yield_now().await;
        }
        drop(sender);
        for listener in listeners {
            let expected = ["v1", "v2", "v3"].map(|version| format!("Config updated: {version:?}"));
            assert_eq!(listener.await.unwrap(), expected);
        }
        assert_eq!(slow.recv().await, Err(broadcast::error::RecvError::Lagged(1)));
        assert_eq!(slow.recv().await, Ok("v2"));
    });
}

// ANCHOR: notes-messages-or-state
/// E1, B7: message passing and shared state come to the same sum
#[test]
fn messages_and_shared_state_do_the_same_work() {
    let (by_messages, by_sharing) = multi_thread(2).block_on(async {
        let (sender, mut receiver) = mpsc::channel(4);
        let shared = std::sync::Arc::new(std::sync::Mutex::new(0));
        for n in 1..=100 {
            let (sender, shared) = (sender.clone(), shared.clone());
            task::spawn(async move {
                *shared.lock().unwrap() += n;
                sender.send(n).await.unwrap();
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(n) = receiver.recv().await {
            sum += n;
        }
        (sum, *shared.lock().unwrap())
    });
    assert_eq!((by_messages, by_sharing), (5_050, 5_050));
}

/// The worker thread of note D: takes what comes, works on it when `go` lets it, and says what it got.
fn worker(mut tasks: mpsc::Receiver<String>, go: std::sync::mpsc::Receiver<()>, lines: Lines) -> JoinHandle<usize> {
    thread::spawn(move || {
        let mut done = 0;
        while let Some(task) = tasks.blocking_recv() {
            if go.recv().is_err() {
                break;
            }
            lines.say(format!("Worker got result: {task}"));
            done += 1;
        }
        done
    })
}

/// D7: `main` returns while the worker thread is at its first task: nothing is printed
#[test]
fn a_program_that_returns_at_once_prints_nothing() {
    let lines = Lines::default();
    let (go, wait) = std::sync::mpsc::channel();
    let (sender, receiver) = mpsc::channel(32);
    let thread = worker(receiver, wait, lines.clone());

    #[rt::main]
    async fn send_for_ever(sender: mpsc::Sender<String>) {
        task::spawn(async move { while sender.send("Future 1".to_owned()).await.is_ok() {} });
    }

    send_for_ever(sender);
    // The sender went with its task, and its task with the runtime. A process would be over here, the thread with it.
    assert_eq!(lines.all(), [""; 0]);
    drop(go);
    assert_eq!(thread.join().unwrap(), 0);
}

/// D8: as D7, but `main` joins the thread: a sender that never goes keeps it running until somebody stops it
#[test]
fn a_worker_thread_lives_as_long_as_a_sender() {
    const BOUND: usize = 20;
    let lines = Lines::default();
    let (go, wait) = std::sync::mpsc::channel();
    let done = multi_thread(1).block_on(async {
        let (sender, receiver) = mpsc::channel(32);
        let thread = worker(receiver, wait, lines.clone());
        task::spawn(async move { while sender.send("Future 1".to_owned()).await.is_ok() {} });
        for _ in 0..BOUND {
            go.send(()).unwrap();
        }
        // More results than the channel holds at a time would never end; the bound is what ends it.
        drop(go);
        thread.join().unwrap()
    });
    assert_eq!(done, BOUND);
    assert_eq!(lines.all(), vec!["Worker got result: Future 1"; BOUND]);
}

/// D9: a channel of 32 and a worker that holds one message: 33 or 34 sends begin before the first result, then one a result
#[test]
fn sends_run_ahead_by_the_capacity_and_then_in_step() {
    let (begun, sends) = std::sync::mpsc::channel();
    let (go, wait) = std::sync::mpsc::channel();
    let (sender, receiver) = mpsc::channel(32);
    let thread = worker(receiver, wait, Lines::default());
    let runtime = multi_thread(1);
    runtime.spawn(async move {
        for number in 1_usize.. {
            begun.send(number).unwrap();
            if sender.send(format!("Task {number}")).await.is_err() {
                break;
            }
        }
    });
    // 32 in the channel, one with the worker, and one that waits to be sent.
    let announced: Vec<_> = (0..34).map(|_| block_thread(&sends)).collect();
    assert!(announced.into_iter().eq(1..=34));
    assert!(sends.try_recv().is_err());
    for number in 35..=40 {
        go.send(()).unwrap();
        assert_eq!(block_thread(&sends), number);
        assert!(sends.try_recv().is_err());
    }
    drop(go);
    assert_eq!(thread.join().unwrap(), 6);
}
