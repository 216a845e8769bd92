//! Notes B8 and C6: the mutex that may be held while its holder waits.

use super::{Lines, current_thread, multi_thread};
use crate::rt::sync::Mutex;
use crate::rt::task;
use futures::FutureExt;
use std::collections::HashMap;
use std::sync::Arc;

/// B8, C6.2: a guard is held across an `.await`; others wait their turn, in order, and none of their entries is lost
#[test]
fn a_guard_is_held_across_an_await() {
    multi_thread(4).block_on(async {
        let cache = Arc::new(Mutex::new(HashMap::new()));
        let tasks: Vec<_> = (0..100)
            .map(|n| {
                let cache = cache.clone();
                task::spawn(async move {
                    let mut guard = cache.lock().await;
                    let before = guard.len();
                    task::yield_now().await;
                    // Nobody was here meanwhile.
                    assert_eq!(guard.len(), before);
                    guard.insert(n, before)
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), None);
        }
        assert_eq!(cache.lock().await.len(), 100);
    });
}

/// C6.2: while the lock is held, who asks for it waits, without holding up the thread; who asked first gets it first
#[test]
fn the_lock_is_handed_on_in_order() {
    current_thread().block_on(async {
        let (mutex, lines) = (Arc::new(Mutex::new(0)), Lines::default());
        let mut guard = mutex.lock().await;
        let tasks = ["first", "second", "third"].map(|name| {
            let (mutex, lines) = (mutex.clone(), lines.clone());
            task::spawn(async move {
                let mut guard = mutex.lock().await;
                *guard += 1;
                lines.say(format!("{name} made it {}", *guard));
            })
        });
        task::yield_now().await;
        *guard += 10;
        assert!(mutex.lock().now_or_never().is_none());
        assert!(mutex.try_lock().is_err());
        assert_eq!(lines.all(), [""; 0]);
        drop(guard);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(lines.all(), ["first made it 11", "second made it 12", "third made it 13"]);
    });
}
