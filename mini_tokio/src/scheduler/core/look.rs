//! What a worker holds, for who looks from outside.

use super::{Core, LocalQueue, TaskRef};
use crate::task::Id;

impl Core {
    /// The task in the LIFO slot, those in the local queue and those that yielded, for who looks inside.
    pub(crate) fn queued(&self) -> (Option<Id>, Vec<Id>, Vec<Id>) {
        let id = |task: &TaskRef| task.header().id;
        let mut local = Vec::new();
        match &self.local {
            LocalQueue::Ring(ring) => ring.for_each(|task| local.push(id(task))),
            LocalQueue::Private(queue) => local.extend(queue.iter().map(id)),
        }
        (self.lifo.as_ref().map(id), local, self.deferred.iter().map(id).collect())
    }
}
