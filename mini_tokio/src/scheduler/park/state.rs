//! The word of a parker. The picture, the invariants `PARK-…` and the ordering argument are in the parent, [`super`].

use crate::shim::{AtomicU32, Ordering};

/// Awake, no token.
const EMPTY: u32 = 0;
/// Waiting on the parker's condition variable, or about to, with the lock held.
pub(super) const PARKED: u32 = 1;
/// Sleeping inside the driver, or about to.
pub(super) const PARKED_IN_DRIVER: u32 = 2;
/// There is a token.
const NOTIFIED: u32 = 3;

pub(super) struct State(AtomicU32);

/// What the unparker has to do.
#[derive(PartialEq)]
#[must_use]
pub(super) enum Unpark {
    /// Nothing: the token waits for the next sleep.
    NotParked,
    Parked,
    ParkedInDriver,
}

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(EMPTY))
    }

    /// Consumes a token if there is one. The Relaxed look keeps a parker that looks on from writing; the Acquire of the
    /// exchange pairs with the Release of `notify`.
    #[must_use]
    pub(super) fn try_consume(&self) -> bool {
        self.0.load(Ordering::Relaxed) == NOTIFIED
            && self.0.compare_exchange(NOTIFIED, EMPTY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Announces a sleep in the state `parked`: `PARKED`, with the lock held (PARK-3), or `PARKED_IN_DRIVER`. False if there
    /// was a token, which is consumed: do not sleep.
    #[must_use]
    pub(super) fn begin_sleep(&self, parked: u32) -> bool {
        let announced = self.0.compare_exchange(EMPTY, parked, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if !announced {
            // Nobody but us leaves `NOTIFIED` (PARK-4).
            let token = self.end_sleep();
            debug_assert!(token, "PARK-4: two threads sleep on one parker");
        }
        announced
    }

    /// Ends a sleep that may have ended without a token; whether there was one. A swap, not a store: its Acquire pairs with
    /// the Release of `notify`.
    pub(super) fn end_sleep(&self) -> bool {
        self.0.swap(EMPTY, Ordering::AcqRel) == NOTIFIED
    }

    /// Sets the token. Release; pairs with the Acquire of whoever consumes it (PARK-2).
    pub(super) fn notify(&self) -> Unpark {
        // The switch saves the write when the token is there: the parker then misses what this waker wrote before.
        #[cfg(bug_park_skip_notified)]
        if self.0.load(Ordering::Relaxed) == NOTIFIED {
            return Unpark::NotParked;
        }
        match self.0.swap(NOTIFIED, Ordering::AcqRel) {
            PARKED => Unpark::Parked,
            PARKED_IN_DRIVER => Unpark::ParkedInDriver,
            _ => Unpark::NotParked,
        }
    }
}
