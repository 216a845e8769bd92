//! The future that waits for a registration to become ready.
//!
//! It is a thin shell: all it owns is a seat among the slot's waiters (`waiters.rs`), taken at its first pending poll
//! and given up when it completes or is dropped.

use crate::closed;
use crate::ready::{Ready, ReadyEvent};
use crate::slot::Slot;
use crate::waiters::Seat;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits until something in its interest is ready. Made by [`Registration::readiness`](crate::Registration::readiness).
///
/// Cancel safe: a dropped `Readiness` leaves no waker behind and consumes no readiness. Once it has completed it may be
/// polled again and waits afresh.
#[must_use = "futures do nothing unless polled"]
pub struct Readiness<'a> {
    slot: &'a Slot,
    mask: Ready,
    seat: Seat,
}

impl<'a> Readiness<'a> {
    pub(crate) fn new(slot: &'a Slot, mask: Ready) -> Self {
        Self { slot, mask, seat: Seat::Standing }
    }
}

impl Future for Readiness<'_> {
    type Output = io::Result<ReadyEvent>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.slot.wait(cx.waker(), this.mask, &mut this.seat).map(closed::unless_shut_down)
    }
}

// ANCHOR: reactor-cancel
impl Drop for Readiness<'_> {
    fn drop(&mut self) {
        // The seat names this future's place in the list and would be woken, or worse be inherited, if it stayed.
        // Nothing has to be passed on to another waiter (SLOT-2).
        #[cfg(not(bug_readiness_cancel_leak))]
        self.slot.leave_list(&mut self.seat);
    }
}

impl fmt::Debug for Readiness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("mask", &self.mask).field("slot", self.slot).finish_non_exhaustive()
    }
}
