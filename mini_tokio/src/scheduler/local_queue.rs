//! The local queue of a worker: a fixed ring that its owner pushes to and pops from, and that idle workers steal half
//! of.
//!
//! ```text
//!     indices grow without end and wrap; slot = index modulo capacity
//!
//!             freed             head                        tail
//!               |                 |                           |
//!     . . . . . | c   c   .   c   | r   r   r   r   r   r   r | . . . . .
//!       room    |  a thief copies |     ready to be taken     |   room
//!               |  (or: popped)   |                           |
//!
//!     front = (freed, head), one 64-bit word    moved by the owner and by thieves, by compare-and-swap
//!     tail                                      moved by the owner alone, by a plain store
//! ```
//!
//! # Vocabulary
//!
//! *Owner*: the worker whose queue this is. *Thief*: any other worker. *Claim*: to move `head` over items, which makes
//! them the claimer's own. *Free*: to move `freed` over slots, which lets the owner write them again. The owner claims
//! and frees in one step, since it cannot push while it pops. A thief needs two steps, because an item is a fat pointer
//! that no single instruction copies: claim, copy, free.
//!
//! # Invariants
//!
//! - **QUEUE-1** `freed <= head <= tail` and `tail - freed <= CAPACITY`, in wrapping arithmetic.
//! - **QUEUE-2** A slot in `head..tail` holds an item. Whoever moves `head` over an item owns it, and nobody else reads
//!   it.
//! - **QUEUE-3** Only the owner writes slots, and only those outside `freed..tail`.
//! - **QUEUE-4** `freed != head` exactly while one thief is copying. A second thief sees that and gives up, so nobody
//!   has to find out whose slots are free when two copies overlap.
//! - **QUEUE-5** The owner never waits: a thief can make its compare-and-swap fail twice a theft, never hold it up.
//!
//! # Orderings
//!
//! Items travel from owner to thief through `tail` (Release in [`Tail::publish`], Acquire in [`Tail::seen_by_thief`]).
//! Empty slots travel back from thief to owner through `front` (Release in [`Front::free_claimed`], Acquire in
//! [`Front::load`]). A thief reads `front` before `tail`, and every move of `front` is a Release, so the tail it reads
//! is at least as new as the one under which that head was reached: `tail - head` never comes out negative.
//!
//! # Known limit, and what is left out
//!
//! Indices have 32 bits. A thief that falls asleep between its look and its claim, while the owner pops exactly 2^32
//! items, would take the old head for an unchanged one; so would every ring of this kind with indices of one machine
//! word or less.
//!
//! Rejected: one word a slot with atomic items (needs a thin pointer, or a second allocation a task); a lock (a thief
//! that loses its core would hold up the owner); a Chase-Lev deque (its owner pops the newest, which is unfair to the
//! oldest).

use std::mem::MaybeUninit;

use self::words::{Front, Tail};
use crate::shim::{Arc, UnsafeCell};

#[cfg(not(loom))]
mod look;
#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
mod words;

/// How many items the ring holds. A model explores every interleaving, so its ring is tiny.
pub(crate) const CAPACITY: u32 = if cfg!(loom) { 4 } else { 256 };

/// Makes an empty queue.
pub(crate) fn local_queue<T>() -> (Owner<T>, Stealer<T>) {
    starting_at(0)
}

/// As [`local_queue`], with indices that start anywhere: tests begin just before the wrap.
fn starting_at<T>(index: u32) -> (Owner<T>, Stealer<T>) {
    let shared = Arc::new(Shared {
        front: Front::new(index),
        tail: Tail::new(index),
        ring: Ring(std::array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit()))),
    });
    (Owner { shared: shared.clone() }, Stealer { shared })
}

struct Shared<T> {
    front: Front,
    tail: Tail,
    ring: Ring<T>,
}

/// The owner's end: push, pop, and hand half of the items over when the ring is full. Dropping it drops what it holds.
pub(crate) struct Owner<T> {
    shared: Arc<Shared<T>>,
}

/// A thief's end, for any number of threads.
pub(crate) struct Stealer<T> {
    shared: Arc<Shared<T>>,
}

/// The ring has no room: the item comes back.
#[derive(Debug)]
pub(crate) struct Full<T>(pub(crate) T);

/// What a theft brought.
#[derive(Debug)]
pub(crate) struct Stolen<T> {
    /// The newest of the stolen items, which never touched the thief's ring: to be run at once.
    pub(crate) next: T,
    /// How many items changed hands, `next` included.
    pub(crate) count: usize,
}

impl<T> Owner<T> {
    /// Appends `item`. When the ring is full, or when slots that a slow thief is still copying leave no room, it
    /// returns the item instead.
    // ANCHOR: queue-push
    pub(crate) fn push(&mut self, item: T) -> Result<(), Full<T>> {
        let tail = self.shared.tail.seen_by_owner();
        if tail.wrapping_sub(self.shared.front.load().freed) == CAPACITY {
            return Err(Full(item));
        }
        // SAFETY: the slot at `tail` lies outside `freed..tail`, so it is the owner's to write (QUEUE-3); `&mut self`
        // is the only owner. `load` acquired the thief's last read of it.
        unsafe { self.shared.ring.put(tail, item) };
        self.shared.tail.publish(tail.wrapping_add(1));
        Ok(())
    }

    /// Takes the oldest item.
    // ANCHOR: queue-pop
    pub(crate) fn pop(&mut self) -> Option<T> {
        let index = self.shared.front.claim_one(self.shared.tail.seen_by_owner())?;
        // SAFETY: the claim made the item at `index` ours alone (QUEUE-2), and the slot cannot be written before the
        // next push, which needs the `&mut self` that this call holds.
        Some(unsafe { self.shared.ring.take(index) })
    }

