//! How the scheduler tells its events to the recorder, if there is one.

use std::sync::Arc;

use super::{Shared, TaskRef};
use crate::context;
use crate::recording::Recorder;
use crate::scheduler::event::{Event, Queue, Source};
use crate::task::{Header, Id, Outcome};

impl Shared {
    #[inline]
    pub(crate) fn record(&self, lane: Option<usize>, event: impl FnOnce() -> Event) {
        if let Some(recorder) = &self.recorder {
            told(recorder, lane, event);
        }
    }

    #[inline]
    pub(crate) fn note_poll_start(&self, worker: usize, task: Id, from: Source, tick: u32) {
        if let Some(recorder) = &self.recorder {
            recorder.poll_started(worker, task, from, tick);
        }
    }

    /// `lane`: None if the worker of this thread is somebody else's by now.
    #[inline]
    pub(crate) fn note_poll_end(&self, lane: Option<usize>, worker: usize, task: Id, outcome: Outcome) {
        if let Some(recorder) = &self.recorder {
            recorder.poll_ended(lane, worker, task, outcome);
        }
    }

    pub(crate) fn note_drivers(&self, worker: usize) {
        if let Some(recorder) = &self.recorder {
            recorder.polled_drivers(worker);
        }
    }

    #[inline]
    pub(crate) fn note_deferred(&self, worker: usize, task: &TaskRef) {
        if let Some(recorder) = &self.recorder {
            recorder.deferred(worker, task.header().id);
        }
    }

    /// Before the task is in a queue (`EVENT-1`).
    pub(crate) fn note_spawn(self: &Arc<Self>, spawned: &Header) {
        if let Some(recorder) = &self.recorder {
            recorder.spawned(self.lane(), spawned);
        }
    }

    /// After `worker` has claimed `task` in one queue, before anybody finds it in the other (`EVENT-1`, `EVENT-2`).
    pub(crate) fn note_move(&self, worker: usize, task: &TaskRef, from: Queue, to: Queue) {
        self.record(Some(worker), || Event::Moved { task: task.header().id, from, to });
    }

    /// Before `tasks`, which are the first of those that yielded, are pushed to the worker's local queue (`EVENT-1`).
    pub(crate) fn note_recall(&self, worker: usize, tasks: &[TaskRef]) {
        if let Some(recorder) = &self.recorder {
            recorder.recalled(worker, tasks.iter().map(|task| task.header().id));
        }
    }

    /// Within the turn of the drivers; a waker that was called there may have handed the worker's core on.
    pub(crate) fn note_io(self: &Arc<Self>, worker: usize, events: usize) {
        if events > 0 {
            self.record(self.lane(), || Event::IoReady { worker, events });
        }
    }

    /// `worker` does something else than to poll a task.
    pub(crate) fn note_other_work(&self, worker: usize) {
        if let Some(recorder) = &self.recorder {
            recorder.between_polls(worker);
        }
    }

    /// The lane of the recorder for what happens on this thread.
    pub(crate) fn lane(self: &Arc<Self>) -> Option<usize> {
        self.recorder.as_ref()?;
        context::with_core(|core| core.filter(|core| Arc::ptr_eq(&core.home, self)).map(|core| core.index))
    }
}

/// Out of the way of who does not record; and a function of its own for each kind of event, so that an event is never a value
/// in memory but at once the words that are written.
#[cold]
#[inline(never)]
fn told(recorder: &Recorder, lane: Option<usize>, event: impl FnOnce() -> Event) {
    recorder.record(lane, event);
}
