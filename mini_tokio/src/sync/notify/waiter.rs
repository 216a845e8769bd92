//! One waiter: what a `Notified` future and those who notify it share.
//!
//! The future owns the memory; the notifier unlinks the node, takes the waker, and *delivers* a notification. The
//! delivery is the hinge:
//!
//! - `NOTIFY-5`: until the delivery, the waker is guarded by the lock and the node is in the list. After
//!   it, both are the future's own, and it needs no lock to finish or to be dropped.
//! - `NOTIFY-6`: hence the delivery is the last thing a notifier does to a node: the very next moment, the future may
//!   be dropped on another thread. (The classic bug: publish, then touch.)
//!
//! ```text
//!   notifier, under the lock                     the future
//!   1. unlink the node                           1. load the delivery (Acquire)
//!   2. take the waker                            2. there is one: the waker and the links are mine; done
//!   3. deliver (Release)                         3. there is none: take the lock, look again, and if there is still
//!   4. unlock, wake                                 none, the node is linked
//! ```

use std::{ptr::NonNull, task::Waker};

use super::state::Birth;
use crate::{
    shim::{AtomicUsize, Ordering, UnsafeCell},
    sync::waiters::Node,
};

/// A notification as a waiter receives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Notification {
    /// `notify_one`, to the one that waits longest. If it is dropped without having seen it, the next one gets it.
    First = 1,
    /// `notify_last`, to the one that came last; otherwise the same.
    Last = 2,
    /// `notify_waiters`: everybody got one, so nothing is to be passed on.
    All = 3,
}

/// The word of a waiter: 0, then one notification, for good.
struct Delivery(AtomicUsize);

impl Delivery {
    fn put(&self, notification: Notification) {
        // Release; pairs with the Acquire in `get`: hands over the node (NOTIFY-5) and the notifier's own writes.
        #[cfg(not(bug_notify_relaxed_delivery))]
        self.0.store(notification as usize, Ordering::Release);
        #[cfg(bug_notify_relaxed_delivery)]
        self.0.store(notification as usize, Ordering::Relaxed);
    }

    fn get(&self) -> Option<Notification> {
        let all = [None, Some(Notification::First), Some(Notification::Last), Some(Notification::All)];
        all[self.0.load(Ordering::Acquire)] // pairs with the Release in `put`
    }
}

/// The value of a node in the list of a `Notify`.
pub(super) struct Waiter {
    /// The word when the future was made; never changes.
    pub(super) born: Birth,
    delivery: Delivery,
    /// Guarded by the lock until the delivery, the future's own after it (NOTIFY-5). None if the future was enabled but
    /// not yet polled.
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the waker is the only field that is not Sync by itself, and it is guarded: NOTIFY-5.
unsafe impl Sync for Waiter {}

impl Waiter {
    pub(super) fn new(born: Birth) -> Self {
        Self { born, delivery: Delivery(AtomicUsize::new(0)), waker: UnsafeCell::new(None) }
    }

    /// What has been delivered so far.
    pub(super) fn notification(&self) -> Option<Notification> {
        self.delivery.get()
    }

    /// Stores `waker` and returns the old one, which the caller drops after unlocking.
    ///
    /// # Safety
    /// The caller holds the lock, and nothing has been delivered.
    pub(super) unsafe fn replace_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: until the delivery the lock guards the waker (NOTIFY-5), and the caller has it.
        self.waker.with_mut(|slot| std::mem::replace(unsafe { &mut *slot }, waker))
    }

    /// Whether the stored waker would wake the same task as `waker`. Compares two pointers: no user code.
    ///
    /// # Safety
    /// As for [`replace_waker`](Self::replace_waker).
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: as above.
        self.waker.with(|slot| unsafe { &*slot }.as_ref().is_some_and(|stored| stored.will_wake(waker)))
    }

    /// Hands `notification` to the waiter of `node`, which is gone for the caller from then on. Returns the waker, to
    /// be woken after unlocking.
    ///
    /// # Safety
    /// The caller holds the lock and has just taken `node` out of a list.
    // ANCHOR: notify-deliver
    #[must_use = "somebody sleeps until this is woken"]
    pub(super) unsafe fn deliver(node: NonNull<Node<Waiter>>, notification: Notification) -> Option<Waker> {
        // SAFETY: the node was linked until now (LIST-1), and its future cannot let go of it without a delivery, or the
        // lock that the caller holds (NOTIFY-5).
        let waiter = unsafe { node.as_ref() }.value();
        // SAFETY: locked, and not yet delivered: a delivery is made only here, and only to a node taken out of a list.
        let waker = unsafe { waiter.replace_waker(None) };
        waiter.delivery.put(notification);
        waker
    }
}
