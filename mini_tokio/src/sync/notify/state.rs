//! The word of a `Notify`: a permit or waiters, and how often everybody was called.
//!
//! ```text
//!    63                                             2   1        0
//!   +------------------------------------------------+--------+---------+
//!   | generation: calls of notify_waiters            | PERMIT | WAITING |
//!   +------------------------------------------------+--------+---------+
//! ```
//!
//! Invariants:
//! - `NOTIFY-1`: outside the lock, WAITING is set exactly while somebody is in the list of waiters.
//! - `NOTIFY-2`: a word with WAITING set is changed only under the lock. Any other word may be changed by a CAS without
//!   it.
//! - `NOTIFY-3`: PERMIT and WAITING are never set together: a notification goes to a waiter if there is one.
//! - `NOTIFY-4`: the generation only grows. A future remembers the one it was born in; a different one means that
//!   `notify_waiters` was called since, whatever else has happened.
//!
//! Ordering. A notifier's writes must be seen by whoever its notification releases. Each hand-over is an RMW by the
//! notifier (Release) followed by an RMW or a load of the waiter (Acquire) on this one word; RMWs between them keep the
//! chain. The one plain store, in `nobody_waits`, breaks it; but its caller has the lock, as had whoever set WAITING and
//! thereby acquired all that was released before. No SeqCst is needed: a lost wake-up would take two parties that each
//! write one word and read another, and here both write the same word, or hold the lock.
//!
//! Rejected: the permit and the waiters in two words (then "no permit, so I wait" and "no waiter, so I leave a permit"
//! can pass each other), and the generation in its own word (then registration cannot check it in the same CAS).

use crate::shim::{AtomicUsize, Ordering};

const WAITING: usize = 0b01;
const PERMIT: usize = 0b10;
const GENERATION: usize = 0b100;
const FLAGS: usize = WAITING | PERMIT;

/// The word as a future saw it when it was made. Its generation says in which it was born, for good; the flags are of that moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth(usize);

impl Birth {
    fn is_in_generation_of(self, word: usize) -> bool {
        self.0 & !FLAGS == word & !FLAGS
    }
}

/// What became of one notification.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Deposit {
    /// It is the permit now, or has merged with the permit that was there.
    Stored,
    /// Somebody waits: give it to them, under the lock.
    Waiting,
}

/// What a future finds that asks for its notification.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Claim {
    /// There was a permit; it is the caller's now.
    Permit,
    /// `notify_waiters` was called since the future was made. A permit, if there is one, stays.
    Broadcast,
    /// Neither. After [`State::claim`]: nothing has changed. After [`State::claim_or_wait`]: WAITING is set.
    Nothing,
}

/// The word. "Under the lock" means the lock of the lists that belong to it.
pub(super) struct State(AtomicUsize);

impl State {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// The word at this moment. It may lag behind, which makes a future that is being made count as older than it
    /// is. But under the lock, and for a future in a list, "is the generation still that of its birth?" is answered exactly: the
    /// call that ended it took the lock, because somebody was waiting (NOTIFY-2).
    pub(super) fn birth(&self) -> Birth {
        // Acquire; pairs with the Release in `broadcast`: who sees the generation sees what was written before the
        // call.
        Birth(self.0.load(Ordering::Acquire))
    }

    /// The three fields for `Debug`: permit, waiting, generation.
    pub(super) fn snapshot(&self) -> (bool, bool, usize) {
        let word = self.0.load(Ordering::Relaxed);
        (word & PERMIT != 0, word & WAITING != 0, word / GENERATION)
    }

