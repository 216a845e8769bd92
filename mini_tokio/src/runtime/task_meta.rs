//! [`TaskMeta`]: what a task hook is told of a task.

use std::marker::PhantomData;
use std::panic::Location;

use crate::task::{Header, Id};

/// What the functions given to [`Builder::on_task_spawn`](super::Builder::on_task_spawn) and its siblings are told of a task.
pub struct TaskMeta<'a> {
    id: Id,
    spawned_at: &'static Location<'static>,
    _task: PhantomData<&'a ()>,
}

impl TaskMeta<'_> {
    pub(crate) fn of(header: &Header) -> Self {
        Self { id: header.id, spawned_at: header.spawned_at, _task: PhantomData }
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Where in the program the task was spawned.
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }
}
