//! [`tasks`] and [`dump`]: what the tasks are at, told from inside the program.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::panic::Location;

use super::schedtrace;
use crate::runtime::Handle;
use crate::task::{Id, Runnable};

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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The task's id.
    pub id: Id,
    /// What [`task::Builder::name`](crate::task::Builder::name) called it.
    pub name: Option<Box<str>>,
    /// Where it was spawned.
    pub spawned_at: &'static Location<'static>,
    /// What it is at.
    pub state: TaskState,
    /// It was aborted, and its future will be dropped instead of polled.
    pub aborted: bool,
    /// Its `JoinHandle` is alive.
    pub joinable: bool,
    /// Somebody waits for its end.
    pub joined: bool,
}

impl TaskInfo {
    fn of(task: &dyn Runnable) -> Self {
        let (header, look) = (task.header(), task.header().state.look());
        let state = match (look.complete, look.running, look.scheduled) {
            (true, _, _) => TaskState::Complete,
            (_, true, true) => TaskState::RunningAndWoken,
            (_, true, false) => TaskState::Running,
            (_, false, true) => TaskState::Queued,
            (_, false, false) => TaskState::Waiting,
        };
        Self {
            id: header.id,
            name: header.name.clone(),
            spawned_at: header.spawned_at,
            state,
            aborted: look.cancelled,
            joinable: look.joinable,
            joined: look.joiner_waits,
        }
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map_or(String::new(), |name| format!(" \"{name}\""));
        write!(f, "task {}{name} {}, spawned at {}", self.id, self.state, self.spawned_at)?;
        f.write_str(if self.aborted { ", aborted" } else { "" })?;
        f.write_str(if self.joined { ", somebody awaits its end" } else { "" })
    }
}

/// The tasks of `runtime` that were not finished a moment ago, in the order of their ids. Blocking closures, and the tasks of
/// a `LocalSet`, are not in the registry of a runtime. Each entry was true at some moment of the call; they are not of one
/// moment.
///
/// Which `.await` a task stands at, its future alone knows: a debugger can read it there, the program cannot. (tokio's
/// `Handle::dump`, unstable, polls every task with a tracing waker to find out. This polls nothing, and stops nobody.)
pub fn tasks(runtime: &Handle) -> Vec<TaskInfo> {
    runtime.shared.registry.snapshot().iter().map(|task| TaskInfo::of(&**task)).collect()
}

/// What [`tasks`] tells and what the scheduler is at, as text for a log: a line for the scheduler, then a line a task, in
/// groups by state.
///
/// ```text
/// runtime 1: workers=2 running=1 parked=1 searching=0 queues=[0 0] global=0 tasks=3 timers=1 blocking: …
/// waits: 2
///   task 7 "listener" waits, spawned at src/main.rs:14:9
///   task 9 waits, spawned at src/main.rs:21:13, somebody awaits its end
/// runs: 1
///   task 12 runs, spawned at src/main.rs:30:9
/// ```
pub fn dump(runtime: &Handle) -> String {
    let shared = &runtime.shared;
    let mut text = schedtrace::line(shared) + "\n";
    let mut groups: BTreeMap<TaskState, Vec<TaskInfo>> = BTreeMap::new();
    for task in tasks(runtime) {
        groups.entry(task.state).or_default().push(task);
    }
    // Those that wait come first: they are what one looks for when nothing moves.
    for (state, tasks) in groups.iter().rev() {
        let _ = writeln!(text, "{state}: {}", tasks.len());
        for task in tasks {
            let _ = writeln!(text, "  {task}");
        }
    }
    text
}
