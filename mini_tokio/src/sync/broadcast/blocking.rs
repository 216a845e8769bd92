//! Waiting for a future on a thread that runs no tasks.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use crate::context::{self, Entered};

/// A thread as a task: its waker ends its sleep.
struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Sleeps until `future` is ready.
///
/// # Panics
/// On a thread that drives tasks.
#[track_caller]
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    assert!(
        context::entered() == Entered::No,
        "Cannot block the current thread from within a runtime. This happens because a function attempted to block the \
         current thread while the thread is being used to drive asynchronous tasks."
    );
    let waker = Waker::from(Arc::new(Sleeper(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // An unpark that comes first is remembered; one that was not meant for us costs a poll.
        thread::park();
    }
}
