//! What loom explores of the tracker. A lost wake-up shows as a deadlock.

use std::{
    future::Future,
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll, Wake, Waker},
};

use loom::thread;

use super::*;

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// The future is forgotten if the model fails on the way: its drop takes a lock, and loom answers that with a second
/// panic, which would end the process and the report.
fn block_on<F: Future>(future: Pin<Box<F>>) -> F::Output {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut future = ManuallyDrop::new(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            drop(ManuallyDrop::into_inner(future));
            return output;
        }
        sleeper.0.wait();
    }
}

/// `bug_tracker_look_before_listen`: close, and two tasks that end, in any order; one of the three is the last.
#[test]
fn whoever_finishes_the_group_wakes_who_waits() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let tracker = TaskTracker::new();
        let tokens = [tracker.token(), tracker.token()];
        let threads = tokens.map(|token| thread::spawn(move || drop(token)));
        let waiter = tracker.clone();
        assert!(tracker.close());
        block_on(Box::pin(waiter.wait()));
        assert_eq!(tracker.len(), 0);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
