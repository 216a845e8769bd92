//! One armed delay: the record that its owner (the task's [`Ticket`](crate::Ticket)) and the driver (whoever turns the wheel)
//! share; and the table of all of them.
//!
//! The timer's lock guards every record, so the two sides never meet inside one, and nothing here is atomic. The table
//! gives each a number, its [`Key`], which the owner keeps. Records know their neighbours in the wheel by key as well: to
//! cancel one is to take it out of a list, and nothing of it stays behind.
//!
//! ```text
//!                     ┌── reset ──┐
//!                     ▼           │
//!   armed by a poll  ARMED ───────┘
//!                     │  │ └── the owner lets go ─────────────► removed
//!                     │  └─ stop ─► STOPPED ─┐                     ▲
//!                     └──── fire ─► FIRED ───┴─ the owner sees it ─┘
//! ```
//!
//! # Invariants
//!
//! * `ENTRY-1`: a record is removed by its owner, who has the only key. So no key ever names somebody else's record.
//! * `ENTRY-2`: it has a waker, and lies in a slot of the wheel, if and only if it is armed.
//!
//! # Rejected
//!
//! * An allocation for each record, with an atomic word for both sides: firing and resetting are then one compare-and-swap
//!   each, without the lock, and a dropped delay sets a flag and goes. But the flagged ones have to be swept up, and
//!   allocating, counting references and sweeping cost three times what a second pass through the lock does.
//! * Records in the futures, linked by address: no allocation at all, and pinning, and unsafe code.
//! * One growing array: memory would follow the largest number of delays that were ever armed at once.

use std::collections::BTreeSet;
use std::task::Waker;

use slab::Slab;

/// The number of a record.
pub(crate) type Key = u32;

/// The key that stands for no record.
pub(crate) const NONE: Key = Key::MAX;

/// Records in a block: as many as a word of the block has bits. Blocks of a quarter of that, which lie like bricks between the
/// sleeps that a program allocates, cost more: they keep the pieces around them from being joined when those are freed.
const BLOCK: u32 = u64::BITS;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Armed,
    /// Its deadline has come.
    Fired,
    /// The timer was shut down.
    Stopped,
}

// ANCHOR: timer-entry-table
pub(crate) struct Entry {
    /// Nanoseconds since the timer's origin.
    pub(crate) deadline: u64,
    pub(crate) waker: Option<Waker>,
    pub(crate) state: State,
    pub(crate) links: Links,
}

/// Where a record lies, if it is armed: the slot, counted through all levels, and the neighbours there.
#[derive(Clone, Copy)]
pub(crate) struct Links {
    pub(crate) slot: u16,
    pub(crate) previous: Key,
    pub(crate) next: Key,
}

/// All records, in blocks: one block is one allocation, and is given back when it is empty.
#[derive(Default)]
pub(crate) struct Table {
    blocks: Slab<Box<Block>>,
    /// The block that is being filled. It stays when it is empty: a program with one delay at a time would allocate it again
    /// and again.
    filling: usize,
    /// The other blocks with room. The first is filled next, which empties the later ones.
    roomy: BTreeSet<usize>,
}
// ANCHOR_END: timer-entry-table

struct Block {
    /// Bit `i` is set if and only if there is a record in place `i`.
    used: u64,
    entries: [Option<Entry>; BLOCK as usize],
}

/// The block and the place in it.
fn place(key: Key) -> (usize, usize) {
    ((key / BLOCK) as usize, (key % BLOCK) as usize)
}

impl Table {
    /// A new record, armed; still in no slot.
    pub(crate) fn insert(&mut self, deadline: u64, waker: Waker) -> Key {
        if self.blocks.get(self.filling).is_none_or(|block| block.used == u64::MAX) {
            let empty = || Box::new(Block { used: 0, entries: [const { None }; BLOCK as usize] });
            self.filling = self.roomy.pop_first().unwrap_or_else(|| self.blocks.insert(empty()));
        }
        let block = &mut self.blocks[self.filling];
        let place = block.used.trailing_ones();
        block.used |= 1 << place;
        let links = Links { slot: 0, previous: NONE, next: NONE };
        block.entries[place as usize] = Some(Entry { deadline, waker: Some(waker), state: State::Armed, links });
        Key::try_from(self.filling).expect("memory ends before keys do") * BLOCK + place
    }

    /// Returns its waker, if it has one.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        let (number, place) = place(key);
        let block = &mut self.blocks[number];
        let was_full = block.used == u64::MAX;
        block.used &= !(1 << place);
        let waker = block.entries[place].take().expect("ENTRY-1").waker;
        if number != self.filling {
            if block.used == 0 {
                self.blocks.remove(number);
                self.roomy.remove(&number);
            } else if was_full {
                self.roomy.insert(number);
            }
        }
        waker
    }

    /// How many records there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.blocks.len() * BLOCK as usize
    }
}

impl std::ops::Index<Key> for Table {
    type Output = Entry;

    fn index(&self, key: Key) -> &Entry {
        let (number, place) = place(key);
        self.blocks[number].entries[place].as_ref().expect("ENTRY-1")
    }
}

impl std::ops::IndexMut<Key> for Table {
    fn index_mut(&mut self, key: Key) -> &mut Entry {
        let (number, place) = place(key);
        self.blocks[number].entries[place].as_mut().expect("ENTRY-1")
    }
}