    /// Claims the oldest half of the items (rounded up), to be moved to the global queue. `None` when the queue is
    /// empty or when a thief is at work: it is making room already.
    ///
    /// The iterator drops what is not taken out of it. The items are claimed in one step, however many: this is what
    /// makes overflow cheap, and safe against thieves.
    pub(crate) fn take_half(&mut self) -> Option<Half<'_, T>> {
        let (next, end) = self.shared.front.claim_half_by_owner(self.shared.tail.seen_by_owner())?;
        Some(Half { owner: self, next, end })
    }

    /// How many items are ready to be taken.
    pub(crate) fn len(&self) -> usize {
        let ends = self.shared.front.load();
        self.shared.tail.seen_by_owner().wrapping_sub(ends.head) as usize
    }

    /// How many pushes are certain to find room now. Thieves can only make it more.
    pub(crate) fn free(&self) -> usize {
        let ends = self.shared.front.load();
        (CAPACITY - self.shared.tail.seen_by_owner().wrapping_sub(ends.freed)) as usize
    }
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        while let Some(item) = self.pop() {
            drop(item);
        }
    }
}

impl<T> Stealer<T> {
    /// Moves the oldest half of the items (rounded up, and no more than the thief's ring has room for) to the thief.
    /// `None` when the queue is empty or another thief is at work on it. `note` sees each item that goes to the thief's
    /// ring before anybody else can take it from there.
    // ANCHOR: queue-steal
    pub(crate) fn steal_into(&self, thief: &mut Owner<T>, mut note: impl FnMut(&T)) -> Option<Stolen<T>> {
        if Arc::ptr_eq(&self.shared, &thief.shared) {
            return None; // nobody steals from himself
        }
        // One more than the free slots, since the newest of the haul goes to the thief's hands and not to its ring.
        let most = thief.free() as u32 + 1;
        let (first, end) = self.shared.front.claim_half_by_thief(&self.shared.tail, most)?;
        let count = end.wrapping_sub(first);
        let newest = end.wrapping_sub(1);
        let thief_tail = thief.shared.tail.seen_by_owner();
        for offset in 0..count - 1 {
            // SAFETY: `first..end` was claimed by this call (QUEUE-2) and is not freed before the copy is over
            // (QUEUE-3).
            let item = unsafe { self.shared.ring.take(first.wrapping_add(offset)) };
            note(&item);
            // SAFETY: `&mut Owner` owns the thief's ring, whose `free()` slots from its tail on are its to write
            // (QUEUE-3).
            unsafe { thief.shared.ring.put(thief_tail.wrapping_add(offset), item) };
        }
        // SAFETY: `newest` belongs to the claimed range as well; the loop stopped short of it.
        let next = unsafe { self.shared.ring.take(newest) };
        self.shared.front.free_claimed();
        thief.shared.tail.publish(thief_tail.wrapping_add(count - 1));
        Some(Stolen { next, count: count as usize })
    }

    /// How many items a thief would have found a moment ago.
    pub(crate) fn len(&self) -> usize {
        let ends = self.shared.front.load();
        // The owner may have gone on since: more than a full ring is only a picture of two different moments.
        self.shared.tail.seen_by_thief().wrapping_sub(ends.head).min(CAPACITY) as usize
    }

    /// Whether a thief would have found nothing a moment ago. After a SeqCst fence it is exact enough for the idle
    /// handshake: a push that was followed by the other side's fence is seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Half of a queue, claimed by its owner. It borrows the owner, so that no push can write the slots before they are
/// read.
pub(crate) struct Half<'a, T> {
    owner: &'a mut Owner<T>,
    next: u32,
    end: u32,
}

impl<T> Iterator for Half<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.next == self.end {
            return None;
        }
        let index = self.next;
        self.next = index.wrapping_add(1);
        // SAFETY: `claim_half_by_owner` made the range ours (QUEUE-2), `next` moves over each index once, and no push
        // happens while the owner is borrowed.
        Some(unsafe { self.owner.shared.ring.take(index) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.wrapping_sub(self.next) as usize;
        (left, Some(left))
    }
}

impl<T> Drop for Half<'_, T> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

/// The slots, and the only unsafe accesses to them.
struct Ring<T>([UnsafeCell<MaybeUninit<T>>; CAPACITY as usize]);

// SAFETY: a slot is accessed by one thread at a time (QUEUE-2, QUEUE-3), and items only ever move between threads.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    fn slot(&self, index: u32) -> &UnsafeCell<MaybeUninit<T>> {
        &self.0[(index % CAPACITY) as usize]
    }

    /// # Safety
    ///
    /// The caller is the owner and the slot lies outside `freed..tail` (QUEUE-3).
    unsafe fn put(&self, index: u32, item: T) {
        self.slot(index).with_mut(|slot| {
            // SAFETY: nobody else accesses the slot, as the caller vouches.
            unsafe { slot.write(MaybeUninit::new(item)) }
        });
    }

    /// # Safety
    ///
    /// The caller has claimed the item at `index`, takes it once, and the slot is not yet free to be written (QUEUE-2).
    unsafe fn take(&self, index: u32) -> T {
        self.slot(index).with(|slot| {
            // SAFETY: the slot holds an item that the caller owns (QUEUE-2) and nobody writes it meanwhile (QUEUE-3).
            unsafe { slot.read().assume_init() }
        })
    }
}
