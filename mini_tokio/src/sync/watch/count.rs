//! How many senders, or receivers, a channel has.

use crate::shim::{AtomicUsize, Ordering};

/// The word: a number of handles.
pub(super) struct Count(AtomicUsize);

/// What is left after one handle has gone.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Left {
    Some,
    /// The caller's was the last one.
    None,
}

impl Count {
    pub(super) fn new(handles: usize) -> Self {
        Self(AtomicUsize::new(handles))
    }

    /// One handle more.
    pub(super) fn enter(&self) {
        // Relaxed: whoever adds a handle has one (or a `Sender`, which is another count) and gives nothing away by it.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One handle less.
    pub(super) fn leave(&self) -> Left {
        // Release; pairs with the Acquire in `get`: who sees that nobody is left sees what they did. Acquire, for the one
        // who finds out here and tells it to others.
        match self.0.fetch_sub(1, Ordering::AcqRel) {
            1 => Left::None,
            _ => Left::Some,
        }
    }

    /// The number at this moment.
    pub(super) fn get(&self) -> usize {
        // Acquire; pairs with the Release in `leave`.
        self.0.load(Ordering::Acquire)
    }
}
