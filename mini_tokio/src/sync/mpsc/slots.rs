//! Back-pressure: the free slots of a bounded channel, and the line of those who wait for one.
//!
//! Everything here is guarded by the channel's lock, the waiters' insides too.
//!
//! Invariants:
//! - `SLOT-1`: free slots + slots in the hands of waiters + permits + values sent and not received = bound.
//! - `SLOT-2`: if somebody waits, no slot is free. A slot that is given back goes to the first in line, so nobody who
//!   comes later can take it: first come, first served.
//! - `SLOT-3`: a waiter is in the line exactly while its `stand` is `Waits`. Who takes it out of the line changes the
//!   stand under the same hold of the lock.
//!
//! The first in line may want several slots and holds those it was given so far. (Rejected: leaving them free until there
//! are enough. Then `capacity` would promise slots that nobody can have.)

use std::{mem, ptr::NonNull, task::Waker};

use crate::{
    shim::UnsafeCell,
    sync::waiters::{Node, WaitList},
};

/// The bound of a channel without one. Its slots are never taken and never given back.
pub(super) const UNBOUNDED: usize = usize::MAX;

/// The highest bound: that of a semaphore, in which tokio counts these.
#[cfg_attr(loom, allow(dead_code))]
pub(super) const MOST: usize = usize::MAX >> 3;

/// How a waiter stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Stand {
    /// In line.
    Waits,
    /// It has all its slots.
    Granted,
    /// The channel was closed before it had all.
    Dismissed,
}

/// The value of a node in the line.
pub(super) struct Waiter(UnsafeCell<Place>);

struct Place {
    waker: Option<Waker>,
    /// How many slots it has not been given yet.
    missing: usize,
    stand: Stand,
}

// SAFETY: the place is guarded by the channel's lock; `Waker` and the rest of it may cross threads.
unsafe impl Sync for Waiter {}

impl Waiter {
    pub(super) fn new() -> Self {
        Self(UnsafeCell::new(Place { waker: None, missing: 0, stand: Stand::Waits }))
    }

    /// # Safety
    /// The caller holds the channel's lock, and `f` does not come here again.
    unsafe fn place<R>(&self, f: impl FnOnce(&mut Place) -> R) -> R {
        // SAFETY: the lock guards the place, and the caller has it.
        self.0.with_mut(|place| f(unsafe { &mut *place }))
    }

    /// Its stand, and how many slots it still misses.
    ///
    /// # Safety
    /// The caller holds the channel's lock.
    pub(super) unsafe fn stand(&self) -> (Stand, usize) {
        // SAFETY: locked, says the caller.
        unsafe { self.place(|place| (place.stand, place.missing)) }
    }

    /// # Safety
    /// The caller holds the channel's lock.
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: locked, says the caller.
        unsafe { self.place(|place| place.waker.as_ref().is_some_and(|stored| stored.will_wake(waker))) }
    }

    /// Returns the old waker, to be dropped after the lock.
    ///
    /// # Safety
    /// The caller holds the channel's lock.
    pub(super) unsafe fn replace_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: locked, says the caller.
        unsafe { self.place(|place| mem::replace(&mut place.waker, waker)) }
    }
}

/// The free slots and the line.
pub(super) struct Slots {
    bound: usize,
    free: usize,
    waiting: WaitList<Waiter>,
}

impl Slots {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound, free: bound, waiting: WaitList::new() }
    }

    pub(super) fn free(&self) -> usize {
        self.free
    }

    /// Whether every slot is free: nobody has a permit, and every value was received.
    pub(super) fn all_free(&self) -> bool {
        self.free == self.bound
    }

    /// Takes `slots` of them if so many are free.
    pub(super) fn take(&mut self, slots: usize) -> bool {
        debug_assert!(self.free == 0 || self.waiting.is_empty(), "SLOT-2");
        let enough = self.free >= slots;
        if enough {
            self.free -= slots;
        }
        enough
    }

    /// Puts a waiter in line for `slots`, after `take` has refused them. It gets those that are free.
    ///
    /// # Safety
    /// The lock is held. The node is in no list, and [`leave`](Self::leave) is called before it is dropped.
    // ANCHOR: mpsc-queue-up
    pub(super) unsafe fn queue_up(&mut self, node: std::pin::Pin<&Node<Waiter>>, slots: usize, waker: Waker) {
        debug_assert!(slots > self.free);
        let missing = slots - mem::take(&mut self.free);
        let new = Place { waker: Some(waker), missing, stand: Stand::Waits };
        // SAFETY: locked, says the caller. The old place has no waker: nothing is dropped here.
        unsafe { node.value().place(|place| *place = new) };
        // SAFETY: as the caller promises.
        unsafe { self.waiting.push_back(node) };
    }

    /// Gives one slot back: to the first in line, else to be free. Returns the waker of a waiter that has all it wanted.
    // ANCHOR: mpsc-give-back
    #[inline]
    #[must_use = "somebody sleeps until this is woken"]
    pub(super) fn give_back(&mut self) -> Option<Waker> {
        if self.waiting.is_empty() {
            self.free += 1;
            debug_assert!(self.free <= self.bound, "SLOT-1");
            return None;
        }
        self.give_to_first()
    }

    fn give_to_first(&mut self) -> Option<Waker> {
        let first = self.waiting.front()?;
        // SAFETY: whoever has `&mut self` has the lock.
        let complete = unsafe {
            first.place(|place| {
                place.missing -= 1;
                place.missing == 0
            })
        };
        if complete { self.call_first(Stand::Granted) } else { None }
    }

    /// Takes the first out of the line because the channel is closed. The slots it was given it gives back itself.
    pub(super) fn dismiss(&mut self) -> Option<Waker> {
        self.call_first(Stand::Dismissed)
    }

    pub(super) fn somebody_waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn call_first(&mut self, stand: Stand) -> Option<Waker> {
        let node: NonNull<Node<Waiter>> = self.waiting.pop_front()?;
        // SAFETY: it was linked (LIST-1), and its owner cannot let go of it without the lock, which we have. The waker is
        // moved out, not called.
        unsafe {
            node.as_ref().value().place(|place| {
                place.stand = stand;
                place.waker.take()
            })
        }
    }

    /// Takes `node` out of the line if it is still there.
    ///
    /// # Safety
    /// The lock is held, and the node was queued up here.
    pub(super) unsafe fn leave(&mut self, node: &Node<Waiter>) {
        // SAFETY: locked.
        if unsafe { node.value().stand() }.0 == Stand::Waits {
            // SAFETY: it stands in this line (SLOT-3).
            unsafe { self.waiting.remove(node) };
        }
    }
}
