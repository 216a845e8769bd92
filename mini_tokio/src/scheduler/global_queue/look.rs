//! What stands in the global queue, for who looks from outside.

use super::GlobalQueue;
use crate::task::Id;

impl GlobalQueue {
    /// The tasks that wait here, oldest first, for who looks inside.
    pub(crate) fn queued(&self) -> Vec<Id> {
        self.inner.lock().tasks.iter().map(|task| task.header().id).collect()
    }
}
