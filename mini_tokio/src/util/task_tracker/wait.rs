//! The future that waits for the end of all tasks.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Shared, describe};
use crate::sync::futures::Notified;

pin_project! {
    /// The future of [`TaskTracker::wait`](super::TaskTracker::wait). Once ready, it stays ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct TaskTrackerWaitFuture<'a> {
        #[pin]
        notified: Notified<'a>,
        shared: &'a Arc<Shared>,
        finished: bool,
    }
}

impl<'a> TaskTrackerWaitFuture<'a> {
    pub(super) fn new(shared: &'a Arc<Shared>) -> Self {
        #[cfg(bug_tracker_look_before_listen)]
        let finished = shared.state.load().is_finished();
        let notified = shared.finished.notified();
        #[cfg(not(bug_tracker_look_before_listen))]
        let finished = shared.state.load().is_finished(); // after the line above: TRACKER-2
        Self { notified, shared, finished }
    }
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if *this.finished {
            return Poll::Ready(());
        }
        // A later moment of "closed and empty" comes by the notification, even if it has passed again.
        this.notified.poll(cx)
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Tracker<'a>(&'a Arc<Shared>);
        impl fmt::Debug for Tracker<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                describe("TaskTracker", self.0, f)
            }
        }
        f.debug_struct("TaskTrackerWaitFuture").field("task_tracker", &Tracker(self.shared)).finish()
    }
}
