//! One armed delay: the state that its owner (the task's `Delay`) and the driver (whoever turns the wheel) share.
//!
//! Deadline and state live in one atomic word, so that "fire it unless it was postponed" and "postpone it unless it has
//! fired" are each one compare-and-swap, and exactly one of two racing sides wins.
//!
//! ```text
//!      63                                                    3 2   0
//!     ┌───────────────────────────────────────────────────────┬─────┐
//!     │ deadline, nanoseconds since the timer's origin        │state│
//!     └───────────────────────────────────────────────────────┴─────┘
//!
//!                        register           registered
//!                   ARMED ─────────────► BUSY ─────────────► ARMED        owner
//!                     │                    │
//!                     ├── fire ──► FIRED ◄─┤                              driver
//!                     ├── stop ─► STOPPED ◄┤                              driver, at shutdown
//!                     └─ cancel ► CANCELLED                               owner
//! ```
//!
//! # Invariants
//!
//! * `ENTRY-1`: whoever takes the word out of ARMED owns the waker cell from then on. An owner in BUSY gives it back by
//!   returning to ARMED; every other step out of ARMED is final.
//! * `ENTRY-2`: the driver never waits for BUSY. It moves BUSY to FIRED and leaves the waker alone; the owner finds out as
//!   it tries to return to ARMED, and its poll answers "ready" instead. Nobody needs to be woken.
//! * `ENTRY-3`: only the owner changes the deadline, and the wheel's record of an armed entry lies in a slot at or before
//!   it. So a later deadline needs no move: the driver finds the entry too early and files it again.
//! * `ENTRY-4`: a cancelled entry holds no waker once its owner has let go of it. The wheel may drop it under a lock.
//!
//! # The two sides
//!
//! | owner (`register`, `postpone`, `cancel`)                 | driver (`fire`)                                         |
//! |----------------------------------------------------------|---------------------------------------------------------|
//! | 1. take the cell: ARMED to BUSY                          | 1. read the word: cancelled? not yet due?               |
//! | 2. replace the waker                                     | 2. ARMED to FIRED takes the cell; BUSY to FIRED does not |
//! | 3. give the cell back: BUSY to ARMED (Release)           | 3. (Acquire) take the waker out of the cell             |
//! | 4. if 3 fails the driver was at its 2: ready             | 4. wake it, outside every lock                          |
//!
//! What is left out: tokio's entry is pinned in the future and linked into the wheel, which saves the allocation and
//! costs a lock at every drop. Ours is an `Arc`, so that a dropped delay marks it and walks away.

use std::task::Waker;

use crate::shim::{AtomicU64, Ordering, UnsafeCell};

#[cfg(all(test, loom))]
mod model;

const STATE_BITS: u32 = 3;
const STATE: u64 = (1 << STATE_BITS) - 1;

/// In the wheel; the cell holds the waker, and whoever leaves this state owns it.
const ARMED: u64 = 1;
/// In the wheel; the owner is replacing the waker.
const BUSY: u64 = 2;
/// Its deadline has come.
const FIRED: u64 = 3;
/// The timer was shut down.
const STOPPED: u64 = 4;
/// Its owner is gone; the wheel's record is waiting to be reaped.
const CANCELLED: u64 = 5;

/// How the driver ends an armed entry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Fired,
    Stopped,
}

/// What the driver found.
#[must_use]
#[derive(Debug)]
pub(crate) enum Fire {
    /// It is over. There is no waker if the owner was about to change it (`ENTRY-2`).
    Ended(Option<Waker>),
    /// The deadline, in nanoseconds, is later than asked for.
    Later(u64),
    /// Cancelled: a record to be dropped.
    Dead,
}

/// What a poll finds.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Register {
    /// Armed, and the waker will be woken.
    Registered,
    Fired,
    Stopped,
}

/// What a change of the deadline comes to.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Postpone {
    /// The new deadline counts; the record stays where it is.
    Kept,
    /// The new deadline is earlier: the record has to move.
    Earlier,
    /// Not armed any more.
    Gone,
}

/// The atomic word; see the file's head for its layout and transitions.
struct Word(AtomicU64);

fn pack(deadline: u64, state: u64) -> u64 {
    deadline << STATE_BITS | state
}

