//! Spawning: a future becomes a task of a runtime.

use std::future::Future;
use std::sync::Arc;

use super::event::Event;
use super::shared::Shared;
use crate::context;
use crate::runtime::TaskMeta;
use crate::task::{Header, JoinHandle, Runnable, Schedule, Task, Urgency};

impl Shared {
    // ANCHOR: scheduler-spawn
    /// Makes the task, takes it into the registry and puts it into a queue. A runtime that shuts down cancels it instead.
    #[track_caller]
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F, name: Option<&str>) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // SAFETY: both are `Send`.
        unsafe { self.spawn_unchecked(future, name) }
    }

    /// # Safety
    ///
    /// The future and its output are `Send`, or the runtime's tasks are polled, cancelled and dropped on one thread
    /// (`TASK-7`).
    #[track_caller]
    pub(crate) unsafe fn spawn_unchecked<F>(self: &Arc<Self>, future: F, name: Option<&str>) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let header = Header::new(name);
        let (id, at) = (header.id, header.spawned_at);
        let task = Task::new(future, header, self.clone());
        self.record(self.lane(), || Event::Spawned { task: id, by: context::current_task(), at });
        self.config.hooks.on_spawn(&TaskMeta::of(task.header()));
        let handle = JoinHandle::new(task.clone());
        if self.registry.admit(&task) {
            self.schedule(task, Urgency::Next);
        } else {
            task.clone().abort();
            task.run();
        }
        handle
    }

    /// Runs `closure` on the blocking pool.
    #[track_caller]
    pub(crate) fn spawn_blocking<F, R>(self: &Arc<Self>, closure: F, name: Option<&str>) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let handle = self.blocking.spawn(closure, name, false);
        self.record(self.lane(), || Event::BlockingJob { task: handle.id() });
        handle
    }
}
