//! The word of a tracker: how many tasks there are, and whether more are to come.
//!
//! ```text
//!   63                              1   0
//!   +-------------------------------+---+
//!   | tasks                         | C |   C: CLOSED
//!   +-------------------------------+---+
//! ```

use crate::shim::{AtomicUsize, Ordering};

const CLOSED: usize = 1;
const TASK: usize = 2;
/// Closed and empty.
const FINISHED: usize = CLOSED;

/// The word.
pub(super) struct State(AtomicUsize);

/// The word as it was at one moment.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(usize);

/// What a change has made of the tracker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "those who wait must be told"]
pub(super) enum Became {
    /// It is closed and empty, and was not before: TRACKER-1.
    Finished,
    Other,
}

impl Snapshot {
    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) fn tasks(self) -> usize {
        self.0 / TASK
    }

    pub(super) fn is_finished(self) -> bool {
        self.0 == FINISHED
    }
}

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(super) fn load(&self) -> Snapshot {
        // Acquire; pairs with the Release in `leave`: who sees that all have ended sees what they did.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// One task more.
    pub(super) fn enter(&self) {
        // Relaxed: nothing is handed over to anybody.
        self.0.fetch_add(TASK, Ordering::Relaxed);
    }

    /// One task less.
    pub(super) fn leave(&self) -> Became {
        // Release; pairs with the Acquire in `load`. Acquire: whoever finds out here wakes others on behalf of all who
        // left before.
        match self.0.fetch_sub(TASK, Ordering::AcqRel) {
            word if word == FINISHED + TASK => Became::Finished,
            _ => Became::Other,
        }
    }

    /// No more are to come. Returns also whether the tracker was open.
    pub(super) fn close(&self) -> (bool, Became) {
        // AcqRel: as in `leave`.
        match self.0.fetch_or(CLOSED, Ordering::AcqRel) {
            0 => (true, Became::Finished),
            word => (word & CLOSED == 0, Became::Other),
        }
    }

    /// More may come. Returns whether the tracker was closed.
    pub(super) fn reopen(&self) -> bool {
        // AcqRel: keeps the chain of those who left.
        self.0.fetch_and(!CLOSED, Ordering::AcqRel) & CLOSED != 0
    }
}
