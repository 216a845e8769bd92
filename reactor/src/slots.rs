//! The table of registrations: from the token of an event to the slot of its socket.
//!
//! ```text
//!    token [generation 3 | index 1]
//!                              |
//!    entries   0: gen 0  slot  |        an event whose generation differs from the entry's is for
//!              1: gen 3  slot <+        a former tenant, and is dropped here
//!              2: gen 8  -     <- free
//! ```
//!
//! Invariants:
//! - `SLOTS-1` An entry's generation goes up when its slot is freed, so that every token of the former tenant, in the
//!   kernel or in a list of events already fetched, names nobody.
//! - `SLOTS-2` A slot lives as long as anybody can reach it: the table and the registration share it by `Arc`, and the
//!   reactor takes a share for the time of a delivery. An event in flight for a freed slot sets bits that no one reads.
//! - `SLOTS-3` After shutdown nothing is added. The flag stands under the table's lock, so that each registration
//!   either is found by `shut_down` or is refused.
//!
//! The table never shrinks: a free entry costs 16 bytes and remembers its generation.

use crate::closed;
use crate::ready::Ready;
use crate::slot::Slot;
use crate::token::{self, Token};
use parking_lot::Mutex;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Slots {
    table: Mutex<Table>,
}

// No user code runs under the lock: slots, and with them wakers, are dropped after it is let go.
impl UnwindSafe for Slots {}
impl RefUnwindSafe for Slots {}

#[derive(Default)]
struct Table {
    entries: Vec<Entry>,
    free: Vec<u32>,
    shut_down: bool,
    /// How many slots were ever taken.
    taken: u64,
}

struct Entry {
    generation: u32,
    slot: Option<Arc<Slot>>,
}

impl Slots {
    /// A new slot and its token. Errors after shutdown, and if the table is full.
    pub(crate) fn insert(&self) -> io::Result<(Token, Arc<Slot>)> {
        let slot = Arc::new(Slot::new());
        let mut table = self.table.lock();
        if table.shut_down {
            return Err(closed::error());
        }
        let index = match table.free.pop() {
            Some(index) => index,
            None if table.entries.len() == token::MAX_SLOTS => {
                return Err(io::Error::other("the reactor's table of registrations is full"));
            }
            None => {
                table.entries.push(Entry { generation: 0, slot: None });
                (table.entries.len() - 1) as u32
            }
        };
        let entry = &mut table.entries[index as usize];
        debug_assert!(entry.slot.is_none(), "a free entry is empty");
        entry.slot = Some(slot.clone());
        let token = Token { index, generation: entry.generation };
        table.taken += 1;
        Ok((token, slot))
    }

    /// Frees the slot of `token` if it is still its tenant; a second time does nothing.
    // ANCHOR: reactor-generation
    pub(crate) fn free(&self, token: Token) {
        let mut table = self.table.lock();
        let entry = &mut table.entries[token.index as usize];
        if entry.generation != token.generation {
            return;
        }
        entry.generation = token::next_generation(entry.generation); // SLOTS-1
        let slot = entry.slot.take();
        table.free.push(token.index);
        drop(table);
        // The caller's registration still has its share, so no waker dies here; but drop it where one might.
        drop(slot);
    }

    /// Adds the slots of `events` to `found`, under one hold of the lock, and skips those of former tenants.
    pub(crate) fn find(&self, events: impl Iterator<Item = (mio::Token, Ready)>, found: &mut Vec<(Arc<Slot>, Ready)>) {
        let table = self.table.lock();
        found.extend(events.filter_map(|(token, ready)| Some((table.tenant(Token::unpack(token))?.clone(), ready))));
    }

    /// Closes the table and returns everybody in it; `None` if it was closed before.
    pub(crate) fn shut_down(&self) -> Option<Vec<Arc<Slot>>> {
        let mut table = self.table.lock();
        if std::mem::replace(&mut table.shut_down, true) {
            return None; // SLOTS-3
        }
        Some(table.entries.iter().filter_map(|entry| entry.slot.clone()).collect())
    }

    /// How many slots were ever taken, and how many are.
    pub(crate) fn totals(&self) -> (u64, usize) {
        let table = self.table.lock();
        (table.taken, table.entries.len() - table.free.len())
    }

    /// How many slots are taken.
    pub(crate) fn len(&self) -> usize {
        let table = self.table.lock();
        table.entries.len() - table.free.len()
    }
}

impl Table {
    fn tenant(&self, token: Token) -> Option<&Arc<Slot>> {
        let entry = self.entries.get(token.index as usize)?;
        if entry.generation != token.generation {
            return None;
        }
        entry.slot.as_ref()
    }
}
