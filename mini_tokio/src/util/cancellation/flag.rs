//! The word that says whether a token is cancelled.

use crate::shim::{AtomicBool, Ordering};

/// Down, then up, for good.
pub(super) struct Flag(AtomicBool);

impl Flag {
    pub(super) fn new(raised: bool) -> Self {
        Self(AtomicBool::new(raised))
    }

    pub(super) fn is_raised(&self) -> bool {
        // Acquire; pairs with the Release in `raise`: who sees the flag sees what the canceller did before.
        self.0.load(Ordering::Acquire)
    }

    /// Under the tree's lock: CANCEL-3.
    pub(super) fn raise(&self) {
        // Release; pairs with the Acquire in `is_raised`.
        self.0.store(true, Ordering::Release);
    }
}
