//! What counts as a task.

use std::{fmt, sync::Arc};
#[cfg(not(loom))]
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(not(loom))]
use pin_project_lite::pin_project;

use super::{Shared, TaskTracker, describe};

/// Counts as one task of a [`TaskTracker`] as long as it lives. A clone counts as another.
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    pub(super) fn new(tracker: &TaskTracker) -> Self {
        tracker.shared.state.enter();
        Self { tracker: tracker.clone() }
    }

    /// The tracker that this is a token of.
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.tracker.shared
    }
}

impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        Self::new(&self.tracker)
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        let became = self.shared().state.leave();
        self.shared().announce(became);
    }
}

impl fmt::Debug for TaskTrackerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe("TaskTrackerToken", self.shared(), f)
    }
}

#[cfg(not(loom))]
pin_project! {
    /// A future that counts as a task of a [`TaskTracker`] until it is dropped. Made by [`TaskTracker::track_future`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TrackedFuture<F> {
        // In this order: the future is dropped before its token (TRACKER-3).
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

#[cfg(not(loom))]
impl<F> TrackedFuture<F> {
    pub(super) fn new(future: F, token: TaskTrackerToken) -> Self {
        Self { future, token }
    }
}

#[cfg(not(loom))]
impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

#[cfg(not(loom))]
impl<F: fmt::Debug> fmt::Debug for TrackedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracker = self.token.task_tracker();
        f.debug_struct("TrackedFuture").field("future", &self.future).field("task_tracker", tracker).finish()
    }
}
