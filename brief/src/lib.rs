//! [`BriefLock`]: a lock for sections of a few instructions, which is entered by one locked instruction and left by none.
//!
//! A lock on which threads sleep is also left by a read-modify-write: whoever leaves must not miss that somebody went to sleep
//! meanwhile. Where every spawn and every end of a task, or every timer that is armed and cancelled, passes through a lock, this
//! second instruction can be measured. Here nobody sleeps until he is woken, so nobody needs to wake, and a plain store opens the
//! lock.
//!
//! The price: whoever finds the lock taken looks on, then gives its core away again and again until it is free (and naps between
//! two looks if that takes long), and who comes last may be next. So this lock is for data that is split so finely, or visited so
//! briefly, that two threads rarely meet, and for sections that neither wait nor call user code.
//!
//! * `BRIEF-1` The word is true from the one `enter` that found it false until the `leave` that belongs to it.
//! * `BRIEF-2` What was written in one section is seen in the next: `leave`'s Release pairs with `enter`'s Acquire.
//!
//! # What is left out
//!
//! A waiting bit and a queue, as in `parking_lot`, whose mutex is the right one everywhere else.
#![warn(missing_docs)]

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering::*};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, Ordering::*};

#[cfg(all(test, loom))]
mod model;

/// A value behind a lock, by the guards of `parking_lot`.
#[cfg(not(loom))]
pub type BriefMutex<T> = parking_lot::lock_api::Mutex<BriefLock, T>;

/// Holds a [`BriefMutex`] until it is dropped.
#[cfg(not(loom))]
pub type BriefGuard<'a, T> = parking_lot::lock_api::MutexGuard<'a, BriefLock, T>;

/// The lock alone. It is used through [`BriefMutex`].
pub struct BriefLock(AtomicBool);

/// How often a thread that waits looks again before it yields: as long as the others are inside, if they run.
#[cfg(not(loom))]
const LOOKS: u64 = 16;
/// How often it looks, or yields, before it sleeps.
#[cfg(not(loom))]
const YIELDS: u64 = 1_000;
#[cfg(not(loom))]
const NAP: std::time::Duration = std::time::Duration::from_micros(50);

impl BriefLock {
    // ANCHOR: brief-enter
    /// A compare-and-swap and no swap: loom may take the write of a swap that came too late for newer than `leave`'s.
    #[inline]
    #[must_use]
    fn try_enter(&self) -> bool {
        self.0.compare_exchange(false, true, Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn enter(&self) {
        while !self.try_enter() {
            self.let_others_run();
        }
    }

    /// With more threads than cores, whoever is inside may be waiting for a core. A yield gives this one away, but to no thread of
    /// lower priority; a sleep does.
    #[cfg(not(loom))]
    #[cold]
    fn let_others_run(&self) {
        for round in 0_u64.. {
            if !self.0.load(Relaxed) {
                return;
            }
            match round {
                ..LOOKS => std::hint::spin_loop(),
                LOOKS..YIELDS => std::thread::yield_now(),
                _ => std::thread::sleep(NAP),
            }
        }
    }

    #[cfg(loom)]
    fn let_others_run(&self) {
        while self.0.load(Relaxed) {
            loom::hint::spin_loop();
        }
    }

    #[inline]
    fn leave(&self) {
        // A switch: the next one inside may see the past.
        self.0.store(false, if cfg!(bug_brief_relaxed_leave) { Relaxed } else { Release });
    }
}

// SAFETY: BRIEF-1, one thread at a time is inside.
#[cfg(not(loom))]
unsafe impl parking_lot::lock_api::RawMutex for BriefLock {
    const INIT: Self = Self(AtomicBool::new(false));
    type GuardMarker = parking_lot::lock_api::GuardSend;

    #[inline]
    fn lock(&self) {
        self.enter();
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.try_enter()
    }

    /// # Safety
    ///
    /// The caller is inside.
    #[inline]
    unsafe fn unlock(&self) {
        self.leave();
    }
}
