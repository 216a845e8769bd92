//! [`Streak`]: whether it pays to look on for a moment before one waits.
//!
//! To wait is dear for both sides. One enters a list under a lock; the other takes it out again and makes its task ready; and
//! each step fetches a cache line from the other's core. Where one thread brings what another takes, hand in hand, a few looks
//! more would have found it. They also fall out of step for good: while one side is busy waking who was too early, it brings
//! nothing, and so the next is too early, too. But where nobody else is at work all looks are in vain; in a program of one thread,
//! always.
//!
//! So a look is earned, in one of two ways:
//!
//! * by a *streak*: [`EARNED`] in a row found at once what they came for, and nobody waited between them. The first look in vain
//!   ends it. One thread that brings and takes by turns pays for one look in three times at most; and one that takes what it was
//!   woken for, then what came meanwhile, and then waits, for none. (That is the common case, and why one find alone earns nothing.)
//! * by a list that is *locked*. Then somebody is at work in it at this moment, on another core, and whoever waits would have to
//!   wait for the lock first. Two sides that fell out of step find into it again this way: no streak would ever begin where each
//!   that comes is too early. One thread never finds its own lock taken.
//!
//! A hint: nothing depends on it. So it is Relaxed, two threads may lose one another's count, and a
//! model need not see it: the pause is not loom's, either, which would have the others run first.
//!
//! Rejected: to look before every wait, which is as fast for two threads and costs one thread a look each time; and the rests of
//! the scheduler's [`Patience`](crate::scheduler::patience), no faster and with more to remember.

use std::{
    hint::spin_loop,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// So many in a row make a streak.
const EARNED: usize = 2;

/// The glances of a look, and the pauses before each: 0.6 µs where a pause took 24 ns. In that time the other side can wake a waiter,
/// which is what it is busy with if it is late, and come back. Each glance takes the cache line away from it.
const GLANCES: u32 = 6;
const PAUSES: u32 = 4;

/// How many have found it at once since somebody waited; counts no further than [`EARNED`].
pub(super) struct Streak(AtomicUsize);

impl Streak {
    /// In a model it begins earned: to look again is what is new.
    pub(super) const fn new() -> Self {
        Self(AtomicUsize::new(if cfg!(loom) { EARNED } else { 0 }))
    }

    // ANCHOR: streak-look
    /// Whether `found` comes true: now, or in the moment for which one looks on, if that is earned. `is_locked`: whether the list
    /// is, in which one would wait.
    #[inline]
    pub(super) fn look(&self, found: impl Fn() -> bool, is_locked: impl Fn() -> bool) -> bool {
        let so_far = self.0.load(Relaxed);
        if found() {
            if so_far < EARNED {
                self.0.store(so_far + 1, Relaxed);
            }
            return true;
        }
        if (so_far == EARNED || is_locked()) && Self::look_on(found) {
            return true;
        }
        if so_far > 0 {
            self.0.store(0, Relaxed);
        }
        false
    }
    // ANCHOR_END: streak-look

    #[cold]
    fn look_on(found: impl Fn() -> bool) -> bool {
        let glances = if cfg!(loom) { 1 } else { GLANCES };
        (0..glances).any(|_| {
            (0..PAUSES).for_each(|_| spin_loop());
            found()
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;

    use super::*;

    const FREE: fn() -> bool = || false;
    const LOCKED: fn() -> bool = || true;

    /// How often one who finds nothing looks.
    fn looks_in_vain(streak: &Streak, is_locked: fn() -> bool) -> u32 {
        let looks = Cell::new(0);
        let found = || {
            looks.set(looks.get() + 1);
            false
        };
        assert!(!streak.look(found, is_locked));
        looks.get()
    }

    #[test]
    fn a_streak_earns_one_look_and_ends_with_it() {
        let streak = Streak::new();
        assert_eq!(looks_in_vain(&streak, FREE), 1);
        for _ in 0..EARNED {
            assert!(streak.look(|| true, FREE));
        }
        assert_eq!(looks_in_vain(&streak, FREE), 1 + GLANCES);
        assert_eq!(looks_in_vain(&streak, FREE), 1);
    }

    #[test]
    fn one_that_was_found_between_two_waits_is_no_streak() {
        let streak = Streak::new();
        for _ in 0..3 {
            assert!(streak.look(|| true, FREE));
            assert_eq!(looks_in_vain(&streak, FREE), 1);
        }
    }

    #[test]
    fn what_a_look_finds_goes_on_with_the_streak() {
        let streak = Streak::new();
        assert!((0..EARNED).all(|_| streak.look(|| true, FREE)));
        for _ in 0..3 {
            let looks = Cell::new(0);
            assert!(streak.look(|| looks.replace(looks.get() + 1) == 5, FREE));
        }
        assert_eq!(looks_in_vain(&streak, FREE), 1 + GLANCES);
    }

    #[test]
    fn a_lock_that_is_taken_earns_a_look_each_time() {
        let streak = Streak::new();
        for _ in 0..3 {
            assert_eq!(looks_in_vain(&streak, LOCKED), 1 + GLANCES);
            assert_eq!(looks_in_vain(&streak, FREE), 1);
        }
    }
}
