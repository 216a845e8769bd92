//! Notes B10 and B11: a barrier and a semaphore.

use super::{Lines, current_thread, multi_thread};
use crate::rt::sync::{Barrier, Semaphore, mpsc};
use crate::rt::task;
use futures::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// B10: three tasks go on together, when the third has come; one of them is the leader, and the barrier is good for a second time
#[test]
fn three_tasks_go_on_together() {
    current_thread().block_on(async {
        let (barrier, lines) = (Arc::new(Barrier::new(3)), Lines::default());
        for _ in 0..2 {
            let tasks = [1, 2, 3].map(|n| {
                let (barrier, lines) = (barrier.clone(), lines.clone());
                task::spawn(async move {
                    lines.say(format!("{n} waits"));
                    let leads = barrier.wait().await.is_leader();
                    lines.say("on");
                    usize::from(leads)
                })
            });
            let mut leaders = 0;
            for task in tasks {
                leaders += task.await.unwrap();
            }
            assert_eq!(leaders, 1);
        }
        let round = ["1 waits", "2 waits", "3 waits", "on", "on", "on"];
        assert_eq!(lines.all(), [round, round].concat());
    });
}

/// B11: at most five permits are out; dropping one lets the next one in
#[test]
fn five_permits_and_no_more() {
    current_thread().block_on(async {
        let semaphore = Arc::new(Semaphore::new(5));
        let mut permits = Vec::new();
        for left in (0..5).rev() {
            permits.push(semaphore.acquire().await.unwrap());
            assert_eq!(semaphore.available_permits(), left);
        }
        assert!(semaphore.acquire().now_or_never().is_none());
        assert!(semaphore.try_acquire().is_err());
        let waiting = task::spawn({
            let semaphore = semaphore.clone();
            async move { semaphore.acquire_owned().await.is_ok() }
        });
        task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(permits.pop());
        assert!(waiting.await.unwrap());
        drop(permits);
        assert_eq!(semaphore.available_permits(), 5);
    });
}

/// B11, C13.3: a semaphore bounds how many tasks are active at a time
#[test]
fn a_semaphore_bounds_the_active_tasks() {
    multi_thread(4).block_on(async {
        let (semaphore, active) = (Arc::new(Semaphore::new(5)), Arc::new(AtomicUsize::new(0)));
        let (done, mut ended) = mpsc::unbounded_channel();
        for _ in 0..50 {
            let permit = semaphore.clone().acquire_owned().await.unwrap();
            let (active, done) = (active.clone(), done.clone());
            task::spawn(async move {
                let at_once = active.fetch_add(1, Ordering::SeqCst) + 1;
                task::yield_now().await;
                active.fetch_sub(1, Ordering::SeqCst);
                drop(permit);
                done.send(at_once).unwrap();
            });
        }
        drop(done);
        let mut tasks = 0;
        while let Some(at_once) = ended.recv().await {
            assert!((1..=5).contains(&at_once), "{at_once} at once");
            tasks += 1;
        }
        assert_eq!(tasks, 50);
    });
}
