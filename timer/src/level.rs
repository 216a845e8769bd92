//! One level of the wheel: 64 slots, and a bitmap of those that hold something.
//!
//! A level does not know what time it is, nor what its slots stand for; [`Wheel`](crate::wheel::Wheel) does.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::entry::Entry;

/// Slots in a level: as many as a word has bits, so that "the next occupied slot" is one instruction.
pub(crate) const SLOTS: usize = 64;

/// An emptied slot keeps room for this many records and gives the rest back, so that a burst does not cost memory for ever.
const KEEP: usize = 64;

/// The records of one slot, first come first.
///
/// A queue of pointers rather than a list threaded through the entries: no unsafe code, and an entry that has ended
/// needs no unlinking. The price is that a cancelled entry stays until someone passes by.
pub(crate) type Slot = VecDeque<Arc<Entry>>;

pub(crate) struct Level {
    /// Bit `i` is set if and only if slot `i` is not empty.
    occupied: u64,
    slots: Box<[Slot]>,
}

impl Level {
    pub(crate) fn new() -> Self {
        Self { occupied: 0, slots: (0..SLOTS).map(|_| Slot::new()).collect() }
    }

    /// The first occupied slot at or after `from`.
    pub(crate) fn first_from(&self, from: usize) -> Option<usize> {
        let ahead = self.occupied >> from;
        (ahead != 0).then(|| from + ahead.trailing_zeros() as usize)
    }

    pub(crate) fn is_occupied(&self, slot: usize) -> bool {
        self.occupied >> slot & 1 != 0
    }

    pub(crate) fn slot(&self, slot: usize) -> &Slot {
        &self.slots[slot]
    }

    pub(crate) fn push(&mut self, slot: usize, entry: Arc<Entry>) {
        self.occupied |= 1 << slot;
        self.slots[slot].push_back(entry);
    }

    pub(crate) fn pop(&mut self, slot: usize) -> Option<Arc<Entry>> {
        let records = &mut self.slots[slot];
        let entry = records.pop_front();
        if records.is_empty() {
            self.occupied &= !(1 << slot);
            records.shrink_to(KEEP);
        }
        entry
    }

    /// Drops the dead entries of a slot (under the lock: `ENTRY-4`). Returns how many it looked at, and how many were dead.
    pub(crate) fn sweep(&mut self, slot: usize) -> (usize, usize) {
        let records = &mut self.slots[slot];
        let before = records.len();
        records.retain(|entry| !entry.is_dead());
        if records.len() < records.capacity() / 4 {
            records.shrink_to(KEEP.max(records.len() * 2));
        }
        if records.is_empty() {
            self.occupied &= !(1 << slot);
        }
        (before, before - records.len())
    }
}
