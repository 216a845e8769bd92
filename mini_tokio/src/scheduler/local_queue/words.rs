//! The two atomic words of a local queue, and every transition that they know.
//!
//! The picture, the vocabulary, the invariants `QUEUE-…` and the ordering argument are in the parent, [`super`].

use super::CAPACITY;
use crate::shim::{AtomicU32, AtomicU64, Ordering};

/// Where the next push goes. Written by the owner alone.
pub(super) struct Tail(AtomicU32);

impl Tail {
    pub(super) fn new(index: u32) -> Self {
        Self(AtomicU32::new(index))
    }

    /// Relaxed: the owner reads back what it wrote itself. (An owner that moves to another thread is handed over
    /// through something that synchronises.)
    pub(super) fn seen_by_owner(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Acquire; pairs with the Release in `publish`: who sees the tail sees the items before it.
    pub(super) fn seen_by_thief(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// Release; pairs with the Acquire in `seen_by_thief`.
    pub(super) fn publish(&self, tail: u32) {
        /// The switch leaves the thief free to see the index before the item: it would run garbage.
        const PUBLISH: Ordering = if cfg!(bug_queue_relaxed_tail) { Ordering::Relaxed } else { Ordering::Release };
        self.0.store(tail, PUBLISH);
    }
}

/// The two indices of the front word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) freed: u32,
    pub(super) head: u32,
}

impl Ends {
    fn pack(self) -> u64 {
        u64::from(self.freed) << 32 | u64::from(self.head)
    }

    fn unpack(word: u64) -> Self {
        Self { freed: (word >> 32) as u32, head: word as u32 }
    }

    fn thief_busy(self) -> bool {
        self.freed != self.head
    }

    /// The word after `count` items were claimed; with the slots freed in the same step if `free`.
    fn claim(self, count: u32, free: bool) -> Self {
        let head = self.head.wrapping_add(count);
        Self { freed: if free { head } else { self.freed }, head }
    }
}

/// The word `(freed, head)`, for which owner and thieves compete. Who claims gets the index of the item, or those of
/// the first item and of the first behind the last.
pub(super) struct Front(AtomicU64);

impl Front {
    pub(super) fn new(index: u32) -> Self {
        Self(AtomicU64::new(Ends { freed: index, head: index }.pack()))
    }

    /// Acquire; pairs with the Release of `free_claimed` (freed slots are no longer read) and of `advance` (a thief
    /// that sees a head also sees the tail that it was reached under).
    pub(super) fn load(&self) -> Ends {
        Ends::unpack(self.0.load(Ordering::Acquire))
    }

    /// The one compare-and-swap. Release; pairs with the Acquire of `load`. Success needs no Acquire of its own: the
    /// word is the one that was looked at. Failure does, for it is the next look.
    fn advance(&self, from: Ends, to: Ends) -> Result<(), Ends> {
        self.0
            .compare_exchange(from.pack(), to.pack(), Ordering::Release, Ordering::Acquire)
            .map(drop)
            .map_err(Ends::unpack)
    }

    /// The owner takes the oldest item; its slot is free at once, unless a thief's slots before it still are not.
    pub(super) fn claim_one(&self, tail: u32) -> Option<u32> {
        let mut ends = self.load();
        loop {
            if ends.head == tail {
                return None;
            }
            match self.advance(ends, ends.claim(1, !ends.thief_busy())) {
                Ok(()) => return Some(ends.head),
                Err(now) => ends = now,
            }
        }
    }

    /// The owner takes half, unless a thief is about to make room, and frees the slots in the same step: it cannot
    /// overwrite them before it has read them.
    pub(super) fn claim_half_by_owner(&self, tail: u32) -> Option<(u32, u32)> {
        let mut ends = self.load();
        loop {
            let len = tail.wrapping_sub(ends.head);
            if len == 0 || ends.thief_busy() {
                return None;
            }
            let count = len - len / 2;
            match self.advance(ends, ends.claim(count, true)) {
                Ok(()) => return Some((ends.head, ends.head.wrapping_add(count))),
                Err(now) => ends = now,
            }
        }
    }

    /// A thief claims up to half, unless another is at work (QUEUE-4), and keeps the slots until `free_claimed`.
    // ANCHOR: queue-claim
    pub(super) fn claim_half_by_thief(&self, tail: &Tail, most: u32) -> Option<(u32, u32)> {
        let mut ends = self.load();
        loop {
            let len = tail.seen_by_thief().wrapping_sub(ends.head);
            if len == 0 || ends.thief_busy() {
                return None;
            }
            // More than a ring of items: the owner moved on between the two looks, so `ends` is old. The tail just
            // acquired makes the next look newer.
            if len > CAPACITY {
                ends = self.load();
                continue;
            }
            let count = (len - len / 2).min(most);
            // The switch frees the slots before they are copied: the owner overwrites what the thief is reading.
            let free = cfg!(bug_queue_early_free);
            match self.advance(ends, ends.claim(count, free)) {
                Ok(()) => return Some((ends.head, ends.head.wrapping_add(count))),
                Err(now) => ends = now,
            }
        }
    }

    /// The thief has copied what it claimed. Everything before `head` becomes free: its own slots, and those that the
    /// owner popped meanwhile.
    pub(super) fn free_claimed(&self) {
        let mut ends = self.load();
        while let Err(now) = self.advance(ends, Ends { freed: ends.head, head: ends.head }) {
            ends = now;
        }
    }
}
