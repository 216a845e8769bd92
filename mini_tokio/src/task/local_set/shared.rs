//! The part of a `LocalSet` that its tasks and their wakers hold: a scheduler of one queue.
//!
//! * `LOCALSET-1` The set is neither `Send` nor `Sync`, and tasks are spawned, polled, cancelled and dropped only by its
//!   methods and by `spawn_local` under its guard. So they never leave its thread (`TASK-7`). Other threads only push
//!   references to tasks into the inbox.
//! * `LOCALSET-2` The set is not dropped while one of its tasks runs: who runs it borrows the set. So when the drop is over the
//!   registry is empty, and no task is left that could be woken.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use crate::coop::{self, Budget};
use crate::runtime::Id;
use crate::task::inbox::Inbox;
use crate::task::{Header, JoinHandle, Registry, Runnable, Schedule, Task, TaskRef, Urgency};

pub(super) struct Shared {
    pub(super) id: Id,
    owner: ThreadId,
    pub(super) registry: Registry,
    pub(super) inbox: Inbox<TaskRef>,
    /// A panic of a task ends the set.
    pub(super) shutdown_on_panic: bool,
    /// Set and acted on by the owner alone, hence Relaxed.
    panicked: AtomicBool,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            id: Id::next(),
            owner: thread::current().id(),
            registry: Registry::new(1),
            inbox: Inbox::new(),
            shutdown_on_panic: false,
            panicked: AtomicBool::new(false),
        }
    }

    /// Only on the owner's thread; who can call this is on it by `LOCALSET-1`.
    #[track_caller]
    pub(super) fn spawn<F>(self: &Arc<Self>, future: F, name: Option<&str>) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        debug_assert_eq!(self.owner, thread::current().id(), "LOCALSET-1");
        let task = Task::new(future, Header::new(name), self.clone());
        if self.registry.admit(&task) {
            self.inbox.push(TaskRef::new(&task));
        } else {
            Arc::clone(&task).abort();
            TaskRef::new(&task).run();
        }
        JoinHandle::new(task)
    }

    // ANCHOR: localset-run
    /// Runs a task that came out of the inbox, with a budget of its own.
    ///
    /// # Panics
    ///
    /// If a task has panicked, and the set is to end in that case.
    #[track_caller]
    pub(super) fn run(&self, task: TaskRef) {
        coop::with_budget(Budget::initial(), || task.run());
        self.check_panicked();
    }

    #[track_caller]
    pub(super) fn check_panicked(&self) {
        assert!(
            !self.panicked.load(Relaxed),
            "a spawned task panicked and the LocalSet is configured to shutdown on unhandled panic"
        );
    }

    // ANCHOR: localset-close
    /// Cancels all tasks, and returns when all are dropped (`LOCALSET-2`).
    pub(super) fn close(&self) {
        self.registry.close();
        self.registry.snapshot().into_iter().for_each(Runnable::abort);
        loop {
            while let Some(task) = self.inbox.pop() {
                task.run();
            }
            if self.registry.len() == 0 {
                break;
            }
            // A thread that woke or aborted a task just now still carries it to the inbox. Only we may drop it.
            thread::yield_now();
        }
        drop(self.inbox.rouse());
    }
}

impl Schedule for Arc<Shared> {
    fn schedule<F: Future<Output: 'static> + 'static>(task: &Arc<Task<F, Self>>, _urgency: Urgency) {
        let set = task.scheduler.clone(); // the task may be gone as soon as it is pushed
        set.inbox.push(TaskRef::new(task));
    }

    fn release(&self, header: &Header) {
        self.registry.release(header);
    }

    fn task_panicked(&self) {
        if self.shutdown_on_panic {
            self.panicked.store(true, Relaxed);
        }
    }
}
