//! The word of a broadcast channel: how many values were sent, and whether another can come.
//!
//! ```text
//!   63                                          1   0
//!   +-------------------------------------------+---+
//!   | tail                                      | C |   C: CLOSED, no sender is left
//!   +-------------------------------------------+---+
//! ```
//!
//! A receiver that has read everything, the most common case of all, learns so from here and looks no further. Both stand
//! in one word, so that "closed" is never told to a receiver that has a last value still to read. Who is told of a value
//! finds it in its slot, where it was put before.

use crate::shim::{AtomicU64, Ordering};

const CLOSED: u64 = 1;
const STEP: u64 = 2;

/// The word (CAST-6).
pub(super) struct Horizon(AtomicU64);

/// The word as it was at one moment.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(u64);

impl Snapshot {
    /// The position of the next value to be sent.
    pub(super) fn tail(self) -> u64 {
        self.0 / STEP
    }

    /// Whether there is something for the receiver at `position` to know: a message, a lag, or the end.
    pub(super) fn has_news(self, position: u64) -> bool {
        self.tail() != position || self.is_closed()
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

impl Horizon {
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(super) fn load(&self) -> Snapshot {
        // Acquire; pairs with the Release in `advance` and `close`.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// A message was added. Under the lock.
    pub(super) fn advance(&self) {
        let word = self.0.load(Ordering::Relaxed);
        // A plain store, since the lock keeps other writers away. Release; pairs with the Acquire in `load`.
        self.0.store(word + STEP, Ordering::Release);
    }

    /// The last sender has gone. Under the lock.
    pub(super) fn close(&self) {
        let word = self.0.load(Ordering::Relaxed);
        // As in `advance`.
        self.0.store(word | CLOSED, Ordering::Release);
    }
}
