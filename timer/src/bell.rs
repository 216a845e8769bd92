//! The timer's one lock, and the bell that wakes the timer thread.
//!
//! The thread sleeps towards the earliest deadline it knows and says which under the lock. Whoever arms an earlier one
//! sees that under the same lock and rings. A later deadline rings nothing: the thread will find it when it looks again.
//!
//! # The two sides
//!
//! | the thread (`sleep`)                                     | whoever arms (`wants_ring`, `ring`)                      |
//! |----------------------------------------------------------|----------------------------------------------------------|
//! | 1. lock; look for the earliest deadline                  | 1. lock; file the deadline                               |
//! | 2. note it in `asleep_until`; unlock                     | 2. is it earlier than `asleep_until`?                    |
//! | 3. was it rung? then no sleep, else until it is          | 3. then note "awake", so that nobody rings twice; unlock |
//! | 4. lock; note "awake", and look again from 1             | 4. ring: note that, and wake the thread if it sleeps     |
//!
//! # Invariants
//!
//! * `BELL-1`: between the thread's 1 and 2 the lock is never free. So a deadline is either filed before the look and seen by
//!   it, or after `asleep_until` is noted and compared with it.
//! * `BELL-2`: `asleep_until` is 0 unless the thread sleeps, or is about to, and nobody has rung. Nothing is earlier than 0.
//! * `BELL-3`: a ring is remembered until a sleep ends with it, so that none is lost between the thread's 2 and 3.
//!
//! The lock is a brief one, since every deadline that is armed or cancelled passes through it; nobody can sleep on such a lock.
//! So the bell has a lock of its own, which none but the thread and those who ring ever touch.
//!
//! Rejected: an atomic `asleep_until` beside the lock, read without it. It needs the fences of an idle handshake to save a
//! comparison that happens under a lock which has to be taken anyway.

use std::time::Duration;

use crate::shim::{BriefGuard, BriefMutex, Condvar, Mutex};

#[cfg(all(test, loom))]
mod model;

/// The lock around `T` (what that is does not matter here) and the bell.
pub(crate) struct Bell<T> {
    room: BriefMutex<Room<T>>,
    /// See `BELL-3`.
    rung: Mutex<bool>,
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
            room: BriefMutex::new(Room { state, asleep_until: 0 }),
            rung: Mutex::new(false),
            rope: Condvar::default(),
            #[cfg(all(test, not(loom)))]
            rings: Default::default(),
        }
    }

    pub(crate) fn lock(&self) -> BriefGuard<'_, Room<T>> {
        self.room.lock()
    }

    // ANCHOR: timer-bell-sleep
    /// Thread: sleeps until the bell rings, possibly less; at most for `wait`. A deadline earlier than `tick` wants a ring:
    /// any deadline if `tick` is `u64::MAX`, none if it is 0. The caller has looked for the earliest deadline under this very
    /// guard (`BELL-1`).
    pub(crate) fn sleep<'a>(
        &'a self,
        mut room: BriefGuard<'a, Room<T>>,
        tick: u64,
        wait: Option<Duration>,
    ) -> BriefGuard<'a, Room<T>> {
        #[cfg(bug_timer_nap_unlocked)]
        {
            drop(room); // a deadline filed here is neither seen by the look nor compared with `asleep_until`
            room = self.lock();
        }
        room.asleep_until = tick;
        drop(room);
        let rung = self.rung.lock();
        let mut rung = if *rung { rung } else { self.rope.wait(rung, wait) };
        *rung = false;
        drop(rung);
        room = self.lock();
        room.asleep_until = 0;
        room
    }
    // ANCHOR_END: timer-bell-sleep

    /// Wakes the thread, if it sleeps or is about to. Called without the lock, or the thread would wake into a taken one.
    pub(crate) fn ring(&self) {
        #[cfg(all(test, not(loom)))]
        self.rings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        *self.rung.lock() = !cfg!(bug_timer_unheard_ring); // a switch: a thread that is about to sleep does not hear of it
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
