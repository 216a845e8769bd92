//! One level of the wheel: 64 slots, and a bitmap of those that hold something.
//!
//! A slot is a list of records, first come first, linked through the records themselves. A level does not know what time it
//! is, nor what its slots stand for; [`Wheel`](crate::wheel::Wheel) does.

use crate::entry::{Key, Links, NONE, Table};

/// Slots in a level: as many as a word has bits, so that "the next occupied slot" is one instruction.
pub(crate) const SLOTS: usize = 64;

pub(crate) struct Level {
    /// Bit `i` is set if and only if slot `i` is not empty.
    occupied: u64,
    /// The first and the last record of each slot.
    slots: [(Key, Key); SLOTS],
}

impl Level {
    pub(crate) fn new() -> Self {
        Self { occupied: 0, slots: [(NONE, NONE); SLOTS] }
    }

    /// The first occupied slot. None lies before the place where the wheel stands.
    pub(crate) fn first_occupied(&self) -> Option<usize> {
        (self.occupied != 0).then(|| self.occupied.trailing_zeros() as usize)
    }

    pub(crate) fn is_occupied(&self, slot: usize) -> bool {
        self.occupied >> slot & 1 != 0
    }

    /// The records of a slot.
    pub(crate) fn keys<'a>(&self, slot: usize, table: &'a Table) -> impl Iterator<Item = Key> + 'a {
        let some = |key| (key != NONE).then_some(key);
        std::iter::successors(some(self.slots[slot].0), move |&key| some(table[key].links.next))
    }

    /// Appends a record to a slot; returns the one before it, if any, which is to be linked to this.
    pub(crate) fn push(&mut self, slot: usize, key: Key) -> Key {
        let (first, last) = &mut self.slots[slot];
        let previous = std::mem::replace(last, key);
        if previous == NONE {
            *first = key;
        }
        self.occupied |= 1 << slot;
        previous
    }

    /// Makes the neighbours of a record in a slot one another's.
    pub(crate) fn unlink(&mut self, slot: usize, Links { previous, next, .. }: Links, table: &mut Table) {
        let (first, last) = &mut self.slots[slot];
        match previous {
            NONE => *first = next,
            _ => table[previous].links.next = next,
        }
        match next {
            NONE => *last = previous,
            _ => table[next].links.previous = previous,
        }
        if *first == NONE {
            self.occupied &= !(1 << slot);
        }
    }
}
