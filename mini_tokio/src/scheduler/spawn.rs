//! Spawning: a future becomes a task of a runtime.

use std::future::Future;
use std::sync::Arc;

use super::shared::Shared;
use crate::runtime::TaskMeta;
use crate::task::{Header, JoinHandle, Runnable, Schedule, Task, TaskRef, Urgency};

impl Shared {
    // ANCHOR: scheduler-spawn
    /// Makes the task, takes it into the registry and puts it into a queue. A runtime that shuts down cancels it instead.
    #[inline]
    #[track_caller]
    pub(crate) fn spawn<F: Future<Output: Send + 'static> + Send + 'static>(
        self: Arc<Self>,
        future: F,
        name: Option<&str>,
    ) -> JoinHandle<F::Output> {
        // SAFETY: both are `Send`.
        unsafe { self.spawn_unchecked(future, name) }
    }

    /// # Safety
    ///
    /// The future and its output are `Send`, or the runtime's tasks are polled, cancelled and dropped on one thread
    /// (`TASK-7`).
    #[inline]
    #[track_caller]
    pub(crate) unsafe fn spawn_unchecked<F: Future<Output: 'static> + 'static>(
        self: Arc<Self>,
        future: F,
        name: Option<&str>,
    ) -> JoinHandle<F::Output> {
        let header = Header::new(name);
        self.config.hooks.on_spawn(&TaskMeta::of(&header));
        let task = Task::new(future, header, self);
        task.scheduler.note_spawn(task.header());
        if task.scheduler.registry.admit(&task) {
            Schedule::schedule(&task, Urgency::New);
        } else {
            Arc::clone(&task).abort();
            task.scheduler.cancel(TaskRef::new(&task), None);
        }
        JoinHandle::new(task)
    }
}
