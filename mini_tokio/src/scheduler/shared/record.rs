//! How the scheduler tells its events to the recorder, if there is one.
//!
//! Who does not record pays a test for each site. So a site is inlined as that test alone, whatever the compiler thinks of it; what
//! it needs to tell is looked up behind the test, and all the rest is in functions that are never inlined there. (A step, whose poll
//! is most of what happens, has a copy of its own for who records, `step_told`; into that the recorder is inlined.)

use std::sync::Arc;

use super::Shared;
use crate::context;
use crate::recording::Recorder;
use crate::scheduler::Core;
use crate::scheduler::event::{Event, Queue, Source};
use crate::scheduler::worker::{Step, Worker};
use crate::task::{Header, Id, Outcome, TaskRef, Urgency};

impl Shared {
    #[inline(always)]
    pub(crate) fn record(&self, lane: Option<usize>, event: impl FnOnce() -> Event) {
        if let Some(recorder) = &self.recorder {
            told(recorder, lane, event);
        }
    }

    /// In the lane of this thread.
    #[inline(always)]
    pub(crate) fn record_here(self: &Arc<Self>, event: impl FnOnce() -> Event) {
        if let Some(recorder) = &self.recorder {
            told_here(self, recorder, event);
        }
    }

    /// `TOLD`, here and below: false if there is no recorder.
    #[inline(always)]
    pub(crate) fn note_poll_start<const TOLD: bool>(&self, core: &Core, task: Id, from: Source) {
        if TOLD && let Some(recorder) = &self.recorder {
            recorder.poll_started(core.index, task, from, core.tick);
        }
    }

    /// `core`: None if the worker of this thread is somebody else's by now.
    #[inline(always)]
    pub(crate) fn note_poll_end<const TOLD: bool>(
        &self,
        core: Option<&Core>,
        worker: usize,
        task: Id,
        outcome: Outcome,
    ) {
        if TOLD && let Some(recorder) = &self.recorder {
            recorder.poll_ended(core.map(|core| core.index), worker, task, outcome);
        }
    }

    #[inline(always)]
    pub(crate) fn note_drivers(&self, worker: usize) {
        if let Some(recorder) = &self.recorder {
            recorder.polled_drivers(worker);
        }
    }

    #[inline(always)]
    pub(crate) fn note_deferred<const TOLD: bool>(&self, worker: usize, task: &TaskRef) {
        if TOLD && let Some(recorder) = &self.recorder {
            recorder.deferred(worker, task.header().id);
        }
    }

    /// Before `task` is in a queue of `worker` (`EVENT-1`). That of a new one is told with its spawn.
    #[inline(always)]
    pub(crate) fn note_push<const TOLD: bool>(&self, worker: usize, task: &TaskRef, queue: Queue) {
        if TOLD && let Some(recorder) = &self.recorder {
            recorder.pushed(worker, task.header().id, queue);
        }
    }

    /// The same from outside the workers, to the global queue.
    #[inline(always)]
    pub(crate) fn note_push_global(&self, task: &TaskRef, urgency: Urgency) {
        if urgency != Urgency::New {
            self.record(None, || Event::Pushed { task: task.header().id, queue: Queue::Global });
        }
    }

    /// Before the task is in a queue, and right before it is put there: nobody's code runs in between (`EVENT-1`). If the runtime
    /// takes no tasks just from now on, the next event is that it is cancelled.
    #[inline(always)]
    pub(crate) fn note_spawn(self: &Arc<Self>, spawned: &Header) {
        if let Some(recorder) = &self.recorder {
            told_spawn(self, recorder, spawned);
        }
    }

    /// After `worker` has claimed `task` in one queue, before anybody finds it in the other (`EVENT-1`, `EVENT-2`).
    #[inline(always)]
    pub(crate) fn note_move(&self, worker: usize, task: &TaskRef, from: Queue, to: Queue) {
        if let Some(recorder) = &self.recorder {
            told_move(recorder, worker, task, from, to);
        }
    }

    /// Before `tasks`, which are the first of those that yielded, are pushed to the worker's local queue (`EVENT-1`).
    #[inline(always)]
    pub(crate) fn note_recall(&self, worker: usize, tasks: &[TaskRef]) {
        if let Some(recorder) = &self.recorder {
            told_recall(recorder, worker, tasks);
        }
    }

    /// Within the turn of the drivers; a waker that was called there may have handed the worker's core on.
    #[inline(always)]
    pub(crate) fn note_io(self: &Arc<Self>, worker: usize, events: usize) {
        if events > 0 {
            self.record_here(|| Event::IoReady { worker, events });
        }
    }

    /// `worker` does something else than to poll a task.
    #[inline(always)]
    pub(crate) fn note_other_work(&self, worker: usize) {
        if let Some(recorder) = &self.recorder {
            recorder.between_polls(worker);
        }
    }

    /// The lane of the recorder for what happens on this thread.
    pub(crate) fn lane(self: &Arc<Self>) -> Option<usize> {
        self.recorder.as_ref()?;
        context::with_core_of(self, |core| core.map(|core| core.index))
    }
}

// Whether anybody is told of a step, or of a push, is asked once, at its beginning: even a call that is never made has the
// compiler keep values where they survive it.

impl Worker {
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Step {
        if self.shared.recorder.is_some() { self.step_told() } else { self.step_untold() }
    }

    #[inline(never)]
    fn step_untold(&mut self) -> Step {
        self.step_by::<false>()
    }

    #[inline(never)]
    fn step_told(&mut self) -> Step {
        self.step_by::<true>()
    }
}

impl Core {
    #[inline(always)]
    pub(crate) fn push(&mut self, task: TaskRef, urgency: Urgency) {
        if self.home.recorder.is_some() { self.push_told(task, urgency) } else { self.push_by::<false>(task, urgency) }
    }

    #[inline(never)]
    fn push_told(&mut self, task: TaskRef, urgency: Urgency) {
        self.push_by::<true>(task, urgency);
    }
}

/// A function of its own for each kind of event, so that an event is never a value in memory but at once the bytes that are
/// written.
#[cold]
#[inline(never)]
fn told(recorder: &Recorder, lane: Option<usize>, event: impl FnOnce() -> Event) {
    recorder.record(lane, event);
}

#[cold]
#[inline(never)]
fn told_here(shared: &Arc<Shared>, recorder: &Recorder, event: impl FnOnce() -> Event) {
    recorder.record(shared.lane(), event);
}

#[cold]
#[inline(never)]
fn told_spawn(shared: &Arc<Shared>, recorder: &Recorder, spawned: &Header) {
    let (lane, queue) = context::with_core_of(shared, |core| match core {
        Some(core) => (Some(core.index), core.queue_for(Urgency::New)),
        None => (None, Queue::Global),
    });
    let refused = shared.is_shutting_down(); // the registry is closed by then (SHARED-1)
    recorder.spawned(lane, spawned, (!refused).then_some(queue));
}

#[cold]
#[inline(never)]
fn told_recall(recorder: &Recorder, worker: usize, tasks: &[TaskRef]) {
    let told = matches!(tasks, [task] if recorder.recalled_alone(worker, task.header().id));
    if !told {
        recorder.recalled(worker, tasks.iter().map(|task| task.header().id));
    }
}

#[cold]
#[inline(never)]
fn told_move(recorder: &Recorder, worker: usize, task: &TaskRef, from: Queue, to: Queue) {
    recorder.moved(worker, task.header().id, from, to);
}
