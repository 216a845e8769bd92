//! The table of registrations: from the token of an event to the slot of its socket.
//!
//! ```text
//!    token [generation 9 | index 1]
//!                              |
//!    slots     0: gen 0  slot  |        an event whose generation differs from the entry's is for
//!              1: gen 9  slot <+        a former tenant, and is dropped here
//!              2: -           <- free
//! ```
//!
//! Invariants:
//! - `SLOTS-1` Each registration gets a generation of its own: how many there were before it. So every token of a former
//!   tenant, in the kernel or in a list of events already fetched, names nobody.
//! - `SLOTS-2` A slot lives as long as anybody can reach it: the table and the registration share it by `Arc`, and the
//!   reactor delivers with the table locked, so that no slot is freed meanwhile. It takes the slot's own lock then; nobody
//!   takes the two in the other order.
//! - `SLOTS-3` After shutdown nothing is added. The flag stands under the table's lock, so that each registration
//!   either is found by `shut_down` or is refused.

use crate::closed;
use crate::ready::Ready;
use crate::slot::Slot;
use crate::token::{self, Token};
use crate::wakers::Wakers;
use parking_lot::Mutex;
use slab::Slab;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Default)]
pub(crate) struct Slots {
    table: Mutex<Table>,
    /// How many tenants the table has, for those who only ask whether there is anybody. Written under its lock.
    tenants: AtomicUsize,
}

// No user code runs under the lock: slots, and with them wakers, are dropped after it is let go.
impl UnwindSafe for Slots {}
impl RefUnwindSafe for Slots {}

#[derive(Default)]
struct Table {
    tenants: Slab<(u32, Arc<Slot>)>,
    shut_down: bool,
    /// How many slots were ever taken.
    taken: u64,
}

impl Slots {
    /// A new slot and its token. Errors after shutdown, and if the table is full.
    pub(crate) fn insert(&self) -> io::Result<(Token, Arc<Slot>)> {
        let slot = Arc::new(Slot::new());
        let mut table = self.table.lock();
        if table.shut_down {
            return Err(closed::error());
        }
        if table.tenants.len() == token::MAX_SLOTS {
            return Err(io::Error::other("the reactor's table of registrations is full"));
        }
        let generation = token::generation(table.taken); // SLOTS-1
        table.taken += 1;
        let index = table.tenants.insert((generation, slot.clone())) as u32;
        self.tenants.store(table.tenants.len(), Relaxed);
        Ok((Token { index, generation }, slot))
    }

    /// Frees the slot of `token` if it is still its tenant; a second time does nothing.
    // ANCHOR: reactor-generation
    pub(crate) fn free(&self, token: Token) {
        let mut table = self.table.lock();
        let freed = table.tenant(token).is_some().then(|| table.tenants.remove(token.index as usize));
        self.tenants.store(table.tenants.len(), Relaxed);
        drop(table);
        // The caller's registration still has its share, so no waker dies here; but drop it where one might.
        drop(freed);
    }

    /// Delivers `events` to their slots, under one hold of the lock, and skips those of former tenants. Returns how many
    /// were delivered; whom they concern is in `wakers`, to be woken.
    pub(crate) fn deliver(&self, events: impl Iterator<Item = (mio::Token, Ready)>, wakers: &mut Wakers) -> usize {
        let table = self.table.lock();
        let mut delivered = 0;
        for (slot, ready) in events.filter_map(|(token, ready)| Some((table.tenant(Token::unpack(token))?, ready))) {
            slot.deliver(ready, wakers);
            delivered += 1;
        }
        delivered
    }

    /// Closes the table and returns everybody in it; `None` if it was closed before.
    pub(crate) fn shut_down(&self) -> Option<Vec<Arc<Slot>>> {
        let mut table = self.table.lock();
        if std::mem::replace(&mut table.shut_down, true) {
            return None; // SLOTS-3
        }
        Some(table.tenants.iter().map(|(_, (_, slot))| slot.clone()).collect())
    }

    /// Relaxed: who registers on another thread at this moment may be overlooked, as it may have come a moment later.
    pub(crate) fn is_empty(&self) -> bool {
        self.tenants.load(Relaxed) == 0
    }

    /// How many slots were ever taken, and how many are.
    pub(crate) fn totals(&self) -> (u64, usize) {
        let table = self.table.lock();
        (table.taken, table.tenants.len())
    }
}

impl Table {
    fn tenant(&self, token: Token) -> Option<&Arc<Slot>> {
        let (generation, slot) = self.tenants.get(token.index as usize)?;
        (*generation == token.generation).then_some(slot)
    }
}