impl Word {
    // ANCHOR: timer-entry-fire
    /// Driver: ends the entry if its deadline is at or before `due`. Returns the state that was left, or why not.
    fn end(&self, due: u64, end: End) -> Result<u64, Fire> {
        let state = match end {
            End::Fired => FIRED,
            End::Stopped => STOPPED,
        };
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            match word & STATE {
                ARMED | BUSY if word >> STATE_BITS > due => return Err(Fire::Later(word >> STATE_BITS)),
                ARMED | BUSY => {}
                _ => return Err(Fire::Dead),
            }
            // Acquire pairs with the Release in `end_register`: the waker that was put there is seen. Release pairs with
            // the Acquire of the owner's load in `begin_register`: what the driver did before firing is seen by the poll.
            let fired = (word & !STATE) | state;
            match self.0.compare_exchange_weak(word, fired, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(left) => return Ok(left & STATE),
                Err(now) => word = now,
            }
        }
    }
    // ANCHOR_END: timer-entry-fire

    /// Owner: takes the waker cell until `end_register` with the returned word; or finds that the entry is over. BUSY is
    /// left behind by a waker whose `clone` panicked: the cell is still the owner's.
    fn begin_register(&self) -> Result<u64, Register> {
        let mut word = self.0.load(Ordering::Acquire); // pairs with the Release in `end`
        loop {
            let busy = (word & !STATE) | BUSY;
            match word & STATE {
                ARMED => {}
                BUSY => return Ok(word),
                FIRED => return Err(Register::Fired),
                _ => return Err(Register::Stopped),
            }
            // Success: Relaxed, since nobody but the owner has written the cell. Failure: Acquire, as above.
            match self.0.compare_exchange_weak(word, busy, Ordering::Relaxed, Ordering::Acquire) {
                Ok(_) => return Ok(busy),
                Err(now) => word = now,
            }
        }
    }

    /// Owner: gives the waker cell back, unless the driver ended the entry meanwhile.
    fn end_register(&self, busy: u64) -> Register {
        let armed = (busy & !STATE) | ARMED;
        #[cfg(bug_timer_blind_register)]
        {
            self.0.store(armed, Ordering::Release); // the driver's FIRED is overwritten: the task sleeps for ever
            return Register::Registered;
        }
        #[cfg(not(bug_timer_blind_register))]
        // Release pairs with the Acquire in `end`: the new waker is published. Failure: Acquire, as in `begin_register`.
        match self.0.compare_exchange(busy, armed, Ordering::Release, Ordering::Acquire) {
            Ok(_) => Register::Registered,
            Err(now) if now & STATE == FIRED => Register::Fired,
            Err(_) => Register::Stopped,
        }
    }

    /// Owner: puts a later deadline in place (`ENTRY-3`).
    fn postpone(&self, deadline: u64) -> Postpone {
        #[cfg_attr(bug_timer_lost_reset, allow(unused_mut))]
        let mut word = self.0.load(Ordering::Acquire); // pairs with the Release in `end`
        loop {
            match word & STATE {
                ARMED | BUSY if deadline < word >> STATE_BITS => return Postpone::Earlier,
                ARMED | BUSY => {}
                _ => return Postpone::Gone,
            }
            let later = pack(deadline, word & STATE);
            #[cfg(bug_timer_lost_reset)]
            {
                self.0.store(later, Ordering::Release); // a FIRED in between is lost: armed, and in no wheel
                return Postpone::Kept;
            }
            #[cfg(not(bug_timer_lost_reset))]
            // Success is a Release like that of `end_register`: the driver's Acquire may read from this step instead.
            match self.0.compare_exchange_weak(word, later, Ordering::Release, Ordering::Acquire) {
                Ok(_) => return Postpone::Kept,
                Err(now) => word = now,
            }
        }
    }

    /// Owner: cancels. True if the waker cell is the owner's now.
    fn cancel(&self) -> bool {
        // A delay that has fired is dropped more often than any other, and a load is cheaper than a swap.
        let word = self.0.load(Ordering::Relaxed);
        if !matches!(word & STATE, ARMED | BUSY) {
            return false;
        }
        #[cfg(bug_timer_blind_cancel)]
        {
            self.0.store(CANCELLED, Ordering::Relaxed); // both sides believe that the cell is theirs
            return true;
        }
        #[cfg(not(bug_timer_blind_cancel))]
        // Relaxed: the owner itself wrote the cell, and whoever sees CANCELLED touches nothing.
        matches!(self.0.swap(CANCELLED, Ordering::Relaxed) & STATE, ARMED | BUSY)
    }
}

