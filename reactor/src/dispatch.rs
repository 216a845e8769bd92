//! From a list of the operating system's events to woken tasks.
//!
//! Two passes, so that no user code runs while the table is locked and the table is locked once a turn, not once an
//! event: first each event's slot gets its news and gives up the wakers concerned, then these are called.

use crate::handle::Handle;
use crate::reactor::Turn;
use crate::ready::Ready;
use crate::token::WAKE;
use crate::wakers::Wakers;
use std::sync::atomic::Ordering;

/// The working memory of a dispatch, kept from turn to turn.
#[derive(Default)]
pub(crate) struct Dispatch {
    wakers: Wakers,
}

impl Dispatch {
    // ANCHOR: reactor-dispatch
    pub(crate) fn run(&mut self, handle: &Handle, events: impl Iterator<Item = (mio::Token, Ready)>) -> Turn {
        let mut interrupted = false;
        // The token of the reactor's waker names no slot, and is passed over with those of former tenants.
        let events = events.inspect(|(token, _)| interrupted |= *token == WAKE);
        let delivered = handle.shared.slots.deliver(events, &mut self.wakers);
        // A load and a store: whoever turns is the only one to write it.
        let so_far = handle.shared.ready_events.load(Ordering::Relaxed);
        handle.shared.ready_events.store(so_far + delivered as u64, Ordering::Relaxed);
        let woken = self.wakers.wake();
        Turn { events: delivered, woken, interrupted }
    }
}
