//! The owner's side of a delay: what it knows of its record, and what it asks the timer.
//!
//! A ticket has no timer and no deadline: it is told both at every step. That makes it eight bytes without a counted
//! reference, for owners who find their timer without (a runtime's tasks do); [`Delay`](crate::Delay) is for all others.
//!
//! A delay registers at its first poll, not when it is made. Most delays are the losing half of a timeout, and many of
//! those are never polled at all: making and dropping one must cost nothing. At its first poll it gets a record in the
//! wheel, under one short lock; to cancel it takes the record away, under another. (If the timer thread is late at that very
//! moment, a deadline that has passed may be pending once more, and fires with those the thread is late for.)
//!
//! # The stages of a ticket
//!
//! | stage    | its record      | a poll                                                        |
//! |----------|-----------------|---------------------------------------------------------------|
//! | `Made`   | none            | elapsed if the deadline has passed; else arms it              |
//! | `Polled` | armed           | keeps the waker up to date                                    |
//! |          | fired           | elapsed, then `Over`                                          |
//! |          | stopped         | stopped, then `Made`                                          |
//! | `Over`   | none            | elapsed                                                       |
//!
//! # Invariant
//!
//! * `TICKET-1`: nothing here clones, wakes or drops a waker. They go in and out by value, and the owner does the rest,
//!   where that may run anything.

use std::task::Waker;
use std::time::Instant;

use crate::entry::{Key, State};
use crate::timer::Timer;
use crate::wheel::{Found, Reset};

/// An owner's claim to be woken once a deadline has come. Every call has to name the same timer, and the deadline that was
/// set last.
#[derive(Debug, Default)]
pub struct Ticket {
    stage: Stage,
}

/// See the table in the file's head.
#[derive(Debug, Default, Clone, Copy)]
enum Stage {
    #[default]
    Made,
    Polled(Key),
    Over,
}

impl Ticket {
    /// True from the poll that arms it to the one that finds it elapsed. Asks no lock.
    pub fn is_registered(&self) -> bool {
        matches!(self.stage, Stage::Polled(_))
    }

    /// True if it waits in the wheel: it was polled, and has not fired yet.
    pub fn is_armed(&self, timer: &Timer) -> bool {
        matches!(self.stage, Stage::Polled(key) if timer.shared().state_of(key) == State::Armed)
    }

    /// True if a poll would find it elapsed: it has fired, or it was never armed and its deadline has passed.
    pub fn is_elapsed(&self, timer: &Timer, deadline: Instant) -> bool {
        match self.stage {
            Stage::Made => timer.shared().clock.nanos_now() >= timer.shared().clock.nanos(deadline),
            Stage::Polled(key) => timer.shared().state_of(key) == State::Fired,
            Stage::Over => true,
        }
    }

    /// Looks for the deadline, and sees to it that `waker` is woken when it comes. If a clone of it is needed for that, it is
    /// taken from `spare`, and perhaps another waker is left there; if there is none, the owner has to come back with one.
    ///
    /// # Panics
    ///
    /// If the timer thread is needed and cannot be started. Nothing has changed.
    #[track_caller]
    pub fn poll(&mut self, timer: &Timer, deadline: Instant, waker: &Waker, spare: &mut Option<Waker>) -> Found {
        let shared = timer.shared();
        let (stage, found) = match self.stage {
            Stage::Made => match shared.arm(shared.clock.nanos(deadline), spare) {
                (Found::Armed, key) => (Stage::Polled(key), Found::Armed),
                (found, _) => (Stage::Made, found),
            },
            Stage::Polled(key) => match shared.bell.lock().state.wheel.register(key, waker, spare) {
                Found::Elapsed => (Stage::Over, Found::Elapsed),
                Found::Stopped => (Stage::Made, Found::Stopped),
                found => (self.stage, found),
            },
            Stage::Over => (Stage::Over, Found::Elapsed),
        };
        self.stage = stage;
        found
    }

    // ANCHOR: timer-ticket-reset
    /// Another deadline was set. A ticket that was elapsed is pending again; an armed one stays armed and wakes the task of
    /// its last poll at the new deadline, or has its waker woken by the caller, if that has come. Otherwise the ticket has to
    /// be polled to be armed, as always.
    #[must_use = "the waker is to be woken"]
    pub fn reset(&mut self, timer: &Timer, old: Instant, new: Instant) -> Option<Waker> {
        if let Stage::Polled(key) = self.stage {
            let shared = timer.shared();
            // A later deadline has not come, if the old one has not.
            let now = if new < old { shared.clock.nanos_now() } else { 0 };
            match shared.reset(key, shared.clock.nanos(new), now) {
                Reset::Moved => return None,
                Reset::Due(waker) => return waker,
                Reset::Over => {}
            }
        }
        self.stage = Stage::Made;
        None
    }
    // ANCHOR_END: timer-ticket-reset

    // ANCHOR: timer-ticket-cancel
    /// Takes the record away, if there is one. Its waker is the caller's to drop.
    #[must_use = "the waker is dropped by a statement of its own"]
    pub fn cancel(&mut self, timer: &Timer) -> Option<Waker> {
        let Stage::Polled(key) = std::mem::take(&mut self.stage) else { return None };
        timer.shared().bell.lock().state.wheel.remove(key)
    }
    // ANCHOR_END: timer-ticket-cancel
}
