//! The word of a oneshot channel: what either end has said, and which of them is gone.
//!
//! ```text
//!       6          5         4          3         2       1        0
//!   +--------+----------+--------+----------+--------+-------+----------+
//!   | SENDER | RECEIVER | SENDER | RECEIVER |        |       |          |
//!   | WAITS  | WAITS    | GONE   | GONE     | CLOSED | VALUE | FINISHED |
//!   +--------+----------+--------+----------+--------+-------+----------+
//! ```
//!
//! Invariants:
//! - `ONESHOT-1`: FINISHED is set once, by the sender, and VALUE with it or never. VALUE is never set after CLOSED.
//! - `ONESHOT-2`: the value's cell is the sender's until VALUE is set and the receiver's from then on.
//! - `ONESHOT-3`: the cell of the receiver's waker is the receiver's while RECEIVER_WAITS is not set. Whoever finishes
//!   while it is set has the cell from then on; otherwise the receiver gets it back by clearing the bit first.
//! - `ONESHOT-4`: the same for the sender's waker, with SENDER_WAITS and CLOSED.
//! - `ONESHOT-5`: an end that has set its GONE bit does not touch the allocation again, and an end that finds the other's
//!   bit set is alone with it.
//!
//! Ordering. Each cell changes hands by an RMW of the one who had it (Release) and an RMW or a load by the one who gets it
//! (Acquire), on this one word; every other change of the word is an RMW too, which keeps the chain. No SeqCst: both ends
//! write the same word before they decide, so they cannot pass each other.

use crate::shim::{AtomicUsize, Ordering};

const FINISHED: usize = 1 << 0;
const VALUE: usize = 1 << 1;
const CLOSED: usize = 1 << 2;
const RECEIVER_GONE: usize = 1 << 3;
const SENDER_GONE: usize = 1 << 4;
const RECEIVER_WAITS: usize = 1 << 5;
const SENDER_WAITS: usize = 1 << 6;

/// What became of the sender's last word.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Finish {
    /// It is said, and the sender is gone.
    Gone,
    /// It is said, and the receiver waits: take its waker, leave, wake it.
    ReceiverWaits,
    /// The receiver wants no value. Nothing has changed.
    Closed,
    /// The receiver is gone, so the allocation is the caller's. (Not for a value: that finds `Closed`.)
    Alone,
}

/// What the receiver may know about the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Look {
    /// There is one, and the cell is the receiver's.
    Value,
    /// The sender finished and sent none, or had none sent before the receiver closed.
    Nothing,
    /// The sender has not finished.
    NotYet,
}

/// What became of closing.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Close {
    /// Nobody is to be told: closed before, or the sender had finished, or does not wait.
    Quiet,
    /// The sender waits for this: its waker is the caller's.
    SenderWaits,
}

/// Whether the allocation is left to the other end or to be freed.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Leave {
    /// The other end has it.
    Gone,
    /// The other end is gone: free it.
    Alone,
}