    /// Leaves a notification, unless somebody waits. With or without the lock.
    // ANCHOR: notify-deposit
    pub(super) fn deposit(&self) -> Deposit {
        // Release; pairs with the Acquire in `claim` and `claim_or_wait`.
        let outcome = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |word| {
            // A bug that stayed in many runtimes for years: "there is a permit already, so there is nothing to do". But
            // the permit must also carry the writes of *this* notifier, so the CAS happens even if it changes no bit.
            #[cfg(bug_notify_silent_merge)]
            if word & PERMIT != 0 {
                return None;
            }
            (word & WAITING == 0).then_some(word | PERMIT)
        });
        match outcome {
            Err(word) if word & WAITING != 0 => Deposit::Waiting,
            _ => Deposit::Stored,
        }
    }

    /// Takes the permit if there is one, for a future born in `born`. No lock.
    ///
    /// A future is mostly polled as soon as it is made. So a permit that was seen then is taken for present still, without a second
    /// look: where a notifier is at work on another core, each look brings the cache line over.
    pub(super) fn claim(&self, born: Birth) -> Claim {
        let mut word = if born.0 & PERMIT != 0 { born.0 } else { self.0.load(Ordering::Acquire) };
        while born.is_in_generation_of(word) && word & PERMIT != 0 {
            // Acquire; pairs with the Release in `deposit` and, also where nothing is taken, with that in `broadcast`.
            match self.0.compare_exchange_weak(word, word & !PERMIT, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Claim::Permit,
                Err(now) => word = now,
            }
        }
        if born.is_in_generation_of(word) { Claim::Nothing } else { Claim::Broadcast }
    }

    /// Like [`claim`](Self::claim), but if there is nothing, sets WAITING. Under the lock; on `Nothing` the caller
    /// enters the list before it unlocks (NOTIFY-1). The look at the word and the mark in it are one CAS: whatever a
    /// notifier did since the caller's last look, without the lock, makes the CAS fail.
    // ANCHOR: notify-claim-or-wait
    pub(super) fn claim_or_wait(&self, born: Birth) -> Claim {
        let called = |word| cfg!(not(bug_notify_deaf_registration)) && !born.is_in_generation_of(word);
        // The caller looked for a permit just before it took the lock, so why look again? Because one may have come.
        let permit = |word| cfg!(not(bug_notify_stale_check)) && word & PERMIT != 0;
        // Acquire; pairs with the Release in `deposit` and `broadcast`. Release: keeps the chain (header).
        let outcome = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| match word {
            _ if called(word) || word & WAITING != 0 => None, // exact although it is a plain load: NOTIFY-2
            _ if permit(word) => Some(word & !PERMIT),
            _ => Some((word & !PERMIT) | WAITING),
        });
        match outcome {
            Err(word) if called(word) => Claim::Broadcast,
            Ok(word) if permit(word) => Claim::Permit,
            _ => Claim::Nothing,
        }
    }

    /// The last waiter has left the list. Under the lock, with WAITING set.
    pub(super) fn nobody_waits(&self) {
        let word = self.0.load(Ordering::Relaxed);
        // A store, since nobody else changes this word (NOTIFY-2). Release; stands for what it overwrites (header).
        self.0.store(word & !WAITING, Ordering::Release);
        debug_assert_eq!(word & FLAGS, WAITING, "NOTIFY-1, NOTIFY-3");
    }

    /// Starts a new generation, unless somebody waits. With or without the lock.
    pub(super) fn broadcast_to_nobody(&self) -> Deposit {
        // Release; pairs with the Acquire in `generation`, `claim` and `claim_or_wait`. A CAS, not a store: if nobody
        // waits, the word is open to everybody.
        let outcome = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, |word| {
            (word & WAITING == 0).then(|| word.wrapping_add(GENERATION))
        });
        if outcome.is_ok() { Deposit::Stored } else { Deposit::Waiting }
    }

    /// Starts a new generation; WAITING is cleared, a permit stays. Under the lock; the caller empties the list of
    /// waiters before it unlocks (NOTIFY-1).
    pub(super) fn broadcast(&self) {
        let next = |word: usize| Some(word.wrapping_add(GENERATION) & !WAITING);
        // Orderings and the CAS: as in `broadcast_to_nobody`.
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, next);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn permits_merge() {
        let state = State::new();
        let born = state.birth();
        assert_eq!(state.deposit(), Deposit::Stored);
        assert_eq!(state.deposit(), Deposit::Stored);
        assert_eq!(state.claim(born), Claim::Permit);
        assert_eq!(state.claim(born), Claim::Nothing);
    }

    #[test]
    fn a_broadcast_is_claimed_before_a_permit_and_leaves_it() {
        let state = State::new();
        let born = state.birth();
        assert_eq!(state.deposit(), Deposit::Stored);
        state.broadcast();
        assert_eq!(state.claim(born), Claim::Broadcast);
        assert_eq!(state.claim_or_wait(born), Claim::Broadcast);
        assert_eq!(state.claim_or_wait(state.birth()), Claim::Permit);
    }

    #[test]
    fn a_broadcast_needs_the_lock_only_if_somebody_waits() {
        let state = State::new();
        let born = state.birth();
        assert_eq!(state.broadcast_to_nobody(), Deposit::Stored);
        assert_eq!(state.claim(born), Claim::Broadcast);
        let born = state.birth();
        assert_eq!(state.claim_or_wait(born), Claim::Nothing);
        assert_eq!(state.broadcast_to_nobody(), Deposit::Waiting);
        assert!(born.is_in_generation_of(state.birth().0));
    }

    #[test]
    fn waiters_close_the_lock_free_way() {
        let state = State::new();
        assert_eq!(state.claim_or_wait(state.birth()), Claim::Nothing);
        assert_eq!(state.deposit(), Deposit::Waiting);
        state.nobody_waits();
        assert_eq!(state.deposit(), Deposit::Stored);
    }

    #[test]
    fn the_generation_wraps_without_touching_the_flags() {
        let state = State(AtomicUsize::new(!FLAGS | PERMIT));
        state.broadcast();
        assert_eq!(state.snapshot(), (true, false, 0));
    }
}
