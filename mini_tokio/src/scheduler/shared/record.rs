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

    /// At length, what was not told in short. (`tell` has what it needs by value: by reference it would be put into memory each time.)
    #[inline(always)]
    fn tell(&self, tell: impl FnOnce(&Recorder)) {
        if let Some(recorder) = &self.recorder {
            tell(recorder);
        }
    }

    /// `TOLD`, here and below: false if there is no recorder.
    #[inline(always)]
    pub(crate) fn note_poll_start<const TOLD: bool>(&self, core: &Core, task: Id, from: Source) {
        if TOLD && core.track.as_ref().is_some_and(|track| !track.poll_started(task, from, core.tick)) {
            self.tell(move |recorder| recorder.poll_started(core.index, task, from, core.tick));
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
        let track = core.and_then(|core| core.track.as_ref());
        if TOLD && !track.is_some_and(|track| track.poll_ended(task, outcome)) {
            self.tell(move |recorder| recorder.poll_ended(core.map(|core| core.index), worker, task, outcome));
        }
    }

    #[inline(always)]
    pub(crate) fn note_drivers(&self, core: &Core) {
        if core.track.as_ref().is_some_and(|track| !track.polled_drivers()) {
            self.tell(move |recorder| recorder.polled_drivers(core.index));
        }
    }

    #[inline(always)]
    pub(crate) fn note_deferred<const TOLD: bool>(&self, core: &Core, task: &TaskRef) {
        // It is the one that is polled here.
        if TOLD && core.track.as_ref().is_some_and(|track| !core.running.is_some_and(|task| track.deferred(task))) {
            self.tell(move |recorder| recorder.deferred(core.index, task.header().id));
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

    /// Before a task that was woken is in a queue (`EVENT-1`).
    #[inline(always)]
    pub(super) fn note_woken(self: &Arc<Self>, woken: Id) {
        if let Some(recorder) = &self.recorder {
            told_wake(self, recorder, woken);
        }
    }

    /// After `worker` has claimed `task` in one queue, before anybody finds it in the other (`EVENT-1`, `EVENT-2`).
    #[inline(always)]
    pub(crate) fn note_move(&self, worker: usize, task: &TaskRef, from: Queue, to: Queue) {
        self.record(Some(worker), || Event::Moved { task: task.header().id, from, to });
    }

    /// The same of the tasks of a share, with which `worker` took one that it polls at once.
    #[inline(always)]
    pub(crate) fn note_share(&self, worker: usize, tasks: &[TaskRef]) {
        if let Some(recorder) = &self.recorder {
            told_share(recorder, worker, tasks);
        }
    }

    /// Before the first `fit` of those that yielded are pushed to the worker's local queue (`EVENT-1`).
    #[inline(always)]
    pub(crate) fn note_recall(&self, core: &Core, fit: usize) {
        let is_alone = || fit == 1 && core.deferred.len() == 1;
        if core.track.as_ref().is_some_and(|track| !(is_alone() && track.recalled_alone())) {
            let tasks = core.deferred[..fit].iter();
            self.tell(move |recorder| recorder.recalled(core.index, tasks.map(|task| task.header().id)));
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

    /// How its workers take their steps: who takes many asks once.
    pub(crate) fn way_to_step(&self) -> fn(&mut Worker) -> Step {
        if self.recorder.is_some() { Worker::step_told } else { Worker::step_untold }
    }

    /// The lane of the recorder for what happens on this thread.
    pub(crate) fn lane(self: &Arc<Self>) -> Option<usize> {
        self.recorder.as_ref()?;
        context::with_core_of(self, |core| core.map(|core| core.index))
    }
}

// Whether anybody is told of what happens in a step, or in a push, is asked before it: even a call that is never made has the
// compiler keep values where they survive it.

impl Worker {
    #[inline(never)]
    fn step_untold(&mut self) -> Step {
        self.step::<false>()
    }

    #[inline(never)]
    pub(crate) fn step_told(&mut self) -> Step {
        self.step::<true>()
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
    let by = context::current_task();
    let is_taken = !shared.is_shutting_down(); // else the registry is closed by now (SHARED-1)
    let told = context::with_core_of(shared, |core| {
        let queue = is_taken.then(|| core.as_ref().map_or(Queue::Global, |core| core.queue_for(Urgency::New)));
        let track = core.as_ref().and_then(|core| core.track.as_ref());
        if track.is_some_and(|track| track.spawned(spawned, by, queue)) {
            None
        } else {
            Some((core.map(|core| core.index), queue))
        }
    });
    if let Some((lane, queue)) = told {
        recorder.spawned(lane, spawned, by, queue);
    }
}

#[cold]
#[inline(never)]
fn told_wake(shared: &Arc<Shared>, recorder: &Recorder, woken: Id) {
    let by = context::current_task();
    let told = context::with_core_of(shared, |core| {
        let track = core.as_ref().and_then(|core| core.track.as_ref());
        if track.is_some_and(|track| track.woken(woken, by)) { None } else { Some(core.map(|core| core.index)) }
    });
    if let Some(lane) = told {
        recorder.record(lane, || Event::Woken { task: woken, by });
    }
}

#[cold]
#[inline(never)]
fn told_share(recorder: &Recorder, worker: usize, tasks: &[TaskRef]) {
    recorder.took_share(worker, tasks.iter().map(|task| task.header().id));
}
