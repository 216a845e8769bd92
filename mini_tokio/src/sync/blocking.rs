//! The `blocking_…` methods: a plain thread waits for what a task would await.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    thread::{self, Thread},
};

use futures::task::{ArcWake, waker};

use crate::context::{self, Entered};

/// A thread as a task: to wake it is to unpark it.
struct Sleeper(Thread);

impl ArcWake for Sleeper {
    fn wake_by_ref(sleeper: &Arc<Self>) {
        sleeper.0.unpark();
    }
}

/// Polls `future` until it is ready, and sleeps between polls.
///
/// # Panics
/// On a thread that drives futures, as the others would not run in the meantime.
#[track_caller]
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    assert!(
        context::entered() == Entered::No,
        "Cannot block the current thread from within a runtime. This happens because a function attempted to block the \
         current thread while the thread is being used to drive asynchronous tasks."
    );
    let mut future = pin!(future);
    let waker = waker(Arc::new(Sleeper(thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // Parking remembers an unpark that came first. One that was meant for somebody else costs a poll.
        thread::park();
    }
}
