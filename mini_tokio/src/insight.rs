//! Figures for those who want to know how the scheduler works, and for which tokio has no name.
//!
//! Everything here is this project's own. What tokio counts as well is in [`RuntimeMetrics`](crate::runtime::RuntimeMetrics).

use std::path::Path;

pub use self::tasks::{TaskInfo, TaskState, dump, tasks, waits};
pub use crate::leaf::Wait;
use crate::runtime::{Builder, Handle};

mod inquiry;
pub(crate) mod runtimes;
pub(crate) mod schedtrace;
mod tasks;

/// Has every runtime that `builder` builds record its events to `path`, as `MINI_TOKIO_RECORD` would: see
/// [`recording`](crate::recording). (A function and no method: the builder has tokio's methods alone.)
///
/// While the program runs there is a second file beside it, `path.lanes`. If the program is killed it stays there, and holds the
/// last events; [`read_file`](crate::recording::read_file) reads both.
///
/// If the file cannot be made, `build` returns the error.
pub fn record_to(builder: &mut Builder, path: impl AsRef<Path>) -> &mut Builder {
    builder.config.record_to = Some(path.as_ref().to_owned());
    builder
}

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
