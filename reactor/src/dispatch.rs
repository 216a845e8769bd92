//! From a list of the operating system's events to woken tasks.
//!
//! Two passes, so that no user code runs while the table is locked and the table is locked once a turn, not once an
//! event: first every event's slot is looked up, then each slot gets its news. Between the passes a slot may be freed
//! by its owner; the share taken here keeps it alive for the news that nobody will read (SLOTS-2).

use crate::handle::Handle;
use crate::reactor::Turn;
use crate::ready::Ready;
use crate::slot::Slot;
use crate::token::WAKE;
use crate::wakers::Wakers;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The working memory of a dispatch, kept from turn to turn.
#[derive(Default)]
pub(crate) struct Dispatch {
    found: Vec<(Arc<Slot>, Ready)>,
    wakers: Wakers,
}

impl Dispatch {
    // ANCHOR: reactor-dispatch
    pub(crate) fn run(&mut self, handle: &Handle, events: impl Iterator<Item = (mio::Token, Ready)>) -> Turn {
        let mut interrupted = false;
        // The token of the reactor's waker names no slot, and is passed over with those of former tenants.
        let events = events.inspect(|(token, _)| interrupted |= *token == WAKE);
        handle.shared.slots.find(events, &mut self.found);
        let delivered = self.found.len();
        handle.shared.ready_events.fetch_add(delivered as u64, Ordering::Relaxed);
        let woken = self.found.drain(..).map(|(slot, ready)| slot.deliver(ready, &mut self.wakers)).sum();
        self.wakers.finish();
        Turn { events: delivered, woken, interrupted }
    }
}
