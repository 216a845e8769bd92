//! The word of a turnstile: how many permits are free, whether somebody waits, whether it is closed.
//!
//! ```text
//!    63   62                                        2   1         0
//!   +----+-------------------------------------------+--------+---------+
//!   | 0  | free permits: up to 2^61 - 1              | CLOSED | WAITING |
//!   +----+-------------------------------------------+--------+---------+
//! ```
//!
//! Invariants:
//! - `TURN-1`: outside the lock, WAITING is set exactly while somebody is in line.
//! - `TURN-2`: a word with WAITING set is changed only under the lock. Any other word may be changed by a CAS without it.
//! - `TURN-3`: while WAITING is set no permit is free, and CLOSED is not set: whoever waits was given what there was, and
//!   is sent away when the turnstile closes.
//!
//! So `free >= n` is the whole test of the fast path of [`take`](Word::take), for a word with waiters as for one without;
//! and the fast path of [`give`](Word::give) looks at one bit.
//!
//! Ordering. What one holder of a permit wrote must be seen by the next. A permit is given by an RMW (Release) and taken by
//! an RMW (Acquire) on this word; RMWs between them keep the chain, so whoever takes many permits sees what all who gave
//! them wrote. A permit that goes by the line goes by the lock, and on to its receiver by `Waiter::call`. The one plain
//! store, in `nobody_waits`, breaks the chain, but its caller has the lock, as had whoever set WAITING and thereby acquired
//! all that was given before. No SeqCst: taker and giver write the same word, or hold the lock.
//!
//! Rejected: `fetch_add` to give, which is a little cheaper than a CAS if many give at once. It cannot refuse to
//! change a word with WAITING set, and then a permit is free for a moment that belongs to the first in line.

use crate::shim::{AtomicUsize, Ordering};

const WAITING: usize = 0b01;
const CLOSED: usize = 0b10;
const PERMIT: usize = 0b100;

/// What became of asking for permits without waiting.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(in crate::sync) enum Take {
    /// They are the caller's.
    Taken,
    /// So many are not free.
    TooFew,
    /// No permits are given any more.
    Closed,
}

/// What became of asking for permits under the lock.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Claim {
    /// They are the caller's.
    Taken,
    /// The caller waits, and has those `got` permits that were free. WAITING is set.
    Waits { got: usize },
    /// No permits are given any more.
    Closed,
}

/// What became of giving permits.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Give {
    /// They are free.
    Given,
    /// Somebody waits: give them to the line, under the lock. Nothing has changed.
    Waiting,
    /// The sum would be over [`Word::MOST`]. Nothing has changed.
    TooMany,
}

/// The word. "Under the lock" means the lock of the line that belongs to it.
pub(super) struct Word(AtomicUsize);

impl Word {
    /// tokio's limit. It leaves one bit more than is needed, so that a sum which is too high shows before it wraps round.
    pub(super) const MOST: usize = usize::MAX >> 3;

    #[cfg(not(loom))]
    pub(super) const fn new(permits: usize, closed: bool) -> Self {
        Self(AtomicUsize::new(permits * PERMIT + if closed { CLOSED } else { 0 }))
    }

    #[cfg(loom)]
    pub(super) fn new(permits: usize, closed: bool) -> Self {
        Self(AtomicUsize::new(permits * PERMIT + if closed { CLOSED } else { 0 }))
    }

    pub(super) fn free(&self) -> usize {
        self.0.load(Ordering::Acquire) / PERMIT // pairs with `give`, for those who draw conclusions from the number
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        // Acquire; pairs with the Release in `close`: who sees it closed sees what was done before.
        self.0.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Takes `n` permits, or none. With or without the lock.
    // ANCHOR: turnstile-take
    #[inline]
    pub(super) fn take(&self, n: usize) -> Take {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if word & CLOSED != 0 {
                return Take::Closed;
            }
            if word / PERMIT < n {
                return Take::TooFew;
            }
            // Acquire; pairs with the Release in `give`.
            match self.0.compare_exchange_weak(word, word - n * PERMIT, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Take::Taken,
                Err(now) => word = now,
            }
        }
    }

