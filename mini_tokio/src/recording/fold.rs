//! [`Fold`]: what a lane keeps back for a moment, because the next record is likely to say it in passing.
//!
//! ```text
//!   events    PollStart A    Deferred A    PollEnd A    PollStart B
//!   held                     DEFERRED      ENDED        NOTHING
//!   records   A is polled                               "it yielded; then B is polled": three bytes
//! ```
//!
//! Between the end of a poll and the beginning of the next a worker mostly does nothing that is an event, and a yield is told at
//! the very end of its poll. So two events of a poll are kept back, at the cost of a store, and [`Merge`](super::merge::Merge)
//! makes events of them again, the same ones in the same order. Whatever else is told meanwhile makes the lane tell first what
//! it holds, and so does a worker that turns to a root future.
//!
//! Who yields and is alone has the worker look at the drivers, which mostly have nothing to say, and push the task again: these
//! two events are kept back behind the other two. The push only on a lone worker: elsewhere a thief may find the task
//! (`EVENT-1`), so the four of them are told in one record before that.
//!
//! ```text
//!   events    Deferred A    PollEnd A    PolledDrivers    Pushed A    PollStart A
//!   held      DEFERRED      ENDED        DRIVEN           ENDED       NOTHING
//!   records   "it yielded, the drivers were looked at, it alone was pushed; then A is polled": three bytes
//! ```
//!
//! The end of a poll that looked at the clock is kept back with its time, but only if nobody else can find the task: because it
//! yielded, or is over. A long poll that waits for something now is told at once, before others wake the task and poll it.
//!
//! The beginning of a poll is never kept back: a task that hangs in its poll is what people look for in a recording.

use super::fields;
use super::refs::Register;
use crate::task::Outcome;

#[cfg(test)]
mod tests;

/// Nothing is held.
const NOTHING: u64 = 0;
/// Nothing is held, a poll's end was told, and since then the worker has only looked for a task.
const FRESH: u64 = 1;
/// The task that is polled has yielded.
const DEFERRED: u64 = 2;
/// A poll has ended in a yield, and the drivers are looked at since.
const DRIVEN: u64 = 3;
/// From here on: a poll has ended, and how.
const ENDED: u64 = 4;
const YIELDED: u64 = ENDED + fields::YIELDED;
const RETURNED: u64 = ENDED + fields::RETURNED;
/// Added to what is held since a poll's end, if that looked at the clock.
const TIMED: u64 = 0x100;

#[derive(Default)]
pub(super) struct Fold {
    state: Register,
    /// If that is `TIMED`: what the look found.
    time: Register,
}

/// What was held.
pub(super) enum Held {
    Deferred,
    /// The poll ended in a yield, and the drivers were looked at.
    Driven,
    /// The number of how a poll ended.
    Ended(u64),
}

impl Fold {
    /// What is held, and what the look of a poll's end found that is.
    #[inline(always)]
    fn split(&self) -> (u64, Option<u64>) {
        let state = self.state.get();
        (state & !TIMED, (state & TIMED != 0).then(|| self.time.get()))
    }

    /// The task that is polled yielded. Whether that is held.
    #[inline(always)]
    pub(super) fn defer(&self) -> bool {
        let free = self.state.get() == NOTHING;
        if free {
            self.state.set(DEFERRED);
        }
        free
    }

    /// The number of an ending that can say along what is held. None if that has to be told before.
    #[inline(always)]
    pub(super) fn ending(&self, outcome: Outcome) -> Option<u64> {
        match self.state.get() {
            DEFERRED if outcome == Outcome::Requeued => Some(fields::YIELDED),
            NOTHING | FRESH => Some(fields::ending(outcome)),
            _ => None,
        }
    }

    /// A poll ended so, and that is held.
    #[inline(always)]
    pub(super) fn end(&self, ending: u64) {
        self.state.set(ENDED + ending);
    }

    /// The same of one that looked at the clock.
    #[inline(always)]
    pub(super) fn end_timed(&self, ending: u64, time: u64) {
        self.time.set(time);
        self.state.set(TIMED + ENDED + ending);
    }

    /// The drivers are looked at. Whether that is held.
    #[inline(always)]
    pub(super) fn drive(&self) -> bool {
        let state = self.state.get();
        let yielded = state & !TIMED == YIELDED;
        if yielded {
            self.state.set(state - YIELDED + DRIVEN);
        }
        yielded
    }

    /// Whether what is held ends with a look at the drivers.
    #[inline(always)]
    pub(super) fn is_driven(&self) -> bool {
        self.state.get() & !TIMED == DRIVEN
    }

    /// The same, and no time is held.
    #[inline(always)]
    pub(super) fn is_driven_only(&self) -> bool {
        self.state.get() == DRIVEN
    }

    /// If so: the task that yielded is pushed again, and that is held.
    #[inline(always)]
    pub(super) fn return_alone(&self) {
        self.state.set(self.state.get() - DRIVEN + RETURNED);
    }

    /// A poll's end was told.
    #[inline(always)]
    pub(super) fn told_end(&self) {
        self.state.set(FRESH);
    }

    /// A poll begins, or the worker does something else: the end of the last poll is no longer now.
    #[inline(always)]
    pub(super) fn told_other(&self) {
        self.state.set(NOTHING);
    }

    /// Whether nothing is held, and the end of the lane's last poll is still now.
    #[inline(always)]
    pub(super) fn is_fresh(&self) -> bool {
        self.state.get() == FRESH
    }

    #[inline(always)]
    pub(super) fn holds(&self) -> bool {
        self.state.get() > FRESH
    }

    /// The end that a poll's beginning can say along, if it did not look at the clock.
    #[inline(always)]
    pub(super) fn held_end(&self) -> Option<u64> {
        Some(self.state.get().wrapping_sub(ENDED)).filter(|&ending| ending <= fields::RETURNED)
    }

    /// The same of any, and its time.
    pub(super) fn held_end_and_time(&self) -> Option<(u64, Option<u64>)> {
        let (state, time) = self.split();
        Some((state.checked_sub(ENDED)?, time))
    }

    /// What must be told now, and its time if it looked.
    pub(super) fn take(&self) -> Option<(Held, Option<u64>)> {
        let (state, time) = self.split();
        let (held, next) = match state {
            NOTHING | FRESH => return None,
            DEFERRED => (Held::Deferred, NOTHING),
            DRIVEN => (Held::Driven, NOTHING),
            RETURNED => (Held::Ended(fields::RETURNED), NOTHING),
            ended => (Held::Ended(ended - ENDED), FRESH),
        };
        self.state.set(next);
        Some((held, time))
    }
}
