//! The list in which futures wait: doubly linked, intrusive, so that waiting allocates nothing.
//!
//! ```text
//!   WaitList (inside a mutex)           in the futures that wait, wherever they were pinned
//!   +-------+             +------------+      +------------+      +------------+
//!   | first |------------>| node | next|----->| node | next|----->| node | next|--> nothing
//!   | last  |----+    <---|prev  value |<-----|prev  value |<-----|prev  value |
//!   +-------+    |        +------------+      +------------+      +------------+
//!                +-------------------------------------------------------^
//! ```
//!
//! Vocabulary. A *node* is embedded in a future that waits; its *value* is the protocol's own (a waker, a notification,
//! a number of permits): the list never looks at it. A node is *linked* while it is in a list. Whoever waits longest is
//! *first*. Any node can leave in O(1), which is what dropping a future in the middle of the queue needs; a `VecDeque`
//! of wakers was rejected because it must search, or keep tombstones, for exactly that case.
//!
//! Invariants:
//! - `LIST-1`: a linked node is pinned and alive. Its owner unlinks it before dropping it, which is why the owner's
//!   `Drop` comes through the list's lock unless it knows that somebody else has unlinked the node already.
//! - `LIST-2`: the links of a node are touched only by the list it is linked in, through `&mut` of that list: the lock
//!   around the list guards the links of every node in it.
//! - `LIST-3`: nobody makes a `&mut` to a linked node. Owner, neighbours and notifiers all look at it at once, so they
//!   all use shared references, and what changes in it sits in cells. (A future is polled through `Pin<&mut Self>`;
//!   because of the `PhantomPinned` here that future is `!Unpin`, and the compiler does not assume such a `&mut` to be
//!   unaliased.)
//! - `LIST-4`: `first` is `None` exactly when `last` is.
//!
//! The list knows no wakers, no atomics and no lock: `Notify` puts it in a mutex, and so will semaphores and channels.

use std::{marker::PhantomPinned, pin::Pin, ptr::NonNull};

use crate::shim::UnsafeCell;

#[cfg(all(test, not(loom)))]
mod tests;

/// One place in a [`WaitList`], embedded in the future that waits.
pub(crate) struct Node<T> {
    /// What the waiter and those who wake it share. The list never looks at it.
    value: T,
    /// Guarded by the list's lock while the node is linked (`LIST-2`).
    links: UnsafeCell<Links<T>>,
    _pinned: PhantomPinned,
}

struct Links<T> {
    previous: Option<NonNull<Node<T>>>,
    next: Option<NonNull<Node<T>>>,
}

/// Waiters in the order of their arrival. Dropping a list that is not empty is harmless: it owns none of its nodes.
pub(crate) struct WaitList<T> {
    first: Option<NonNull<Node<T>>>,
    last: Option<NonNull<Node<T>>>,
}

// SAFETY: the pointers in a node are used only by its list, under the list's lock (LIST-2). What other threads reach
// through a list is `&T`, and what moves with a node is `T`.
unsafe impl<T: Send + Sync> Send for Node<T> {}
// SAFETY: as above; `&Node` gives out nothing but `&T`.
unsafe impl<T: Send + Sync> Sync for Node<T> {}
// SAFETY: a list is pointers to nodes that any thread may look at, as `&T`, once it has the list.
unsafe impl<T: Send + Sync> Send for WaitList<T> {}

impl<T> Node<T> {
    /// An unlinked node.
    pub(crate) fn new(value: T) -> Self {
        let links = UnsafeCell::new(Links { previous: None, next: None });
        Self { value, links, _pinned: PhantomPinned }
    }

    /// What this node carries.
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// Calls `f` with the links.
    ///
    /// # Safety
    /// The caller is the list in which this node is linked or about to be (`LIST-2`).
    unsafe fn with_links<R>(&self, f: impl FnOnce(&mut Links<T>) -> R) -> R {
        // SAFETY: the caller promises LIST-2, so nobody else has these links; and `f` sees one node's links at a time.
        self.links.with_mut(|links| f(unsafe { &mut *links }))
    }
}

impl<T> WaitList<T> {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self { first: None, last: None }
    }

    /// Whether nobody waits here.
    pub(crate) fn is_empty(&self) -> bool {
        debug_assert_eq!(self.first.is_none(), self.last.is_none(), "LIST-4");
        self.first.is_none()
    }

    /// The value of the longest waiting node.
    #[allow(dead_code)] // for lists whose first must be looked at before it is served, as a semaphore's
    pub(crate) fn front(&self) -> Option<&T> {
        // SAFETY: a linked node is alive (LIST-1), and stays so while `self` is borrowed, since leaving needs `&mut
        // self`.
        self.first.map(|node| unsafe { node.as_ref() }.value())
    }

    /// Adds `node` behind all others.
    ///
    /// # Safety
    /// `node` is in no list. It will not be dropped before it has been popped or removed from this list (`LIST-1`); the
    /// pin already promises that it does not move and that its memory is not reused without a drop.
    // ANCHOR: waiters-push-back
    pub(crate) unsafe fn push_back(&mut self, node: Pin<&Node<T>>) {
        let pointer = NonNull::from(node.get_ref());
        let previous = self.last.replace(pointer);
        // SAFETY: the node is unlinked, and from here on it is ours (LIST-2).
        unsafe { node.with_links(|links| *links = Links { previous, next: None }) };
        match previous {
            None => self.first = Some(pointer),
            // SAFETY: it is linked here, hence alive (LIST-1) and ours to change (LIST-2).
            Some(previous) => unsafe { previous.as_ref().with_links(|links| links.next = Some(pointer)) },
        }
    }

    /// Unlinks the node that waits longest. It is alive for as long as its owner cannot know that it was unlinked: so
    /// tell the owner last.
    pub(crate) fn pop_front(&mut self) -> Option<NonNull<Node<T>>> {
        let node = self.first?;
        // SAFETY: the first node is linked here, hence alive (LIST-1).
        unsafe { self.remove(node.as_ref()) };
        Some(node)
    }

    /// Unlinks the node that came last; otherwise like [`pop_front`](Self::pop_front).
    pub(crate) fn pop_back(&mut self) -> Option<NonNull<Node<T>>> {
        let node = self.last?;
        // SAFETY: the last node is linked here, hence alive (LIST-1).
        unsafe { self.remove(node.as_ref()) };
        Some(node)
    }

    /// Unlinks `node` from wherever it stands in this list.
    ///
    /// # Safety
    /// `node` is linked in this very list.
    // ANCHOR: waiters-remove
    pub(crate) unsafe fn remove(&mut self, node: &Node<T>) {
        // SAFETY: linked in this list, says the caller (LIST-2).
        let Links { previous, next } =
            unsafe { node.with_links(|links| std::mem::replace(links, Links { previous: None, next: None })) };
        match previous {
            None => self.first = next,
            // SAFETY: a neighbour is linked here too, hence alive (LIST-1) and ours to change (LIST-2).
            Some(previous) => unsafe { previous.as_ref().with_links(|links| links.next = next) },
        }
        match next {
            None => self.last = previous,
            // SAFETY: as for the other neighbour.
            Some(next) => unsafe { next.as_ref().with_links(|links| links.previous = previous) },
        }
    }
}
