//! [`AbortHandle`]: permission to end a task.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::{Id, Runnable};

/// Ends a task from afar. Cloning is cheap; dropping it cancels nothing.
#[derive(Clone)]
pub struct AbortHandle {
    task: Arc<dyn Runnable>,
}

impl UnwindSafe for AbortHandle {}
impl RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    pub(crate) fn new(task: Arc<dyn Runnable>) -> Self {
        Self { task }
    }

    /// Asks the task to end at its next `.await`; see [`JoinHandle::abort`](super::JoinHandle::abort).
    pub fn abort(&self) {
        self.task.clone().abort();
    }

    /// Whether the task is complete, also by panic or abort.
    pub fn is_finished(&self) -> bool {
        self.task.header().state.is_complete()
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.task.header().id
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("id", &self.id()).finish()
    }
}
