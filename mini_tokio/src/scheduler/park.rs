//! How a worker sleeps: on a condition variable of its own, or inside the reactor, and how it is woken from either.
//!
//! ```text
//!                 +------------------- unpark ------------------+
//!                 |                                             v
//!     .-------> EMPTY --- park ------------> PARKED --------> NOTIFIED -----.
//!     |           |                            (unpark: notify)   ^         |
//!     |           +-- prepare_driver_park --> PARKED_IN_DRIVER ---+         |
//!     |                                        (unpark: wake driver)        |
//!     '------------- the parker, before or after its sleep -----------------'
//! ```
//!
//! # Vocabulary
//!
//! *Parker*: the place where one thread at a time sleeps, and from which everybody may wake it. *Token*: the state
//! `NOTIFIED`. There is at most one, however often `unpark` is called, and a sleep consumes it. *[Courtesy]*: what a
//! sleeper shows to a waker with which it shares a core, before it sleeps again.
//!
//! # Invariants
//!
//! - **PARK-1** After `unpark`, the current or the next sleep ends. A token set before the sleep makes it end at once.
//! - **PARK-2** What was written before `unpark` is visible after the sleep that consumed the token; also when the
//!   token was set already.
//! - **PARK-3** The parker moves from `EMPTY` to `PARKED` under the lock and keeps it until the condition variable has
//!   it in its queue. A waker that found `PARKED` passes through the lock before it notifies, so it never notifies too
//!   early.
//! - **PARK-4** Only the parker leaves `NOTIFIED`, and only it enters the parked states.
//!
//! # The two sides
//!
//! | | who sleeps | who wakes |
//! |---|---|---|
//! | 1 | take the lock; `EMPTY` → `PARKED`, or consume a token and return | write whatever the sleeper shall find |
//! | 2 | wait, which gives the lock back | swap in `NOTIFIED`; unless it was `PARKED`, done |
//! | 3 | consume the token; if there is none, the wake was spurious: 2 | take the lock and give it back |
//! | 4 | return | notify |
//!
//! # Orderings
//!
//! Tokens are set by an AcqRel swap and consumed by an AcqRel read-modify-write; the Release half of the former pairs
//! with the Acquire half of the latter (PARK-2). `unpark` swaps even if the token is there already: a mere look would
//! leave the second waker's writes unseen, which the switch `bug_park_skip_notified` shows.
//!
//! # What is left out
//!
//! A sleep of the standard library's thread parker would be simpler still, but its token belongs to the whole thread:
//! any library on it could eat ours. A futex would save the lock, on Linux alone.

use std::sync::Arc;

use futures::task::ArcWake;

use self::courtesy::Courtesy;
use self::state::{PARKED, PARKED_IN_DRIVER, State, Unpark};
use crate::shim::{Condvar, Mutex};

mod courtesy;
#[cfg(all(test, loom))]
mod model;
mod state;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) struct Parker {
    state: State,
    courtesy: Courtesy,

    /// Guards the step from `EMPTY` to `PARKED` (PARK-3).
    sleep: Mutex<()>,
    woken: Condvar,
}

impl Parker {
    /// A parker without a token.
    pub(crate) fn new() -> Parker {
        Parker { state: State::new(), courtesy: Courtesy::default(), sleep: Mutex::new(()), woken: Condvar::new() }
    }

    /// Blocks the thread until there is a token, and consumes it.
    // ANCHOR: park-park
    pub(crate) fn park(&self) {
        self.courtesy.make_way();
        let mut sleep = self.sleep.lock();
        if !self.state.begin_sleep(PARKED) {
            return;
        }
        self.woken.wait(&mut sleep);
        while !self.state.try_consume() {
            self.woken.wait(&mut sleep);
        }
    }

    /// Announces that the thread is about to sleep inside the driver (the reactor), from which `unpark` then wakes it
    /// by its `wake_driver`. False if there was a token, which is consumed: do not sleep.
    ///
    /// After true, [`finish_driver_park`](Parker::finish_driver_park) must follow the sleep.
    // ANCHOR: park-driver
    #[must_use]
    pub(crate) fn prepare_driver_park(&self) -> bool {
        self.courtesy.make_way();
        self.state.begin_sleep(PARKED_IN_DRIVER)
    }

    /// The sleep inside the driver is over, for whatever reason. Consumes a token and returns whether there was one; if
    /// not, the driver woke by its own events.
    ///
    /// A waker that saw the thread in the driver may be about to wake it still: the next turn of the driver then
    /// returns early, once.
    pub(crate) fn finish_driver_park(&self) -> bool {
        self.state.end_sleep()
    }

    /// Consumes the token, if there is one.
    #[must_use]
    pub(crate) fn take_token(&self) -> bool {
        self.state.try_consume()
    }

    /// The core on which the last sleep began, as far as that is known.
    pub(crate) fn slept_on(&self) -> Option<usize> {
        self.courtesy.slept_on.get()
    }

    /// Sets the token and ends the sleep, if there is one. `wake_driver` is called exactly if the parker sleeps inside
    /// the driver (or was about to); it must make the driver's current or next turn return.
    // ANCHOR: park-unpark
    pub(crate) fn unpark(&self, wake_driver: impl FnOnce()) {
        let found = self.state.notify();
        if found == Unpark::NotParked {
            return;
        }
        self.courtesy.note_waker();
        if found == Unpark::ParkedInDriver {
            return wake_driver();
        }
        // Through the lock, not under it: the parker is in the condition variable's queue by then (PARK-3), and
        // does not wake up only to wait for us. The switch shows what happens without.
        #[cfg(not(bug_park_notify_unlocked))]
        drop(self.sleep.lock());
        self.woken.notify_one();
    }
}

/// As a waker it wakes a thread that drives a root future, and only ever sleeps by [`Parker::park`].
impl ArcWake for Parker {
    fn wake_by_ref(parker: &Arc<Self>) {
        parker.unpark(|| unreachable!("a thread that drives a root future does not sleep in the driver"));
    }
}
