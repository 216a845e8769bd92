//! The timer's one lock, and the bell that wakes the timer thread which sleeps beside it.
//!
//! The thread sleeps towards the earliest deadline it knows and says which under the lock. Whoever arms an earlier one
//! sees that under the same lock and rings. A later deadline rings nothing: the thread will find it when it looks again.
//!
//! # The two sides
//!
//! | the thread (`sleep`)                                     | whoever arms (`wants_ring`, `ring`)                      |
//! |----------------------------------------------------------|----------------------------------------------------------|
//! | 1. lock; look for the earliest deadline                  | 1. lock; file the deadline                               |
//! | 2. note it in `asleep_until`                             | 2. is it earlier than `asleep_until`?                    |
//! | 3. wait: the condition variable unlocks and sleeps as one | 3. then note "awake", so that nobody rings twice; unlock |
//! | 4. awake: note that, and look again from 1               | 4. ring                                                  |
//!
//! # Invariants
//!
//! * `BELL-1`: between the thread's 1 and its sleep the lock is never free. So a deadline is either filed before the look
//!   and seen by it, or after `asleep_until` is noted and compared with it.
//! * `BELL-2`: `asleep_until` is 0 whenever the thread does not wait for a deadline. Nothing is earlier than 0.
//!
//! Rejected: an atomic `asleep_until` beside the lock, read without it. It needs the fences of an idle handshake to save a
//! comparison that happens under a lock which has to be taken anyway.

use std::time::Duration;

use crate::shim::{Condvar, Mutex, MutexGuard};

#[cfg(all(test, loom))]
mod model;

/// The lock around `T` (what that is does not matter here) and the bell.
pub(crate) struct Bell<T> {
    room: Mutex<Room<T>>,
    rope: Condvar,
    /// How often the bell was rung; for the test that it seldom is.
    #[cfg(all(test, not(loom)))]
    pub(crate) rings: std::sync::atomic::AtomicUsize,
}

/// What the lock guards.
pub(crate) struct Room<T> {
    pub(crate) state: T,
    /// The tick towards which the thread sleeps; see `BELL-2`.
    asleep_until: u64,
}

impl<T> Bell<T> {
    pub(crate) fn new(state: T) -> Self {
        Self {
            room: Mutex::new(Room { state, asleep_until: 0 }),
            rope: Condvar::default(),
            #[cfg(all(test, not(loom)))]
            rings: Default::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Room<T>> {
        self.room.lock()
    }

    // ANCHOR: timer-bell-sleep
    /// Thread: sleeps until the bell rings, possibly less; at most for `wait`. A deadline earlier than `tick` wants a ring:
    /// any deadline if `tick` is `u64::MAX`, none if it is 0. The caller has looked for the earliest deadline under this very
    /// guard (`BELL-1`).
    pub(crate) fn sleep<'a>(
        &'a self,
        mut room: MutexGuard<'a, Room<T>>,
        tick: u64,
        wait: Option<Duration>,
    ) -> MutexGuard<'a, Room<T>> {
        #[cfg(bug_timer_nap_unlocked)]
        {
            drop(room); // a deadline filed here is neither seen by the look nor compared with `asleep_until`
            room = self.lock();
        }
        room.asleep_until = tick;
        room = self.rope.wait(room, wait);
        room.asleep_until = 0;
        room
    }
    // ANCHOR_END: timer-bell-sleep

    /// Wakes the thread, if it sleeps. Called without the lock, or the thread would wake into a taken one.
    pub(crate) fn ring(&self) {
        #[cfg(all(test, not(loom)))]
        self.rings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.rope.notify_one();
    }
}

impl<T> Room<T> {
    /// True if the thread sleeps, towards an earlier tick.
    pub(crate) fn is_later(&self, tick: u64) -> bool {
        (1..tick).contains(&self.asleep_until)
    }

    /// True if the caller, having filed a deadline at `tick`, must unlock and ring.
    #[must_use]
    pub(crate) fn wants_ring(&mut self, tick: u64) -> bool {
        let earlier = tick < self.asleep_until;
        if earlier {
            self.asleep_until = 0;
        }
        earlier
    }

    /// Towards which tick the thread sleeps.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn asleep_until(&self) -> u64 {
        self.asleep_until
    }
}
