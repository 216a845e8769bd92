//! The word of a parker. The picture, the invariants `PARK-…` and the ordering argument are in the parent, [`super`].

use crate::shim::{AtomicU32, Ordering};

/// Awake, no token.
const EMPTY: u32 = 0;
/// Waiting on the parker's condition variable, or about to, with the lock held.
const PARKED: u32 = 1;
/// Sleeping inside the driver, or about to.
const PARKED_IN_DRIVER: u32 = 2;
/// There is a token.
const NOTIFIED: u32 = 3;

pub(super) struct State(AtomicU32);

/// What a thread that wants to sleep finds.
#[must_use]
pub(super) enum BeforeSleep {
    /// There was a token; it is consumed. Do not sleep.
    Token,
    /// The sleep is announced.
    Sleep,
}

/// What the unparker has to do.
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

    /// Consumes a token if there is one. The Relaxed look keeps a spinning parker from writing; the Acquire of the
    /// exchange pairs with the Release of `notify`.
    #[must_use]
    pub(super) fn try_consume(&self) -> bool {
        self.0.load(Ordering::Relaxed) == NOTIFIED
            && self.0.compare_exchange(NOTIFIED, EMPTY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// With the lock held (PARK-3).
    pub(super) fn begin_park(&self) -> BeforeSleep {
        self.begin(PARKED)
    }

    pub(super) fn begin_driver_park(&self) -> BeforeSleep {
        self.begin(PARKED_IN_DRIVER)
    }

    fn begin(&self, parked: u32) -> BeforeSleep {
        match self.0.compare_exchange(EMPTY, parked, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => BeforeSleep::Sleep,
            // Nobody but us leaves `NOTIFIED` (PARK-4). A swap, not a store: its Acquire pairs with the Release of
            // `notify`.
            Err(state) => {
                debug_assert_eq!(state, NOTIFIED, "PARK-4: two threads sleep on one parker");
                let _token = self.0.swap(EMPTY, Ordering::AcqRel);
                BeforeSleep::Token
            }
        }
    }

    /// Ends a sleep that may have ended without a token; whether there was one. Acquire; pairs with the Release of
    /// `notify`.
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
