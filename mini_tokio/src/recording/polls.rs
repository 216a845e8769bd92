//! The events of polls, of which there are most by far: a path of a few dozen instructions for each.
//!
//! What is common is inlined into the scheduler's `step_told`, without a call in it, so that the processor's registers need not be
//! saved; all else is one call at its end. What is held back, and why: see [`Fold`](super::fold::Fold).

use super::fields;
use super::fold::Held;
use super::record::{self, DEFERRED, MOVED, NEXT, POLL_END, POLL_START, POLLED_DRIVERS, PUSHED, RECALLED};
use super::recorder::{Recorder, Track};
use crate::scheduler::event::{Event, Queue, Source};
use crate::task::{Id, Outcome};

impl Recorder {
    // ANCHOR: recording-polls
    /// `worker` begins to poll `task`. In the common case this tells the end of its last poll, too.
    #[inline(always)]
    pub(crate) fn poll_started(&self, worker: usize, task: Id, from: Source, tick: u32) {
        let track = &self.tracks[worker];
        let is_own = matches!(from, Source::Lifo | Source::Local) && track.has_room();
        let record = match track.fold.held_end() {
            Some(ending) if is_own => track
                .refs
                .next_near(task.0.get(), tick)
                .map(|(told, tick)| record::pair(NEXT, told, fields::near(ending, from, tick))),
            None if is_own && starts_now(track) => track
                .refs
                .start_near(task.0.get(), tick)
                .map(|(told, tick)| record::pair(POLL_START, told, fields::start(from, tick))),
            _ => None,
        };
        let Some(record) = record else { return self.start(worker, task, from, tick) };
        track.fold.told_other();
        track.put(record, record::PAIR);
    }

    #[inline(never)]
    fn start(&self, worker: usize, task: Id, from: Source, tick: u32) {
        let track = &self.tracks[worker];
        if !matches!(from, Source::Lifo | Source::Local) {
            return self.start_alone(worker, task, from, tick);
        }
        let (kind, time, numbers) = match track.fold.held_end_and_time() {
            Some((ending, time)) => (NEXT, time, fields::encode_next(ending, task, from, tick, &track.refs)),
            None if starts_now(track) => (POLL_START, None, fields::encode_start(task, from, tick, &track.refs)),
            None => return self.start_alone(worker, task, from, tick),
        };
        track.fold.told_other();
        self.put(track, kind, time, numbers);
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
        // Whether nobody but this worker can find the task now. What others do to it should find its end told.
        let is_hidden = |ending| matches!(ending, fields::YIELDED | fields::COMPLETED);
        let ending = track.fold.ending(outcome).filter(|&ending| looks && is_hidden(ending));
        if let Some(ending) = ending.filter(|_| track.refs.is_running(task.0.get())) {
            return track.fold.end_timed(ending, track.purse.looked(self.clock.before()));
        }
        let ending = track.fold.ending(outcome).unwrap_or_else(|| {
            self.unfold(track);
            fields::ending(outcome)
        });
        track.fold.told_end();
        let time = looks.then(|| track.purse.looked(self.clock.before()));
        self.put(track, POLL_END, time, [ending, track.refs.tell_end(task.0.get()), 0, 0]);
    }

    /// `worker` polls the drivers; this tells the end of its last poll, too. If that was a yield, and this event would not look
    /// at the clock, nothing is written yet.
    #[cold]
    #[inline(never)]
    pub(crate) fn polled_drivers(&self, worker: usize) {
        let track = &self.tracks[worker];
        if track.purse.could_look() || !track.fold.drive() {
            self.tell_drivers(worker, track);
        }
    }

    #[inline(never)]
    fn tell_drivers(&self, worker: usize, track: &Track) {
        if self.exact {
            return self.record_exactly(Some(worker), Event::PolledDrivers { worker });
        }
        let ended = match track.fold.held_end() {
            Some(ending) => {
                track.refs.tell_running();
                ending + 1
            }
            None => {
                self.unfold(track);
                0
            }
        };
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

    /// `worker` pushes `task`, which is the first of those that yielded, to its local queue. Whether that is told, or held.
    #[inline(always)]
    pub(crate) fn recalled_alone(&self, worker: usize, task: Id) -> bool {
        let track = &self.tracks[worker];
        if !track.fold.is_driven() || !track.refs.is_running(task.0.get()) {
            return false;
        }
        track.fold.return_alone();
        if !self.alone {
            self.tell_returned(track);
        }
        true
    }

    /// Tells what is held, which is that a task yielded and was pushed again. The beginning of its next poll needs no look.
    #[inline(always)]
    fn tell_returned(&self, track: &Track) {
        if track.fold.held_end().is_some() && track.has_room() {
            track.refs.tell_running();
            track.put(record::single(POLL_END, fields::RETURNED), record::SINGLE);
        } else {
            self.tell_held(track);
        }
        track.fold.told_end();
    }

    /// `worker` pushes `tasks`, which are the first of those that yielded, to its local queue.
    #[inline(never)]
    pub(crate) fn recalled(&self, worker: usize, tasks: impl ExactSizeIterator<Item = Id>) {
        if self.exact {
            let pushed = |task| Event::Pushed { task, queue: Queue::Local(worker) };
            return tasks.for_each(|task| self.record_exactly(Some(worker), pushed(task)));
        }
        let (track, count) = (&self.tracks[worker], tasks.len() as u64);
        self.unfold(track);
        if count > 0 {
            self.put(track, RECALLED, None, [count, 0, 0, 0]);
        }
    }

    /// `worker` moves `task`. The moves of a share behind the first are told in short.
    #[inline(always)]
    pub(crate) fn moved(&self, worker: usize, task: Id, from: Queue, to: Queue) {
        let track = &self.tracks[worker];
        if (from, to) != (Queue::Global, Queue::Local(worker)) || !track.goes_on_moving() {
            return self.move_alone(worker, task, from, to);
        }
        self.put(track, MOVED, None, fields::encode_moved(task, from, to, Some(worker), &track.refs));
        track.moved_now();
    }

    #[inline(never)]
    fn move_alone(&self, worker: usize, task: Id, from: Queue, to: Queue) {
        self.record(Some(worker), || Event::Moved { task, from, to });
    }

    /// The worker does something that is no poll of a task: polls a root future, or the drivers, which was told just now and may be
    /// held on.
    #[cold]
    #[inline(never)]
    pub(crate) fn between_polls(&self, worker: usize) {
        let track = &self.tracks[worker];
        if !track.fold.is_driven() {
            self.unfold(track);
            track.fold.told_other();
        }
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
        let Some((held, time)) = track.fold.take() else { return };
        let task = track.refs.tell_running();
        let (kind, numbers) = match held {
            Held::Deferred => (DEFERRED, [task, 0, 0, 0]),
            Held::Driven => (POLLED_DRIVERS, [0, fields::YIELDED + 1, 0, 0]),
            Held::Ended(ending) => (POLL_END, [ending, 0, 0, 0]),
        };
        self.put(track, kind, time, numbers);
    }
}

/// Whether the beginning of a poll is told without a look, and nothing before it.
#[inline(always)]
fn starts_now(track: &Track) -> bool {
    track.fold.is_fresh() || !track.fold.holds() && !track.purse.could_look()
}
