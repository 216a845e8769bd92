//! [`Streak`]: whether it pays to look on for a moment before one waits.
//!
//! To wait is dear for both sides. One enters a list under a lock; the other takes it out again and makes its task ready; and
//! each step fetches a cache line from the other's core. Where one thread brings what another takes, hand in hand, a few looks
//! more would have found it. They also fall out of step for good: while one side is busy waking who was too early, it brings
//! nothing, and so the next is too early, too. But where nobody else is at work all looks are in vain; in a program of one thread,
//! always.
//!
//! So a look is earned, by a *streak*: [`EARNED`] in a row found at once what they came for, and nobody waited between them. The first
//! look in vain ends it. One thread that brings and takes by turns pays for one look in three times at most; and one that takes
//! what it was woken for, then what came meanwhile, and then waits, for none. (That is the common case, and why one find alone
//! earns nothing.)
//!
//! A hint: nothing depends on it. So it is Relaxed, two threads may lose one another's count, and a
//! model need not see it: the pause is not loom's, either, which would have the others run first.
//!
//! Rejected: to look before every wait, which is as fast for two threads and costs one thread 0.3 µs each time; and the rests of
//! the scheduler's [`Patience`](crate::scheduler::patience), no faster and with more to remember.

use std::{
    hint::spin_loop,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// So many in a row make a streak.
const EARNED: usize = 2;

/// How often a look looks, with a pause before each: 0.3 µs where a pause took 24 ns. That is about what it takes the other side
/// to wake a waiter, which is what it is busy with if it is late.
const GLANCES: u32 = 12;

/// How many have found it at once since somebody waited; counts no further than [`EARNED`].
pub(super) struct Streak(AtomicUsize);

impl Streak {
    /// In a model it begins earned: to look again is what is new.
    pub(super) const fn new() -> Self {
        Self(AtomicUsize::new(if cfg!(loom) { EARNED } else { 0 }))
    }

    // ANCHOR: streak-look
    /// Whether `found` comes true: now, or in the moment for which a streak lets one look on.
    #[inline]
    pub(super) fn look(&self, found: impl Fn() -> bool) -> bool {
        let so_far = self.0.load(Relaxed);
        if found() {
            if so_far < EARNED {
                self.0.store(so_far + 1, Relaxed);
            }
            return true;
        }
        so_far > 0 && self.look_on(so_far, found)
    }
    // ANCHOR_END: streak-look

    #[cold]
    fn look_on(&self, so_far: usize, found: impl Fn() -> bool) -> bool {
        let glances = if cfg!(loom) { 1 } else { GLANCES };
        let glance = |_| {
            spin_loop();
            found()
        };
        let found = so_far == EARNED && (0..glances).any(glance);
        if !found {
            self.0.store(0, Relaxed);
        }
        found
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How often one who finds nothing looks.
    fn looks_in_vain(streak: &Streak) -> u32 {
        let looks = Cell::new(0);
        let found = streak.look(|| {
            looks.set(looks.get() + 1);
            false
        });
        assert!(!found);
        looks.get()
    }

    #[test]
    fn a_streak_earns_one_look_and_ends_with_it() {
        let streak = Streak::new();
        assert_eq!(looks_in_vain(&streak), 1);
        for _ in 0..EARNED {
            assert!(streak.look(|| true));
        }
        assert_eq!(looks_in_vain(&streak), 1 + GLANCES);
        assert_eq!(looks_in_vain(&streak), 1);
    }

    #[test]
    fn one_that_was_found_between_two_waits_is_no_streak() {
        let streak = Streak::new();
        for _ in 0..3 {
            assert!(streak.look(|| true));
            assert_eq!(looks_in_vain(&streak), 1);
        }
    }

    #[test]
    fn what_a_look_finds_goes_on_with_the_streak() {
        let streak = Streak::new();
        assert!((0..EARNED).all(|_| streak.look(|| true)));
        for _ in 0..3 {
            let looks = Cell::new(0);
            assert!(streak.look(|| looks.replace(looks.get() + 1) == 5));
        }
        assert_eq!(looks_in_vain(&streak), 1 + GLANCES);
    }
}
