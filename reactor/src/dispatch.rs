//! From a list of the operating system's events to woken tasks.
//!
//! Two passes, so that no user code runs while the table is locked and the table is locked once a turn, not once an
//! event: first every event's slot is looked up, then each slot gets its news. Between the passes a slot may be freed
//! by its owner; the share taken here keeps it alive for the news that nobody will read (SLOTS-2).

use crate::batch::WakeBatch;
use crate::handle::Handle;
use crate::ready::Ready;
use crate::slot::Slot;
use std::sync::Arc;

/// The working memory of a dispatch, kept from turn to turn.
pub(crate) struct Dispatch {
    found: Vec<(Arc<Slot>, Ready)>,
    batch: WakeBatch,
}

/// What a dispatch did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dispatched {
    pub(crate) delivered: usize,
    pub(crate) woken: usize,
}

impl Dispatch {
    pub(crate) fn new(events_per_turn: usize) -> Self {
        Self { found: Vec::with_capacity(events_per_turn), batch: WakeBatch::new() }
    }

    // ANCHOR: reactor-dispatch
    pub(crate) fn run(&mut self, handle: &Handle, events: impl Iterator<Item = (mio::Token, Ready)>) -> Dispatched {
        handle.slots().find(events, &mut self.found);
        let delivered = self.found.len();
        handle.count_events(delivered);
        let mut woken = 0;
        for (slot, ready) in self.found.drain(..) {
            woken += slot.deliver(ready, &mut self.batch);
        }
        self.batch.finish();
        Dispatched { delivered, woken }
    }
}
