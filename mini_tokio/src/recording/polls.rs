//! The events of polls, of which there are most by far: a path of a few dozen instructions for each.
//!
//! What is common is inlined into the scheduler's `step_told`, without a call in it, so that the processor's registers need not be
//! saved; all else is one call at its end. What is held back, and why: see [`Fold`](super::fold::Fold).

use super::fields;
use super::fold::Held;
use super::record::{self, DEFERRED, MOVED, NEXT, POLL_END, POLL_START, POLLED_DRIVERS, PUSHED, RECALLED, WOKEN};
use super::recorder::{Kind, Recorder, Track};
use crate::scheduler::event::{Event, Queue, Source};
use crate::task::{Id, Outcome};

/// The short ways. Each says whether it told, or keeps back, what happened; if not nothing is changed, and the [`Recorder`] tells.
/// The worker whose lane this is calls them.
impl Track {
    // ANCHOR: recording-polls
    /// A poll of `task` begins. Mostly this tells the end of the last poll, too.
    #[inline(always)]
    pub(crate) fn poll_started(&self, task: Id, from: Source, tick: u32) -> bool {
        if !self.is_plain() || !matches!(from, Source::Lifo | Source::Local) {
            return false;
        }
        let record = match self.fold.held_end() {
            Some(ending) => self
                .refs
                .next_near(task.0.get(), tick)
                .map(|(told, tick)| record::pair(NEXT, told, fields::near(ending, from, tick))),
            None if !self.fold.holds() => self
                .refs
                .start_near(task.0.get(), tick)
                .map(|(told, tick)| record::pair(POLL_START, told, fields::start(from, tick))),
            None => None,
        };
        let Some(record) = record else { return false };
        self.fold.told_other();
        self.put(record, record::PAIR);
        true
    }

    /// `task`, which is polled, has yielded, and stands with those that did.
    #[inline(always)]
    pub(crate) fn deferred(&self, task: Id) -> bool {
        self.kind != Kind::Exact && self.refs.is_running(task.0.get()) && self.fold.defer()
    }

    /// The poll of `task` ended.
    #[inline(always)]
    pub(crate) fn poll_ended(&self, task: Id, outcome: Outcome) -> bool {
        if !self.is_plain() || !self.refs.is_running(task.0.get()) {
            return false;
        }
        let Some(ending) = self.fold.ending(outcome) else { return false };
        self.fold.end(ending);
        true
    }

    /// The worker polls the drivers.
    #[inline(always)]
    pub(crate) fn polled_drivers(&self) -> bool {
        self.is_plain() && self.fold.drive()
    }

    /// The worker pushes the task that yielded, of which there is one, to its local queue. (If its look at the drivers is kept back,
    /// that is the task of the last poll.)
    #[inline(always)]
    pub(crate) fn recalled_alone(&self) -> bool {
        if !self.fold.is_driven() {
            return false;
        }
        if self.kind == Kind::Alone {
            self.fold.return_alone();
            return true;
        }
        // A thief may find the task from now on.
        let tells = self.is_plain() && self.fold.is_driven_only();
        if tells {
            self.refs.tell_running();
            self.put(record::single(POLL_END, fields::RETURNED), record::SINGLE);
            self.fold.told_end();
        }
        tells
    }

    /// `task` is woken `by` the task that is polled, on a lone worker.
    #[inline(always)]
    pub(crate) fn woken(&self, task: Id, by: Option<Id>) -> bool {
        let is_by_running = by.is_some_and(|by| self.refs.is_running(by.0.get()));
        if self.kind != Kind::Alone || !is_by_running || self.fold.holds() || !self.is_plain() {
            return false;
        }
        let Some(told) = self.refs.tell_task_near(task.0.get()) else { return false };
        self.put(record::single(WOKEN, told), record::SINGLE);
        true
    }

    /// `task` is pushed to `queue`, one of the worker's own.
    #[inline(always)]
    fn pushed(&self, worker: usize, task: Id, queue: Queue) -> bool {
        if self.fold.holds() || !self.is_plain() {
            return false;
        }
        let Some(told) = self.refs.tell_task_near(task.0.get()) else { return false };
        self.put(record::pair(PUSHED, told, fields::queue(queue, Some(worker))), record::PAIR);
        true
    }
}

