//! The one atomic word of a registration: what the source is ready for, since which event, and whether it is over.
//!
//! ```text
//!   63                                              8   7   6   5                    0
//!  +-------------------------------------------------+---+---+------------------------+
//!  |  tick: events delivered so far (wraps)          | S | - | E  P  WC RC W  R       |
//!  +-------------------------------------------------+---+---+------------------------+
//!                                                      |       ready bits, as in `Ready`
//!                                                      shutdown
//! ```
//!
//! Vocabulary. *Set*: the reactor delivers an event; bits are added, the tick goes up by one, in one step. *Clear*: a
//! caller whose attempt answered `WouldBlock` takes back the bits it had believed. *Stale*: a clear whose receipt is
//! older than the last set.
//!
//! Invariants:
//! - `READY-1` Only a clear with the receipt of the current tick takes bits away. An edge-triggered source tells each
//!   thing once: a bit erased by mistake never comes back, and its waiter sleeps for ever.
//! - `READY-2` Every set changes the tick, even if it adds no bit: the bit may have been lit, and yet the news is new.
//! - `READY-3` No clear takes READ_CLOSED or WRITE_CLOSED away: there is no second edge for what lasts. Only an attempt
//!   that answered `WouldBlock` proves that what was closed is open after all (*refute*): a named pipe that has a writer
//!   again, a UDP socket whose error was taken for an end. Shutdown never goes out.
//!
//! Ordering. No memory of ours is published through this word: the data are in the kernel. What matters is that an
//! attempt at I/O comes after the snapshot whose receipt it will clear with. `snapshot` loads with Acquire, so that the
//! attempt cannot move up before it; could it do so, a fresh event between the two would lend its tick to an old
//! failure, and the clear would pass for current. The other end needs no help: whether to clear depends on the outcome.
//! `set` is the Release that the Acquire pairs with: whoever sees the tick sees what the event was about.
//!
//! Rejected: a tick of 8 or 15 bits, which would fit a 32-bit word. A task that sleeps through exactly one lap of events
//! holds a receipt that looks fresh. tokio met this twice: with a truncated count of polls (issue 6133), and with a
//! receipt narrower than the word's tick (8331). At an event a nanosecond, 56 bits take two years for a lap.
//!
//! Rejected: a tick for each direction. With the common one, a write event makes a reader's clear stale, and the reader
//! tries once more in vain. That ends, because an edge-triggered selector reports a change once; where it reports again
//! at each re-arming, as on Windows, it may not (tokio 8054).

use crate::ready::{Ready, ReadyEvent};
use crate::shim::{AtomicU64, Ordering};

const READY_BITS: u64 = 0b11_1111;
const SHUTDOWN: u64 = 1 << 7;
const TICK_SHIFT: u32 = 8;
const ONE_TICK: u64 = 1 << TICK_SHIFT;

/// The word. See the top of this file.
pub(crate) struct ReadyWord(AtomicU64);

/// What became of a clear.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cleared {
    /// The bits are out.
    Done,
    /// An event was delivered since the receipt was made: nothing was changed.
    Stale,
}

impl ReadyWord {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// The word as it is after `tick` events, for tests of far-away ticks.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn at_tick(tick: u64) -> Self {
        Self(AtomicU64::new(tick << TICK_SHIFT))
    }

    /// What `mask` asks about, whatever it is.
    pub(crate) fn snapshot(&self, mask: Ready) -> ReadyEvent {
        #[cfg(not(bug_readiness_relaxed_look))]
        let word = self.0.load(Ordering::Acquire); // pairs with the AcqRel in `set`; the attempt stays behind it
        #[cfg(bug_readiness_relaxed_look)]
        let word = self.0.load(Ordering::Relaxed);
        ReadyEvent { tick: word >> TICK_SHIFT, ready: ready_of(word) & mask, is_shutdown: word & SHUTDOWN != 0 }
    }

    /// The same if it ends a wait: something in `mask` is ready, or nothing ever will be.
    pub(crate) fn look(&self, mask: Ready) -> Option<ReadyEvent> {
        let event = self.snapshot(mask);
        (event.is_shutdown || !event.ready.is_empty()).then_some(event)
    }

    /// An event: adds `ready`, counts a tick (READY-2).
    pub(crate) fn set(&self, ready: Ready) {
        // AcqRel; pairs with the Acquire in `snapshot`. The tick is on top of the word: its overflow falls off the end.
        self.update(|word| Some(word.wrapping_add(ONE_TICK) | u64::from(ready.bits())));
    }

    /// Takes back what `receipt` saw, unless an event was delivered since (READY-1).
    // ANCHOR: reactor-stale-clear
    pub(crate) fn clear(&self, receipt: ReadyEvent) -> Cleared {
        self.take_back(receipt.ready - Ready::FINAL, receipt)
    }

    /// The same with the closings (READY-3).
    // ANCHOR: reactor-refute
    pub(crate) fn refute(&self, receipt: ReadyEvent) -> Cleared {
        self.take_back(receipt.ready, receipt)
    }

    fn take_back(&self, ready: Ready, receipt: ReadyEvent) -> Cleared {
        let bits = u64::from(ready.bits());
        let cleared = self.update(|word| {
            let fresh = word >> TICK_SHIFT == receipt.tick;
            #[cfg(bug_readiness_stale_clear)]
            let fresh = fresh || true; // believes that no event can have come in between
            fresh.then_some(word & !bits)
        });
        if cleared { Cleared::Done } else { Cleared::Stale }
    }

    /// The end: nothing will be delivered any more. Every later `look` answers.
    pub(crate) fn shut_down(&self) {
        // AcqRel; pairs with the Acquire in `snapshot`.
        self.0.fetch_or(SHUTDOWN, Ordering::AcqRel);
    }

    /// One step of the word; false if `step` declined.
    fn update(&self, step: impl FnMut(u64) -> Option<u64>) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, step).is_ok()
    }
}

fn ready_of(word: u64) -> Ready {
    Ready::from_bits((word & READY_BITS) as u8)
}

#[cfg(all(test, not(loom)))]
mod tests;