/// The word.
pub(super) struct State(AtomicUsize);

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// The sender's last word: with a value, which it has written before, or without.
    // ANCHOR: oneshot-finish
    pub(super) fn finish(&self, value: bool) -> Finish {
        let mut word = self.0.load(Ordering::Acquire); // pairs with the Release in `receiver_leaves`
        loop {
            if value && word & CLOSED != 0 && cfg!(not(bug_oneshot_send_after_close)) {
                return Finish::Closed;
            }
            if word & RECEIVER_GONE != 0 {
                return Finish::Alone;
            }
            // Someone waits: the sender still needs the allocation, to take the waker out of it.
            let waits = word & RECEIVER_WAITS != 0;
            let next = word | FINISHED | if value { VALUE } else { 0 } | if waits { 0 } else { SENDER_GONE };
            // Release; pairs with the Acquire in `look`: hands the value over. Acquire; pairs with the Release in
            // `receiver_waits`: the waker is ours.
            let success = if cfg!(bug_oneshot_relaxed_finish) { Ordering::Relaxed } else { Ordering::AcqRel };
            match self.0.compare_exchange_weak(word, next, success, Ordering::Acquire) {
                Ok(_) if waits => return Finish::ReceiverWaits,
                Ok(_) => return Finish::Gone,
                Err(now) => word = now,
            }
        }
    }

    /// Whether the receiver has closed.
    pub(super) fn is_closed(&self) -> bool {
        // Acquire; pairs with the Release in `close`: who sees it closed sees what was done before.
        self.0.load(Ordering::Acquire) & CLOSED != 0
    }

    /// What the receiver finds. A value that was sent before the channel was closed is still a value.
    pub(super) fn look(&self) -> Look {
        Self::read(self.0.load(Ordering::Acquire)) // pairs with the Release in `finish`
    }

    fn read(word: usize) -> Look {
        match word {
            _ if word & VALUE != 0 => Look::Value,
            _ if word & (FINISHED | CLOSED) != 0 => Look::Nothing,
            _ => Look::NotYet,
        }
    }

    /// The receiver has written its waker. Unless the answer is `NotYet`, the sender missed it: the cell stays the
    /// receiver's.
    // ANCHOR: oneshot-receiver-waits
    pub(super) fn receiver_waits(&self) -> Look {
        // Release; pairs with the Acquire in `finish`: hands the waker over. Acquire; pairs with the Release there: the
        // value, if there is one now.
        let word = self.0.fetch_or(RECEIVER_WAITS, Ordering::AcqRel);
        // The classic bug: "I looked a moment ago, and there was nothing."
        if cfg!(bug_oneshot_no_second_look) { Look::NotYet } else { Self::read(word) }
    }

    /// The receiver looks, and if there is nothing yet, it has its waker's cell back: after `NotYet`.
    pub(super) fn receiver_stops_waiting(&self) -> Look {
        let word = self.0.load(Ordering::Acquire); // pairs with the Release in `finish`
        let look = Self::read(word);
        if look != Look::NotYet || word & RECEIVER_WAITS == 0 {
            return look;
        }
        Self::read(self.0.fetch_and(!RECEIVER_WAITS, Ordering::AcqRel)) // pairs with the Release in `finish`
    }

    /// The sender has written its waker. True if it waits; if not, the channel is closed and the cell stays the sender's.
    pub(super) fn sender_waits(&self) -> bool {
        // Release; pairs with the Acquire in `close`: hands the waker over.
        self.0.fetch_or(SENDER_WAITS, Ordering::AcqRel) & CLOSED == 0
    }

    /// The sender wants its waker's cell back. False if the channel is closed, and the cell perhaps the receiver's.
    pub(super) fn sender_stops_waiting(&self) -> bool {
        let word = self.0.load(Ordering::Acquire); // pairs with the Release in `close`
        if word & SENDER_WAITS == 0 || word & CLOSED != 0 {
            return word & CLOSED == 0;
        }
        self.0.fetch_and(!SENDER_WAITS, Ordering::AcqRel) & CLOSED == 0
    }

    /// The receiver wants no value that has not been sent already.
    // ANCHOR: oneshot-close
    pub(super) fn close(&self) -> Close {
        if self.0.load(Ordering::Acquire) & (FINISHED | CLOSED) != 0 {
            return Close::Quiet;
        }
        // Acquire; pairs with the Release in `sender_waits`. Release; pairs with the Acquire in `finish`, `is_closed`.
        let word = self.0.fetch_or(CLOSED, Ordering::AcqRel);
        if word & FINISHED == 0 && word & SENDER_WAITS != 0 { Close::SenderWaits } else { Close::Quiet }
    }

    /// The sender, who has finished, is gone.
    pub(super) fn sender_leaves(&self) -> Leave {
        self.leave(SENDER_GONE, RECEIVER_GONE)
    }

    /// The receiver, who has closed or found the sender finished, is gone.
    pub(super) fn receiver_leaves(&self) -> Leave {
        self.leave(RECEIVER_GONE, SENDER_GONE)
    }

    // ANCHOR: oneshot-leave
    fn leave(&self, mine: usize, other: usize) -> Leave {
        // Acquire; pairs with the Release below and in `finish`: whatever the other end did is done (ONESHOT-5).
        if self.0.load(Ordering::Acquire) & other != 0 {
            return Leave::Alone; // and nobody is left to be told
        }
        let word = self.0.fetch_or(mine, Ordering::AcqRel);
        if word & other != 0 { Leave::Alone } else { Leave::Gone }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_nobody_awaits_costs_one_step_and_the_sender_is_gone() {
        let state = State::new();
        assert_eq!(state.look(), Look::NotYet);
        assert_eq!(state.finish(true), Finish::Gone);
        assert_eq!(state.look(), Look::Value);
        assert_eq!(state.close(), Close::Quiet);
        assert_eq!(state.look(), Look::Value);
        assert_eq!(state.receiver_leaves(), Leave::Alone);
    }

    #[test]
    fn a_sender_that_must_wake_leaves_afterwards() {
        let state = State::new();
        assert_eq!(state.receiver_waits(), Look::NotYet);
        assert_eq!(state.finish(true), Finish::ReceiverWaits);
        assert_eq!(state.receiver_leaves(), Leave::Gone);
        assert_eq!(state.sender_leaves(), Leave::Alone);
    }

    #[test]
    fn nothing_can_be_sent_after_the_close() {
        let state = State::new();
        assert!(state.sender_waits());
        assert_eq!(state.close(), Close::SenderWaits);
        assert_eq!(state.finish(true), Finish::Closed);
        assert_eq!(state.look(), Look::Nothing);
        assert!(!state.sender_stops_waiting());
        assert_eq!(state.receiver_leaves(), Leave::Gone);
        assert_eq!(state.finish(false), Finish::Alone);
    }
}
