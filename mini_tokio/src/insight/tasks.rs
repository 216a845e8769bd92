//! [`tasks`], [`waits`] and [`dump`]: what the tasks are at, told from inside the program.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::panic::Location;

use super::{inquiry, schedtrace};
use crate::leaf::Wait;
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
    /// What it waits for, if it was asked: by [`waits`], not by [`tasks`]. Empty, if by nothing of this library.
    pub waits_for: Option<Vec<Wait>>,
}

impl TaskInfo {
    pub(super) fn of(task: &dyn Runnable) -> Self {
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
            waits_for: None,
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
/// This polls nothing, and stops nobody. What the tasks wait for is known to their futures alone: see [`waits`].
pub fn tasks(runtime: &Handle) -> Vec<TaskInfo> {
    runtime.shared.registry.snapshot().iter().map(|task| TaskInfo::of(&**task)).collect()
}

/// The same, and what each task waits for that does. None if no worker had time to ask them for a second: they are all busy,
/// or nobody drives the runtime.
///
/// A future cannot be asked, only polled. So each idle task is polled once, without any cooperative budget
/// ([`task::coop`](crate::task::coop)): it stops at the first operation of this library in each of its branches, says which
/// that is, and is polled again in its turn. Nothing becomes ready by it that would not have otherwise, and a task sees no
/// more of it than of a wake for nothing, which every future has to bear.
///
/// Tasks are polled on a worker of their runtime: on this thread, if it is one (so hold no lock that a task may take), or if
/// the runtime is a [stepper](crate::stepper)'s; otherwise this blocks until a worker has done it.
///
/// # What it cannot see
///
/// A task that waits for something of another library alone has nothing to say. Sets of futures that poll only those of
/// their members which were woken (`FuturesUnordered`) have nothing to say either. A place is where the operation is awaited;
/// the functions that await that function are known to a debugger.
///
/// (The idea is that of tokio's `Handle::dump`, unstable, which is awaited, and shows stack traces.)
pub fn waits(runtime: &Handle) -> Option<Vec<TaskInfo>> {
    inquiry::ask_all(runtime)
}

/// What the scheduler is at, and what [`waits`] tells, as text for a log: a line for the scheduler, then the tasks, in groups
/// by state, and beneath a task what it waits for. Where no worker had time to ask, what [`tasks`] tells.
///
/// ```text
/// runtime 1: workers=2 running=1 parked=1 searching=0 queues=[0 0] global=0 tasks=3 timers=1 blocking: …
/// waits: 2
///   task 7 "listener" waits, spawned at src/main.rs:14:9
///     for socket 9, to become readable at src/net.rs:51:40
///     for sleep, over in 4.998s at src/net.rs:48:5
///   task 9 waits, spawned at src/main.rs:21:13, somebody awaits its end
///     for Mutex::lock at src/ledger.rs:12:27
/// runs: 1
///   task 12 runs, spawned at src/main.rs:30:9
/// ```
pub fn dump(runtime: &Handle) -> String {
    let shared = &runtime.shared;
    let mut text = schedtrace::line(shared) + "\n";
    let tasks = waits(runtime).unwrap_or_else(|| {
        text.push_str("no worker had time: what tasks wait for is not known\n");
        tasks(runtime)
    });
    let mut groups: BTreeMap<TaskState, Vec<TaskInfo>> = BTreeMap::new();
    for task in tasks {
        groups.entry(task.state).or_default().push(task);
    }
    // Those that wait come first: they are what one looks for when nothing moves.
    for (state, tasks) in groups.iter().rev() {
        let _ = writeln!(text, "{state}: {}", tasks.len());
        for task in tasks {
            let _ = writeln!(text, "  {task}");
            let Some(waits) = &task.waits_for else { continue };
            for wait in waits {
                let _ = writeln!(text, "    for {wait}");
            }
            if waits.is_empty() {
                let _ = writeln!(text, "    for something of another library");
            }
        }
    }
    text
}
