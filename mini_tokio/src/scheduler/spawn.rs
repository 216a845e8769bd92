//! Spawning: a future becomes a task of a runtime.

use std::future::Future;
use std::sync::Arc;

use super::event::Event;
use super::shared::Shared;
use crate::context;
use crate::runtime::TaskMeta;
use crate::task::{Header, Id, JoinHandle, Runnable, Schedule, Task, Urgency};

impl Shared {
    // ANCHOR: scheduler-spawn
    /// Makes the task, takes it into the registry and puts it into a queue. A runtime that shuts down cancels it instead.
    #[track_caller]
    pub(crate) fn spawn<F: Future<Output: Send + 'static> + Send + 'static>(
        self: &Arc<Self>,
        future: F,
    ) -> JoinHandle<F::Output> {
        // SAFETY: both are `Send`.
        unsafe { self.spawn_unchecked(future) }
    }

    /// # Safety
    ///
    /// The future and its output are `Send`, or the runtime's tasks are polled, cancelled and dropped on one thread
    /// (`TASK-7`).
    #[track_caller]
    pub(crate) unsafe fn spawn_unchecked<F: Future<Output: 'static> + 'static>(
        self: &Arc<Self>,
        future: F,
    ) -> JoinHandle<F::Output> {
        let header = Header::new(Id::next());
        let (id, at) = (header.id, header.spawned_at);
        let task = Task::new(future, header, self.clone());
        self.record(self.lane(), || Event::Spawned { task: id, by: context::current_task(), at: at.into() });
        self.config.hooks.on_spawn(&TaskMeta::of(task.header()));
        let handle = JoinHandle::new(task.clone());
        if self.registry.admit(&task) {
            self.schedule(task, Urgency::Next);
        } else {
            task.clone().abort();
            self.cancel(task, None);
        }
        handle
    }

    /// Runs `closure` on the blocking pool.
    #[track_caller]
    pub(crate) fn spawn_blocking<F, R>(self: &Arc<Self>, closure: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.blocking.spawn(closure, false)
    }
}