/// The long ways.
impl Recorder {
    #[cold]
    #[inline(never)]
    pub(crate) fn poll_started(&self, worker: usize, task: Id, from: Source, tick: u32) {
        let track = &self.tracks[worker];
        let is_own = matches!(from, Source::Lifo | Source::Local);
        let (kind, time, numbers) = match track.fold.held_end_and_time() {
            Some((ending, time)) if is_own => (NEXT, time, fields::encode_next(ending, task, from, tick, &track.refs)),
            None if is_own && (track.fold.is_fresh() || !track.fold.holds() && !track.may_look()) => {
                (POLL_START, None, fields::encode_start(task, from, tick, &track.refs))
            }
            _ => return self.record(Some(worker), || Event::PollStart { worker, task, from, tick }),
        };
        track.fold.told_other();
        self.put(track, kind, time, numbers);
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn deferred(&self, worker: usize, task: Id) {
        self.record(Some(worker), || Event::Deferred { worker, task });
    }

    /// `lane`: `worker`, if this thread is still that worker's.
    #[cold]
    #[inline(never)]
    pub(crate) fn poll_ended(&self, lane: Option<usize>, worker: usize, task: Id, outcome: Outcome) {
        let Some(track) = lane.filter(|_| self.kind != Kind::Exact).map(|lane| &self.tracks[lane]) else {
            return self.record_exactly(lane, Event::PollEnd { worker, task, outcome });
        };
        let (looks, is_running) = (track.may_look(), track.refs.is_running(task.0.get()));
        // Whether nobody but this worker can find the task now. What others do to it should find its end told.
        let is_hidden = |ending| matches!(ending, fields::YIELDED | fields::COMPLETED);
        match track.fold.ending(outcome).filter(|_| is_running) {
            Some(ending) if !looks => return track.fold.end(ending),
            Some(ending) if is_hidden(ending) => {
                return track.fold.end_timed(ending, track.looked(self.clock.before()));
            }
            _ => {}
        }
        let ending = track.fold.ending(outcome).unwrap_or_else(|| {
            self.unfold(track);
            fields::ending(outcome)
        });
        track.fold.told_end();
        let time = looks.then(|| track.looked(self.clock.before()));
        self.put(track, POLL_END, time, [ending, track.refs.tell_end(task.0.get()), 0, 0]);
    }

    /// This tells the end of the worker's last poll, too. If that was a yield, and this event would not look at the clock, nothing
    /// is written yet.
    #[cold]
    #[inline(never)]
    pub(crate) fn polled_drivers(&self, worker: usize) {
        let track = &self.tracks[worker];
        if self.kind == Kind::Exact {
            return self.record_exactly(Some(worker), Event::PolledDrivers { worker });
        }
        if track.may_look() || !track.fold.drive() {
            self.tell_drivers(track);
        }
    }

    fn tell_drivers(&self, track: &Track) {
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
        let time = track.may_look().then(|| track.looked(self.clock.before()));
        self.put(track, POLLED_DRIVERS, time, [0, ended, 0, 0]);
    }

    /// `worker` pushes `task` to a queue of its own.
    #[cold]
    #[inline(never)]
    pub(crate) fn pushed(&self, worker: usize, task: Id, queue: Queue) {
        let track = &self.tracks[worker];
        if track.pushed(worker, task, queue) {
            return;
        }
        if self.kind == Kind::Exact {
            return self.record_exactly(Some(worker), Event::Pushed { task, queue });
        }
        self.unfold(track);
        let numbers = [track.refs.tell_task(task.0.get()), fields::queue(queue, Some(worker)), 0, 0];
        self.put(track, PUSHED, None, numbers);
    }

    /// `worker` pushes `tasks`, which are the first of those that yielded, to its local queue.
    #[cold]
    #[inline(never)]
    pub(crate) fn recalled(&self, worker: usize, mut tasks: impl ExactSizeIterator<Item = Id>) {
        if self.kind == Kind::Exact {
            let pushed = |task| Event::Pushed { task, queue: Queue::Local(worker) };
            return tasks.for_each(|task| self.record_exactly(Some(worker), pushed(task)));
        }
        let (track, count) = (&self.tracks[worker], tasks.len() as u64);
        if count == 1 && track.fold.is_driven() && tasks.next().is_some_and(|task| track.refs.is_running(task.0.get()))
        {
            track.fold.return_alone();
            self.tell_held(track);
            return track.fold.told_end();
        }
        self.unfold(track);
        if count > 0 {
            self.put(track, RECALLED, None, [count, 0, 0, 0]);
        }
    }

    /// `worker` moves `tasks` from the global queue to its local one. They were claimed together, so one look is enough.
    #[inline(always)]
    pub(crate) fn took_share(&self, worker: usize, mut tasks: impl ExactSizeIterator<Item = Id>) {
        let (from, to, count) = (Queue::Global, Queue::Local(worker), tasks.len() + 1);
        let alone = |task| self.record(Some(worker), || Event::Moved { task, from, to });
        if self.kind == Kind::Exact {
            tasks.for_each(alone);
        } else {
            tasks.next().into_iter().for_each(alone);
            let track = &self.tracks[worker];
            let numbers = |task| fields::encode_moved(task, from, to, Some(worker), &track.refs);
            tasks.for_each(|task| self.put(track, MOVED, None, numbers(task)));
            track.claimed_now();
        }
        self.record(Some(worker), || Event::TookShare { worker, count });
    }

    /// The worker does something that is no poll of a task, nor of the drivers: it polls a root future, or moves a paused clock.
    #[cold]
    #[inline(never)]
    pub(crate) fn between_polls(&self, worker: usize) {
        let track = &self.tracks[worker];
        self.unfold(track);
        track.fold.told_other();
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
        if let (Held::Ended(ending), None, true) = (&held, time, track.is_plain()) {
            track.refs.tell_running();
            return track.put(record::single(POLL_END, *ending), record::SINGLE);
        }
        let task = track.refs.tell_running();
        let (kind, numbers) = match held {
            Held::Deferred => (DEFERRED, [task, 0, 0, 0]),
            Held::Driven => (POLLED_DRIVERS, [0, fields::YIELDED + 1, 0, 0]),
            Held::Ended(ending) => (POLL_END, [ending, 0, 0, 0]),
        };
        self.put(track, kind, time, numbers);
    }
}
