//! What a waiter in line and those who give it permits share.
//!
//! Invariant `TURN-6`: a waiter's call is written once, by whoever took its node out of the line, under the lock and as the
//! last thing. Without a call the node is in line and its place is guarded by the lock; with it the node is in no list, and
//! all of it is its future's own, which may let go of it at once, without the lock.

use std::{mem, ptr::NonNull, task::Waker};

use crate::{
    shim::{AtomicUsize, Ordering, UnsafeCell},
    sync::waiters::Node,
};

/// Why a waiter is out of the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// It has all the permits that it wanted.
    Granted = 1,
    /// The turnstile is closed. It has none.
    Closed = 2,
}

/// The value of a node in line.
pub(super) struct Waiter {
    /// How many permits it came for; never changes.
    pub(super) wanted: usize,
    /// 0, then a [`Call`], for good.
    call: AtomicUsize,
    /// Guarded by the lock until the call, the future's own after it (TURN-6).
    place: UnsafeCell<Place>,
}

struct Place {
    missing: usize,
    waker: Option<Waker>,
}

// SAFETY: the place is the only field that is not Sync by itself, and it is guarded: TURN-6. A waker may cross threads.
unsafe impl Sync for Waiter {}

impl Waiter {
    pub(super) fn new(wanted: usize, waker: Waker) -> Self {
        let place = UnsafeCell::new(Place { missing: wanted, waker: Some(waker) });
        Self { wanted, call: AtomicUsize::new(0), place }
    }

    /// Why it is out of the line, if it is.
    pub(super) fn called(&self) -> Option<Call> {
        // Acquire; pairs with the Release in `call`: the node is ours now, and the permits come with what their last
        // holder wrote.
        [None, Some(Call::Granted), Some(Call::Closed)][self.call.load(Ordering::Acquire)]
    }

    /// # Safety
    /// The caller has the place (TURN-6), and `f` does not come here again.
    unsafe fn place<R>(&self, f: impl FnOnce(&mut Place) -> R) -> R {
        // SAFETY: the caller has the place.
        self.place.with_mut(|place| f(unsafe { &mut *place }))
    }

    /// Gives it up to `n` permits, and returns those that it does not want.
    ///
    /// # Safety
    /// The caller holds the lock, and it has not been called.
    #[must_use]
    pub(super) unsafe fn receive(&self, n: usize) -> usize {
        // SAFETY: until the call the lock guards the place, and the caller has it.
        unsafe {
            self.place(|place| {
                let given = n.min(place.missing);
                place.missing -= given;
                n - given
            })
        }
    }

    /// How many it still misses.
    ///
    /// # Safety
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn missing(&self) -> usize {
        // SAFETY: as in `receive`.
        unsafe { self.place(|place| place.missing) }
    }

    /// How many it holds.
    ///
    /// # Safety
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn held(&self) -> usize {
        // SAFETY: as in `receive`.
        self.wanted - unsafe { self.missing() }
    }

    /// Stores `waker` and returns the old one, which the caller drops after unlocking.
    ///
    /// # Safety
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn replace_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: as in `receive`.
        unsafe { self.place(|place| mem::replace(&mut place.waker, waker)) }
    }

    /// Whether the stored waker would wake the same task as `waker`. Compares two pointers: no user code.
    ///
    /// # Safety
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: as in `receive`.
        unsafe { self.place(|place| place.waker.as_ref().is_some_and(|stored| stored.will_wake(waker))) }
    }

    /// Tells the waiter of `node`, which is gone for the caller from then on. Returns the waker, to be woken after
    /// unlocking.
    ///
    /// # Safety
    /// The caller holds the lock and has just taken `node` out of the line.
    // ANCHOR: turnstile-call
    #[must_use = "somebody sleeps until this is woken"]
    pub(super) unsafe fn call(node: NonNull<Node<Waiter>>, call: Call) -> Option<Waker> {
        // SAFETY: the node was linked until now (LIST-1), and its future cannot let go of it without a call, or the lock
        // that the caller holds (TURN-6).
        let waiter = unsafe { node.as_ref() }.value();
        // SAFETY: locked, and not yet called.
        let waker = unsafe { waiter.replace_waker(None) };
        // Release; pairs with the Acquire in `called`.
        let order = if cfg!(bug_semaphore_relaxed_call) { Ordering::Relaxed } else { Ordering::Release };
        waiter.call.store(call as usize, order);
        waker
    }
}
