//! Figures for those who want to know how the scheduler works, and for which tokio has no name.
//!
//! Everything here is this project's own. What tokio counts as well is in [`RuntimeMetrics`](crate::runtime::RuntimeMetrics).

pub(crate) mod runtimes;

use std::panic::Location;

use crate::runtime::Handle;
use crate::task::Id;

/// Where a worker found the tasks that it polled, each poll counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PollSources {
    /// In its own LIFO slot: just woken, and most likely with its data still in cache.
    pub lifo: u64,
    /// In its own local queue.
    pub local: u64,
    /// In the queue that all workers share; the first task of a share, the others of it count as local.
    pub global: u64,
    /// In the local queue of another worker; the first task of a theft, the others of it count as local.
    pub stolen: u64,
}

impl PollSources {
    /// All polls.
    pub fn total(&self) -> u64 {
        self.lifo + self.local + self.global + self.stolen
    }
}

/// Where worker `worker` of `runtime` found the tasks that it polled; true as of a moment ago, exact once the runtime is gone.
///
/// # Panics
///
/// If there is no such worker.
#[track_caller]
pub fn poll_sources(runtime: &Handle, worker: usize) -> PollSources {
    let stats = runtime.shared.stats(worker);
    PollSources {
        lifo: stats.polls_from_lifo.get(),
        local: stats.polls_from_local.get(),
        global: stats.polls_from_global.get(),
        stolen: stats.polls_from_steal.get(),
    }
}

/// What the registry of a runtime knows of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The task's id.
    pub id: Id,
    /// What [`task::Builder::name`](crate::task::Builder::name) called it.
    pub name: Option<Box<str>>,
    /// Where it was spawned.
    pub spawned_at: &'static Location<'static>,
}

/// The tasks of `runtime` that were not finished a moment ago, in the order of their ids. Blocking closures, and the tasks of
/// a `LocalSet`, are not in the registry of a runtime.
pub fn tasks(runtime: &Handle) -> Vec<TaskInfo> {
    let tasks = runtime.shared.registry.snapshot();
    tasks.iter().map(|task| task.header()).map(info_of).collect()
}

fn info_of(header: &crate::task::Header) -> TaskInfo {
    TaskInfo { id: header.id, name: header.name.clone(), spawned_at: header.spawned_at }
}
