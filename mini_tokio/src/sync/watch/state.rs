//! The word of a watch channel: which version its value has, and whether another can come.
//!
//! ```text
//!   63                                          1   0
//!   +-------------------------------------------+---+
//!   | version                                   | C |   C: CLOSED, no sender is left
//!   +-------------------------------------------+---+
//! ```
//!
//! Both stand in one word so that a receiver learns in one look that the channel is closed *and* which version was the
//! last. In two words, a receiver could read the version, miss a value and the end of its sender, read "closed", and give
//! up without the last value.
//!
//! The version wraps. To be fooled, a receiver would have to sleep through 2^63 values.

use crate::shim::{AtomicUsize, Ordering};

const CLOSED: usize = 1;
const STEP: usize = 2;

/// A version as a receiver remembers it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Version(usize);

impl Version {
    /// No value has this version, since it has the bit that is no part of versions: who remembers it has seen nothing.
    pub(super) const NONE: Version = Version(CLOSED);
}

/// The word as it was at one moment.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    pub(super) fn version(self) -> Version {
        Version(self.0 & !CLOSED)
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

/// The word.
pub(super) struct State(AtomicUsize);

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(super) fn load(&self) -> Snapshot {
        // Acquire; pairs with the Release in `advance` and `close`: who sees a version sees what its sender did before.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// There is a new value. Under the write lock (WATCH-1).
    pub(super) fn advance(&self) {
        // Release; pairs with the Acquire in `load`.
        self.0.fetch_add(STEP, Ordering::Release);
    }

    /// The last sender has gone.
    pub(super) fn close(&self) {
        // Release; pairs with the Acquire in `load`. The RMW continues the chain of earlier `advance`s.
        self.0.fetch_or(CLOSED, Ordering::Release);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_version_leaves_the_channel_open_and_never_equals_none() {
        let state = State(AtomicUsize::new(usize::MAX - 1));
        let last = state.load();
        assert!(!last.is_closed());
        state.advance();
        assert!(!state.load().is_closed());
        assert_ne!(last.version(), state.load().version());
        state.close();
        assert!(state.load().is_closed());
        assert_ne!(state.load().version(), Version::NONE);
    }
}
