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
//! it holds, and so does a worker that turns to a root future or to the drivers.
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
/// From here on: a poll has ended, and how.
const ENDED: u64 = 3;

#[derive(Default)]
pub(super) struct Fold(Register);

/// What was held.
pub(super) enum Held {
    Deferred,
    /// The number of how a poll ended.
    Ended(u64),
}

impl Fold {
    /// The task that is polled yielded. Whether that is held.
    #[inline(always)]
    pub(super) fn defer(&self) -> bool {
        let free = self.0.get() == NOTHING;
        if free {
            self.0.set(DEFERRED);
        }
        free
    }

    /// The number of an ending that can say along what is held. None if that has to be told before.
    #[inline(always)]
    pub(super) fn ending(&self, outcome: Outcome) -> Option<u64> {
        match self.0.get() {
            DEFERRED if outcome == Outcome::Requeued => Some(fields::YIELDED),
            NOTHING | FRESH => Some(fields::ending(outcome)),
            _ => None,
        }
    }

    /// A poll ended so, and that is held.
    #[inline(always)]
    pub(super) fn end(&self, ending: u64) {
        self.0.set(ENDED + ending);
    }

    /// A poll's end was told.
    #[inline(always)]
    pub(super) fn told_end(&self) {
        self.0.set(FRESH);
    }

    /// A poll begins, or the worker does something else: the end of the last poll is no longer now.
    #[inline(always)]
    pub(super) fn told_other(&self) {
        self.0.set(NOTHING);
    }

    #[inline(always)]
    pub(super) fn is_fresh(&self) -> bool {
        self.0.get() == FRESH
    }

    #[inline(always)]
    pub(super) fn holds(&self) -> bool {
        self.0.get() > FRESH
    }

    /// The end that a poll's beginning can say along.
    #[inline(always)]
    pub(super) fn held_end(&self) -> Option<u64> {
        self.0.get().checked_sub(ENDED)
    }

    /// What must be told now.
    pub(super) fn take(&self) -> Option<Held> {
        match self.0.get() {
            NOTHING | FRESH => None,
            DEFERRED => {
                self.0.set(NOTHING);
                Some(Held::Deferred)
            }
            ended => {
                self.0.set(FRESH);
                Some(Held::Ended(ended - ENDED))
            }
        }
    }
}
