//! Who asks the tasks what they wait for: a worker of their runtime, or the thread that steps them.
//!
//! Asking is polling, and a task of a runtime is polled by its workers alone: they have what the program set up for their
//! threads, and those of a current-thread runtime never run side by side. So a dump that is called elsewhere sends a task that
//! asks, and waits for its answer; but not for ever, for the workers may be what is stuck.
//!
//! To ask an idle task, the asker does what a waker and a worker do: it turns the word from idle to scheduled, keeps the
//! reference in its hand instead of putting it into a queue (`TASK-1` allows both), and runs it. A task that is queued or runs
//! is not asked; it is about to wait for something else. Each task that was stopped is woken by that (`COOP-2`), and polled
//! again in its turn, so a dump costs every task two polls.
//!
//! A recording shows that a task was woken and queued, and not the poll in between; a task that ends in that poll (its last
//! wait was for another library's wake, and over) is not seen to end there.
//!
//! What the leaves do is told in [`leaf`].

use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::tasks::{TaskInfo, TaskState};
use crate::runtime::{Handle, TaskMeta, config::Flavor};
use crate::scheduler::Shared;
use crate::task::{Runnable, Schedule, state::Wake, uncounted};
use crate::{context, coop, leaf};

/// How long to wait for a worker that has time.
const PATIENCE: Duration = Duration::from_secs(1);

/// All tasks, those that are idle asked; None if no worker had time.
pub(super) fn ask_all(runtime: &Handle) -> Option<Vec<TaskInfo>> {
    if runtime.shared.config.flavor == Flavor::Stepper || on_a_worker_of(&runtime.shared) {
        let _current = runtime.enter();
        return Some(all(&runtime.shared));
    }
    let (answer, answered) = mpsc::sync_channel(1);
    let shared = runtime.shared.clone();
    let asker = runtime.spawn(async move {
        let _ = answer.send(all(&shared));
    });
    let answer = answered.recv_timeout(PATIENCE).ok();
    asker.abort(); // nobody listens any more, should it still stand in a queue
    answer
}

fn on_a_worker_of(shared: &Arc<Shared>) -> bool {
    context::with_core(|core| core.is_some_and(|core| Arc::ptr_eq(&core.home, shared)))
}

fn all(shared: &Arc<Shared>) -> Vec<TaskInfo> {
    // The registry's locks are free again: whatever the tasks do, they do it under none.
    let asks = |task: &Arc<dyn Runnable>| task.header().spawned_at.file() == file!();
    shared.registry.snapshot().into_iter().filter(|task| !asks(task)).map(|task| ask(shared, task)).collect()
}

// ANCHOR: insight-ask
/// What a task is at; if it waits, for what. It runs with a budget of nothing, and each leaf at which it stops leaves a note.
fn ask(shared: &Arc<Shared>, task: Arc<dyn Runnable>) -> TaskInfo {
    let mut info = TaskInfo::of(&*task);
    let (header, meta) = (task.header(), TaskMeta::of(task.header()));
    if info.state == TaskState::Waiting && header.state.wake() == Wake::Submit {
        shared.note_wake(header);
        let hooks = &shared.config.hooks;
        let poll = || {
            hooks.before_poll(&meta);
            coop::with_budget(coop::Budget::none(), || uncounted(&task).run());
            hooks.after_poll(&meta);
        };
        info.waits_for = Some(leaf::ask(info.id, poll));
    }
    info
}
