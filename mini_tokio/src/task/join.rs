//! [`JoinHandle`]: the one claim on a task's output.

use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use super::state::Join;
use super::{AbortHandle, Id, JoinError, Joinable};
use crate::coop;

/// Waits for a spawned task and yields its output.
///
/// The task runs whether or not the handle is awaited. Dropping the handle detaches the task: it runs on, and its output is
/// dropped when it comes. Awaiting is cancel safe: a handle that is polled and then left alone loses nothing.
///
/// # Errors
///
/// A [`JoinError`] if the task panicked, was aborted, or its runtime shut down first.
///
/// # Panics
///
/// If polled again after it yielded the output.
pub struct JoinHandle<T> {
    /// The task's own reference; see `TASK-8` for who drops it.
    task: ManuallyDrop<Arc<dyn Joinable<T>>>,
}

// SAFETY: of a `T` the handle gives out only the value itself, once, so it crosses threads if `T` may.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared handle gives no access to the output.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}
impl<T> Unpin for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// The one handle of a new task, which may be complete by now. `own` is the task's own reference.
    pub(crate) fn new<J: Joinable<T> + 'static>(own: ManuallyDrop<Arc<J>>) -> Self {
        Self { task: ManuallyDrop::new(ManuallyDrop::<Arc<J>>::into_inner(own)) }
    }

    /// Asks the task to end at its next `.await`; joining it then yields a cancelled [`JoinError`].
    ///
    /// A task that is running goes on until it waits, and may finish first; one that is complete is not affected. A blocking
    /// closure that has started cannot be aborted.
    pub fn abort(&self) {
        Arc::clone(&self.task).abort();
    }

    /// Whether the task is complete, also by panic or abort. A task that was just aborted may not be yet.
    pub fn is_finished(&self) -> bool {
        self.task.header().state.is_complete()
    }

    /// Has `waker` woken when the task completes. True if it is complete already.
    pub(super) fn watch(&self, waker: &Waker) -> bool {
        self.task.watch(waker) == Join::Complete
    }

    /// The output of a task that is complete.
    pub(super) fn take_output(&self) -> Result<T, JoinError> {
        self.task.take_output()
    }

    /// A handle that can abort the task and cannot join it.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(Arc::clone(&self.task).into_runnable())
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.task.header().id
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(coop::proceed(cx, || format!("join of task {}", self.id()).into()));
        if !self.watch(cx.waker()) {
            return Poll::Pending;
        }
        budget.made_progress();
        Poll::Ready(self.take_output())
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if self.task.drop_join_handle() {
            // SAFETY: TASK-8, the task is complete and left its reference to its joiner, who goes.
            unsafe { ManuallyDrop::drop(&mut self.task) };
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id()).finish()
    }
}
