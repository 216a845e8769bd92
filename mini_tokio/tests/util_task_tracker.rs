//! `TaskTracker`: what counts, when `wait` ends, and what has happened by then.

use std::{
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use mini_tokio::{
    runtime::{Builder, LocalRuntime},
    util::{CancellationToken, TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture},
};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn is_ready<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn wait_ends_when_the_tracker_is_closed_and_empty_in_either_order() {
    for close_first in [true, false] {
        let tracker = TaskTracker::new();
        let token = tracker.token();
        let wakes = Arc::new(Wakes::default());
        let mut wait = Box::pin(tracker.wait());
        let waker = Waker::from(wakes.clone());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        if close_first {
            assert!(tracker.close());
            assert!(!is_ready(wait.as_mut()));
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            drop(token);
        } else {
            drop(token);
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            assert!(tracker.close());
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(is_ready(wait.as_mut()));
    }
}

#[test]
fn an_open_tracker_is_never_done() {
    let tracker = TaskTracker::new();
    assert!(tracker.is_empty() && !tracker.is_closed());
    assert!(!is_ready(Box::pin(tracker.wait()).as_mut()));
    assert!(tracker.close() && !tracker.close());
    assert!(is_ready(Box::pin(tracker.wait()).as_mut()));
    assert!(tracker.reopen() && !tracker.reopen());
    assert!(!is_ready(Box::pin(tracker.wait()).as_mut()));
}

#[test]
fn a_moment_of_closed_and_empty_is_enough() {
    let tracker = TaskTracker::new();
    let mut before = Box::pin(tracker.wait());
    tracker.close();
    tracker.reopen();
    let token = tracker.token();
    assert!(is_ready(before.as_mut()));
    assert!(!is_ready(Box::pin(tracker.wait()).as_mut()));
    drop(token);
}

#[test]
fn tokens_and_their_clones_count() {
    let tracker = TaskTracker::new();
    let token = tracker.token();
    let clone = token.clone();
    assert_eq!((tracker.len(), TaskTracker::ptr_eq(clone.task_tracker(), &tracker)), (2, true));
    assert!(!TaskTracker::ptr_eq(&tracker, &TaskTracker::default()));
    drop((token, clone));
    assert!(tracker.is_empty());
}

#[test]
fn a_tracked_future_counts_until_it_is_dropped_and_is_dropped_first() {
    struct Notes(TaskTracker, Arc<AtomicUsize>);
    impl Drop for Notes {
        fn drop(&mut self) {
            self.1.store(self.0.len(), Ordering::Relaxed);
        }
    }
    let (tracker, at_drop) = (TaskTracker::new(), Arc::new(AtomicUsize::new(0)));
    let notes = Notes(tracker.clone(), at_drop.clone());
    let mut future = Box::pin(tracker.track_future(async move {
        let _notes = &notes;
        5
    }));
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(5));
    assert_eq!(tracker.len(), 1);
    drop(future);
    assert_eq!((tracker.len(), at_drop.load(Ordering::Relaxed)), (0, 1));
}

#[mini_tokio::test]
async fn every_way_to_spawn_is_tracked() {
    let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
    let stops = || {
        let token = token.clone();
        async move { token.cancelled().await }
    };
    let (start, started) = std::sync::mpsc::channel::<()>();
    let handle = mini_tokio::runtime::Handle::current();
    let spawned = tracker.spawn(stops());
    let spawned_on = tracker.spawn_on(stops(), &handle);
    let panics = tracker.spawn(async { panic!("a task that panics") });
    let aborted = tracker.spawn(std::future::pending::<()>());
    let blocking = tracker.spawn_blocking(move || started.recv().is_ok());
    let blocking_on = tracker.spawn_blocking_on(|| 7, &handle);
    assert!(tracker.len() >= 5);
    tracker.close();
    token.cancel();
    aborted.abort();
    start.send(()).unwrap();
    tracker.wait().await;
    assert!(tracker.is_empty());
    assert!(spawned.await.is_ok() && spawned_on.await.is_ok());
    assert!(panics.await.unwrap_err().is_panic() && aborted.await.unwrap_err().is_cancelled());
    assert!(blocking.await.unwrap());
    assert_eq!(blocking_on.await.unwrap(), 7);
}

#[test]
fn local_tasks_are_tracked() {
    let runtime: LocalRuntime = Builder::new_current_thread().build_local(Default::default()).unwrap();
    runtime.block_on(async {
        let tracker = TaskTracker::new();
        let not_send = std::rc::Rc::new(5);
        let task = tracker.spawn_local(async move { *not_send });
        assert_eq!(tracker.len(), 1);
        tracker.close();
        tracker.wait().await;
        assert_eq!(task.await.unwrap(), 5);
    });
}

/// A closure of the blocking pool that never runs is dropped before it stops counting.
#[test]
fn a_closure_dropped_unrun_counts_until_all_it_owns_is_dropped() {
    struct Notes(TaskTracker, Arc<AtomicBool>);
    impl Drop for Notes {
        fn drop(&mut self) {
            self.1.store(!self.0.is_empty(), Ordering::Relaxed);
        }
    }
    let (tracker, counted) = (TaskTracker::new(), Arc::new(AtomicBool::new(false)));
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    drop(runtime);
    let notes = Notes(tracker.clone(), counted.clone());
    let task = tracker.spawn_blocking_on(move || drop(notes), &handle);
    assert!(futures::executor::block_on(task).unwrap_err().is_cancelled());
    assert!(counted.load(Ordering::Relaxed) && tracker.is_empty());
}

#[test]
fn a_tracker_tells_its_state() {
    let tracker = TaskTracker::new();
    let token = tracker.token();
    tracker.close();
    let text = format!("{tracker:?} {token:?} {:?}", tracker.wait());
    assert!(text.starts_with("TaskTracker { len: 1, is_closed: true, inner: 0x"), "{text}");
    assert!(text.contains("TaskTrackerToken { len: 1,") && text.contains("TaskTrackerWaitFuture { task_tracker: "));
}

#[test]
fn trackers_and_futures_have_the_auto_traits_of_tokio_util() {
    fn shared<T: Send + Sync>() {}
    fn movable<T: Unpin + UnwindSafe + RefUnwindSafe>() {}
    shared::<(TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture<'_>, TrackedFuture<std::future::Ready<u8>>)>();
    movable::<(TaskTracker, TaskTrackerToken, TrackedFuture<std::future::Ready<u8>>)>();
}