/// One armed delay.
pub(crate) struct Entry {
    word: Word,
    // Guarded by `word` (`ENTRY-1`).
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the cell is accessed by whoever owns it by `ENTRY-1` only, and a `Waker` is Send and Sync itself.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl Entry {
    /// An armed entry, to be filed in the wheel.
    pub(crate) fn armed(deadline: u64, waker: Waker) -> Self {
        Self { word: Word(AtomicU64::new(pack(deadline, ARMED))), waker: UnsafeCell::new(Some(waker)) }
    }

    /// Driver: ends the entry if its deadline is at or before `due`.
    pub(crate) fn fire(&self, due: u64, end: End) -> Fire {
        match self.word.end(due, end) {
            // SAFETY: `ENTRY-1`: this call has taken the word out of ARMED, for good.
            Ok(ARMED) => Fire::Ended(unsafe { self.replace(None) }),
            Ok(_) => Fire::Ended(None),
            Err(why) => why,
        }
    }

    // ANCHOR: timer-entry-register
    /// Owner: sees to it that `waker` is the one that will be woken. The owner's `Delay` is borrowed mutably, so no two
    /// calls of the owner's side run at once.
    pub(crate) fn register(&self, waker: &Waker) -> Register {
        let busy = match self.word.begin_register() {
            Ok(busy) => busy,
            Err(over) => return over,
        };
        // SAFETY: `ENTRY-1`: the word is BUSY, so the cell is ours. The reference ends before it is given back.
        let same = self.waker.with_mut(|cell| unsafe { &*cell }.as_ref().is_some_and(|old| old.will_wake(waker)));
        // `clone` is the user's code and may panic: the word is then still BUSY, which `begin_register` knows of.
        // SAFETY: as above.
        let old = if same { None } else { unsafe { self.replace(Some(waker.clone())) } };
        let outcome = self.word.end_register(busy);
        drop(old); // the user's code as well: the entry is in order again
        if outcome != Register::Registered {
            // SAFETY: `ENTRY-2`: the driver found BUSY and left the cell to us.
            drop(unsafe { self.replace(None) });
        }
        outcome
    }
    // ANCHOR_END: timer-entry-register

    /// Owner: sets a later deadline in place.
    pub(crate) fn postpone(&self, deadline: u64) -> Postpone {
        self.word.postpone(deadline)
    }

    /// Owner: cancels. `Some` if it was armed, with the waker, which the caller has to drop outside every lock.
    #[must_use]
    pub(crate) fn cancel(&self) -> Option<Option<Waker>> {
        // SAFETY: `ENTRY-1`: `cancel` has taken the word out of ARMED (or out of our own BUSY).
        self.word.cancel().then(|| unsafe { self.replace(None) })
    }

    /// The deadline, if armed. A hint for anyone but the owner.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let word = self.word.0.load(Ordering::Acquire); // pairs with the Release in `end`
        matches!(word & STATE, ARMED | BUSY).then_some(word >> STATE_BITS)
    }

    /// True if the deadline has come.
    pub(crate) fn is_fired(&self) -> bool {
        self.word.0.load(Ordering::Acquire) & STATE == FIRED // pairs with the Release in `end`
    }

    /// True if nobody will ever look at the wheel's record again.
    pub(crate) fn is_dead(&self) -> bool {
        self.word.0.load(Ordering::Relaxed) & STATE == CANCELLED // nothing is read on the strength of it
    }

    /// Exchanges the content of the waker cell.
    ///
    /// # Safety
    ///
    /// The caller owns the cell by `ENTRY-1`.
    unsafe fn replace(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: by the contract, nobody else accesses the cell.
        self.waker.with_mut(|cell| unsafe { std::mem::replace(&mut *cell, waker) })
    }
}
