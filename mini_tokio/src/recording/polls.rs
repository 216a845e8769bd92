//! The events of polls, of which there are most by far: a path of a few dozen instructions for each.
//!
//! What is common is inlined into the scheduler's `poll_told`, without a call in it, so that the processor's registers need not be
//! saved; all else is one call at its end. What is held back, and why: see [`Fold`](super::fold::Fold).

use super::fields;
use super::fold::Held;
use super::record::{self, DEFERRED, NEXT, POLL_END, POLL_START, POLLED_DRIVERS, PUSHED, RECALLED};
use super::recorder::{Recorder, Track};
use crate::scheduler::event::{Event, Queue, Source};
use crate::task::{Id, Outcome};

impl Recorder {
    // ANCHOR: recording-polls
    /// `worker` begins to poll `task`. In the common case this tells the end of its last poll, too.
    #[inline(always)]
    pub(crate) fn poll_started(&self, worker: usize, task: Id, from: Source, tick: u32) {
        let track = &self.tracks[worker];
        if let (Some(ending), Source::Lifo | Source::Local) = (track.fold.held_end(), from)
            && track.has_room()
            && let Some(told) = track.refs.tell_near(task.0.get(), tick)
        {
            track.fold.told_other();
            return track.put(record::pair(NEXT, told, fields::near(ending, from)), record::PAIR);
        }
        self.start(worker, task, from, tick);
    }

    #[inline(never)]
    fn start(&self, worker: usize, task: Id, from: Source, tick: u32) {
        let track = &self.tracks[worker];
        if !matches!(from, Source::Lifo | Source::Local) {
            return self.start_alone(worker, task, from, tick);
        }
        let (kind, numbers) = match track.fold.held_end() {
            Some(ending) => (NEXT, fields::encode_next(ending, task, from, tick, &track.refs)),
            None if track.fold.is_fresh() || !track.fold.holds() && !track.purse.could_look() => {
                (POLL_START, fields::encode_start(task, from, tick, &track.refs))
            }
            None => return self.start_alone(worker, task, from, tick),
        };
        track.fold.told_other();
        self.put(track, kind, None, numbers);
    }

    #[inline(never)]
    fn start_alone(&self, worker: usize, task: Id, from: Source, tick: u32) {
        self.record(Some(worker), || Event::PollStart { worker, task, from, tick });
    }

    /// `task`, which is polled, has yielded, and stands with those that did.
    #[inline(always)]
    pub(crate) fn deferred(&self, worker: usize, task: Id) {
        let track = &self.tracks[worker];
        if self.exact || !track.refs.is_running(task.0.get()) || !track.fold.defer() {
            self.record(Some(worker), || Event::Deferred { worker, task });
        }
    }

    /// A poll by `worker` ended; `lane` is the worker's, if this thread is still that worker's. In the common case nothing is
    /// written yet.
    #[inline(always)]
    pub(crate) fn poll_ended(&self, lane: Option<usize>, worker: usize, task: Id, outcome: Outcome) {
        let Some(track) = lane.filter(|_| !self.exact).map(|lane| &self.tracks[lane]) else {
            return self.record_exactly(lane, Event::PollEnd { worker, task, outcome });
        };
        let looks = track.purse.may_look();
        match track.fold.ending(outcome) {
            Some(ending) if !looks && track.refs.is_running(task.0.get()) => track.fold.end(ending),
            _ => self.end_alone(track, task, outcome, looks),
        }
    }

    #[inline(never)]
    fn end_alone(&self, track: &Track, task: Id, outcome: Outcome, looks: bool) {
        let ending = track.fold.ending(outcome).unwrap_or_else(|| {
            self.unfold(track);
            fields::ending(outcome)
        });
        track.fold.told_end();
        let time = looks.then(|| track.purse.looked(self.clock.before()));
        self.put(track, POLL_END, time, [ending, track.refs.tell_end(task.0.get()), 0, 0]);
    }

    /// `worker` polls the drivers; this tells the end of its last poll, too.
    #[cold]
    #[inline(never)]
    pub(crate) fn polled_drivers(&self, worker: usize) {
        let track = &self.tracks[worker];
        if self.exact {
            return self.record_exactly(Some(worker), Event::PolledDrivers { worker });
        }
        let ended = track.fold.held_end().map_or(0, |ending| {
            track.refs.tell_running();
            ending + 1
        });
        if ended == 0 {
            self.unfold(track);
        }
        track.fold.told_other();
        let time = track.purse.may_look().then(|| track.purse.looked(self.clock.before()));
        self.put(track, POLLED_DRIVERS, time, [0, ended, 0, 0]);
    }

    /// `worker` pushes `task` to a queue of its own.
    #[cold]
    #[inline(never)]
    pub(crate) fn pushed(&self, worker: usize, task: Id, queue: Queue) {
        if self.exact {
            return self.record_exactly(Some(worker), Event::Pushed { task, queue });
        }
        let track = &self.tracks[worker];
        self.unfold(track);
        let numbers = [track.refs.tell_task(task.0.get()), fields::queue(queue, Some(worker)), 0, 0];
        self.put(track, PUSHED, None, numbers);
    }

    /// `worker` pushes `tasks`, which are the first of those that yielded, to its local queue.
    pub(crate) fn recalled(&self, worker: usize, tasks: impl ExactSizeIterator<Item = Id>) {
        if self.exact {
            let pushed = |task| Event::Pushed { task, queue: Queue::Local(worker) };
            return tasks.for_each(|task| self.record_exactly(Some(worker), pushed(task)));
        }
        let track = &self.tracks[worker];
        self.unfold(track);
        self.put(track, RECALLED, None, [tasks.len() as u64, 0, 0, 0]);
    }

    /// The worker does something that is no poll of a task: polls a root future, or the drivers.
    #[cold]
    #[inline(never)]
    pub(crate) fn between_polls(&self, worker: usize) {
        self.unfold(&self.tracks[worker]);
        self.tracks[worker].fold.told_other();
    }

    /// Tells what the lane holds.
    #[inline(always)]
    pub(super) fn unfold(&self, track: &Track) {
        if track.fold.holds() {
            self.tell_held(track);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_held(&self, track: &Track) {
        match track.fold.take() {
            Some(Held::Deferred) => self.put(track, DEFERRED, None, [track.refs.tell_running(), 0, 0, 0]),
            Some(Held::Ended(ending)) => {
                track.refs.tell_running();
                self.put(track, POLL_END, None, [ending, 0, 0, 0]);
            }
            None => {}
        }
    }
}
