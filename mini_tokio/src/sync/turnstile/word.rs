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
//! - `TURN-2`: WAITING is set and cleared, and CLOSED set, only under the lock. Never are both set: who waits is sent away
//!   when the turnstile closes.
//! - `TURN-3`: who begins to wait takes what is free. Permits that are given while WAITING is set lie *at the door*: nobody
//!   has them, and nobody takes them but under the lock. Whoever laid them there takes the lock next, and gives to the line
//!   what lies there then.
//!
//! So a release is one addition. It cannot refuse to change a word with WAITING set; but it sees what it has done, and no
//! permit at the door is free for somebody who has just come.
//!
//! Ordering. What one holder of a permit wrote must be seen by the next. A permit is given by an RMW (Release) and taken by
//! an RMW (Acquire) on this word; RMWs between them keep the chain, so whoever takes many permits sees what all who gave
//! them wrote. A permit that goes by the line goes by the lock, and on to its receiver by `Waiter::call`. No SeqCst: taker
//! and giver write the same word, or hold the lock.
//!
//! Rejected, after it had stood here: a CAS to give, which fails on a word with WAITING set. Then there is no door. But a
//! CAS needs to know the word, and a load of it waits for the swap before it: a sixth of the time of an acquire with its
//! release.

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
    /// They lie at the door: the caller takes the lock, and then what is [there](Word::take_from_door) (TURN-3).
    AtTheDoor,
    /// The sum would be over [`Word::MOST`]. Nothing has changed.
    TooMany,
}

/// The word. "Under the lock" means the lock of the line that belongs to it.
pub(super) struct Word(AtomicUsize);

/// The free permits of a word: what lies at the door is not free.
#[inline]
fn free(word: usize) -> usize {
    // The bug: who has just come takes what was given to the line.
    if word & WAITING != 0 && cfg!(not(bug_semaphore_open_door)) { 0 } else { word / PERMIT }
}

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
        free(self.0.load(Ordering::Acquire)) // pairs with `give`, for those who draw conclusions from the number
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
            if free(word) < n {
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
            let free = if cfg!(bug_semaphore_no_second_look) { 0 } else { free(word) };
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

    /// Gives back `n` permits that were taken. With or without the lock.
    // ANCHOR: turnstile-give
    #[inline]
    pub(super) fn give(&self, n: usize) -> Give {
        // Release; pairs with the Acquire in `take`, `take_or_wait` and `take_from_door`.
        let order = if cfg!(bug_mutex_relaxed_unlock) { Ordering::Relaxed } else { Ordering::Release };
        let word = self.0.fetch_add(n * PERMIT, order);
        if word & WAITING != 0 { Give::AtTheDoor } else { Give::Given }
    }

    /// Gives `n` new permits, if not too many. With or without the lock.
    pub(super) fn give_new(&self, n: usize) -> Give {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if word / PERMIT + n > Self::MOST {
                return Give::TooMany;
            }
            // Release; as in `give`.
            match self.0.compare_exchange_weak(word, word + n * PERMIT, Ordering::Release, Ordering::Relaxed) {
                Ok(_) if word & WAITING != 0 => return Give::AtTheDoor,
                Ok(_) => return Give::Given,
                Err(now) => word = now,
            }
        }
    }

    /// Takes what lies at the door, for the line. Under the lock. None if nobody waits any more: then it is free.
    #[must_use = "nobody has these permits but the caller"]
    pub(super) fn take_from_door(&self) -> Option<usize> {
        if self.0.load(Ordering::Relaxed) & WAITING == 0 {
            return None;
        }
        // WAITING stays, since the caller has the lock (TURN-2). Acquire; pairs with the Release in `give`.
        Some(self.0.swap(WAITING, Ordering::Acquire) / PERMIT)
    }

    /// The line has become empty, and `free` permits are left over; with them what lies at the door is free. Under the
    /// lock, with WAITING set.
    pub(super) fn nobody_waits(&self, free: usize) {
        // A store would lose what was laid there meanwhile.
        #[cfg(bug_semaphore_swept_door)]
        self.0.store(free * PERMIT, Ordering::Release);
        // Release; pairs with the Acquire in `take`.
        #[cfg(not(bug_semaphore_swept_door))]
        self.0.fetch_add((free * PERMIT).wrapping_sub(WAITING), Ordering::Release);
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
            let gone = n.min(free(word));
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
