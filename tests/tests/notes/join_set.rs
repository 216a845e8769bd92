//! Note C, section 4.1: sets of tasks. `build_task` is in `unstable.rs`.

use super::{current_thread, multi_thread, paused};
use crate::rt::sync::oneshot;
use crate::rt::task::{self, JoinSet, LocalSet};
use crate::rt::time::{Duration, sleep};
use std::collections::{BTreeSet, HashMap};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

/// C4.6: ten tasks, each joined once; the set knows how many it holds
#[test]
fn every_task_of_a_set_is_joined_once() {
    multi_thread(2).block_on(async {
        let mut set = JoinSet::new();
        assert!(set.is_empty());
        for i in 0..10 {
            set.spawn(async move { i });
        }
        assert_eq!(set.len(), 10);
        let mut seen = [0; 10];
        while let Some(result) = set.join_next().await {
            seen[result.unwrap()] += 1;
        }
        assert_eq!(seen, [1; 10]);
        assert!(set.is_empty());
        assert!(set.join_next().await.is_none());
    });
}

/// C4.6: tasks come out in the order in which they end
#[test]
fn a_set_yields_in_completion_order() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        for seconds in [3, 1, 2] {
            set.spawn(async move {
                sleep(Duration::from_secs(seconds)).await;
                seconds
            });
        }
        assert!(set.try_join_next().is_none());
        let mut order = Vec::new();
        while let Some(result) = set.join_next().await {
            order.push(result.unwrap());
        }
        assert_eq!(order, [1, 2, 3]);
    });
}

/// C4.6, C4.7: what comes out can say which task it was, by the id that the abort handle has
#[test]
fn ids_tell_the_tasks_of_a_set_apart() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        let ids: HashMap<_, _> = (0..4).map(|i| (set.spawn(async move { i }).id(), i)).collect();
        let (id, value) = set.join_next_with_id().await.unwrap().unwrap();
        assert_eq!(ids[&id], value);
        let (id, value) = poll_fn(|cx| set.poll_join_next_with_id(cx)).await.unwrap().unwrap();
        assert_eq!(ids[&id], value);
        let (id, value) = set.try_join_next_with_id().unwrap().unwrap();
        assert_eq!(ids[&id], value);
        assert!(poll_fn(|cx| set.poll_join_next(cx)).await.unwrap().is_ok());
        assert!(poll_fn(|cx| set.poll_join_next(cx)).await.is_none());
    });
}

/// C4.6: closures in the blocking pool, tasks on another runtime, and tasks that stay on this thread
#[test]
fn a_set_spawns_in_every_way() {
    let elsewhere = multi_thread(1);
    let local = LocalSet::new();
    current_thread().block_on(local.run_until(async {
        let here = thread::current().id();
        let mut set = JoinSet::new();
        set.spawn(async { ("spawn", thread::current().id()) });
        set.spawn_on(async { ("spawn_on", thread::current().id()) }, elsewhere.handle());
        set.spawn_blocking(|| ("spawn_blocking", thread::current().id()));
        set.spawn_blocking_on(|| ("spawn_blocking_on", thread::current().id()), elsewhere.handle());
        let not_send = Rc::new(());
        set.spawn_local(async move {
            let _not_send = not_send;
            ("spawn_local", thread::current().id())
        });
        set.spawn_local_on(async { ("spawn_local_on", thread::current().id()) }, &local);
        let ran: HashMap<_, _> = set.join_all().await.into_iter().collect();
        let on_this_thread: BTreeSet<_> =
            ran.iter().filter(|(_, thread)| **thread == here).map(|(how, _)| *how).collect();
        assert_eq!(ran.len(), 6);
        assert_eq!(on_this_thread, BTreeSet::from(["spawn", "spawn_local", "spawn_local_on"]));
    }));
}

/// C4.6: `abort_all` leaves cancelled tasks to be joined, `shutdown` joins them too, dropping the set aborts
#[test]
fn a_set_ends_its_tasks() {
    current_thread().block_on(async {
        let alive = Arc::new(());
        let forever = || {
            let held = alive.clone();
            async move {
                let _held = held;
                pending::<()>().await;
            }
        };
        let mut set = JoinSet::new();
        set.spawn(forever());
        set.spawn(forever());
        set.abort_all();
        assert_eq!(set.len(), 2);
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());

        set.spawn(forever());
        set.spawn(forever());
        set.shutdown().await;
        assert!(set.is_empty());
        assert_eq!(Arc::strong_count(&alive), 1);

        set.spawn(forever());
        task::yield_now().await;
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(set);
        task::yield_now().await;
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}

/// C4.6, C4.7: an abort handle ends its one task; `detach_all` lets all go, and they outlive the set
#[test]
fn detached_tasks_outlive_their_set() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        let abort = set.spawn(pending::<()>());
        abort.abort();
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        assert!(abort.is_finished());

        let (go, wait) = oneshot::channel();
        let (done, end) = oneshot::channel();
        set.spawn(async move { done.send(wait.await.unwrap()).unwrap() });
        drop(set.spawn(pending::<()>()));
        set.detach_all();
        assert!(set.is_empty());
        drop(set);
        go.send("outlived").unwrap();
        assert_eq!(end.await.unwrap(), "outlived");
    });
}