    /// Like [`take`](Self::take), for who takes all that there are: expects to find just them, and saves the look. That is a
    /// fifth of the time, because a load of this word waits for the swap before it.
    #[inline]
    pub(super) fn take_all(&self, n: usize) -> Take {
        // Acquire; pairs with the Release in `give`.
        match self.0.compare_exchange(n * PERMIT, 0, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Take::Taken,
            Err(_) => self.take(n),
        }
    }

    /// Takes `n` permits, or what is free, to wait for the others. Under the lock.
    // ANCHOR: turnstile-take-or-wait
    pub(super) fn take_or_wait(&self, n: usize) -> Claim {
        let mut word = self.0.load(Ordering::Acquire); // pairs with the Release in `close`
        loop {
            if word & CLOSED != 0 && cfg!(not(bug_semaphore_deaf_to_close)) {
                return Claim::Closed;
            }
            // The bug: to trust the look before the lock.
            let free = if cfg!(bug_semaphore_no_second_look) { 0 } else { word / PERMIT };
            let (next, claim) = match free >= n {
                true => (word - n * PERMIT, Claim::Taken),
                false => ((word - free * PERMIT) | WAITING, Claim::Waits { got: free }),
            };
            // Acquire; pairs with the Release in `give`: for the permits taken, and for the lock to hand on.
            match self.0.compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return claim,
                Err(now) => word = now,
            }
        }
    }

    /// Makes `n` permits free, unless somebody waits. With or without the lock.
    // ANCHOR: turnstile-give
    #[inline]
    pub(super) fn give(&self, n: usize) -> Give {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if word & WAITING != 0 {
                return Give::Waiting;
            }
            if word / PERMIT + n > Self::MOST {
                return Give::TooMany;
            }
            // Release; pairs with the Acquire in `take` and `take_or_wait`.
            let success = if cfg!(bug_mutex_relaxed_unlock) { Ordering::Relaxed } else { Ordering::Release };
            match self.0.compare_exchange_weak(word, word + n * PERMIT, success, Ordering::Relaxed) {
                Ok(_) => return Give::Given,
                Err(now) => word = now,
            }
        }
    }

    /// Like [`give`](Self::give), for who had all that there are, as [`take_all`](Self::take_all) is.
    #[inline]
    pub(super) fn give_all(&self, n: usize) -> Give {
        // Release; pairs with the Acquire in `take`.
        let success = if cfg!(bug_mutex_relaxed_unlock) { Ordering::Relaxed } else { Ordering::Release };
        match self.0.compare_exchange(0, n * PERMIT, success, Ordering::Relaxed) {
            Ok(_) => Give::Given,
            Err(_) => self.give(n),
        }
    }

    /// The line has become empty, and `free` permits are left over. Under the lock, with WAITING set.
    pub(super) fn nobody_waits(&self, free: usize) {
        // A store, since nobody else changes this word (TURN-2), and no permit was free (TURN-3). Release; pairs with the
        // Acquire in `take`.
        self.0.store(free * PERMIT, Ordering::Release);
    }

    /// Gives no permits any more. Under the lock; the caller empties the line, whose first held `held`.
    pub(super) fn close(&self, held: usize) {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let next = ((word & !WAITING) | CLOSED) + held * PERMIT;
            // Release; pairs with the Acquire in `is_closed`.
            match self.0.compare_exchange_weak(word, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Takes up to `n` free permits and says how many. Closed or not.
    pub(super) fn forget(&self, n: usize) -> usize {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let gone = n.min(word / PERMIT);
            if gone == 0 {
                return 0;
            }
            // Acquire; pairs with the Release in `give`: the permits may come back as somebody else's.
            match self.0.compare_exchange_weak(word, word - gone * PERMIT, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return gone,
                Err(now) => word = now,
            }
        }
    }
}
