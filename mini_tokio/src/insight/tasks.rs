//! [`tasks`]: a list of all tasks from inside the program.

use std::fmt;

use crate::recording::Site;
use crate::runtime::Handle;
use crate::task::Id;

/// What a task is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// A worker polls it.
    Running,
    /// A worker polls it, and it was woken meanwhile: it will be polled again.
    RunningAndWoken,
    /// It stands in a queue, or is on its way there.
    Queued,
    /// It waits for a wake.
    Waiting,
    /// Its future is gone.
    Complete,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "runs",
            Self::RunningAndWoken => "runs, was woken",
            Self::Queued => "is queued",
            Self::Waiting => "waits",
            Self::Complete => "is complete",
        })
    }
}

/// What is known of a task without a debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskInfo {
    /// Its id.
    pub id: Id,
    /// What it is at.
    pub state: TaskState,
    /// It was aborted, and its future will be dropped instead of polled.
    pub aborted: bool,
    /// Its `JoinHandle` is alive.
    pub joinable: bool,
    /// Somebody waits for its end.
    pub joined: bool,
    /// Where it was spawned.
    pub spawned_at: Site,
}

/// The tasks of a runtime, in the order of their ids. [`Display`](fmt::Display) prints a line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tasks(
    /// One entry a task.
    pub Vec<TaskInfo>,
);

/// Every task of `runtime` that is alive, without closures on the blocking pool. Each entry was true at some moment of the
/// call; they are not of one moment.
///
/// Which `.await` a task stands at, its future alone knows: a debugger can read it there, the program cannot. (tokio's
/// `Handle::dump`, unstable, polls every task with a tracing waker to find out. This polls nothing, and stops nobody.)
pub fn tasks(runtime: &Handle) -> Tasks {
    let info = |task: std::sync::Arc<dyn crate::task::Runnable>| {
        let (header, look) = (task.header(), task.header().state.look());
        let state = match (look.complete, look.running, look.scheduled) {
            (true, _, _) => TaskState::Complete,
            (_, true, true) => TaskState::RunningAndWoken,
            (_, true, false) => TaskState::Running,
            (_, false, true) => TaskState::Queued,
            (_, false, false) => TaskState::Waiting,
        };
        TaskInfo {
            id: header.id,
            state,
            aborted: look.cancelled,
            joinable: look.joinable,
            joined: look.joiner_waits,
            spawned_at: header.spawned_at.into(),
        }
    };
    Tasks(runtime.shared.registry.snapshot().into_iter().map(info).collect())
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} tasks", self.0.len())?;
        for task in &self.0 {
            let (aborted, joined) =
                (if task.aborted { ", aborted" } else { "" }, if task.joined { ", is being joined" } else { "" });
            writeln!(f, "task {:<6} {:<15} spawned at {}{aborted}{joined}", task.id, task.state, task.spawned_at)?;
        }
        Ok(())
    }
}
