//! A value on its way to several receivers, and what a thread has of it while it clones the value.
//!
//! The value need not be `Sync`, so it is cloned by one thread at a time: the one that its slot has *lent* the message to
//! (CAST-7). `T::clone` is the user's and may do anything, even receive this same message by another receiver. That thread
//! then finds its own loan, and may look at the value once more: any number of `&T`, all on one thread, is what a loan is.
//!
//! So each thread knows which messages it has: they are chained, the innermost first, through the messages themselves.

use std::{cell::Cell, ptr};

use crate::shim::UnsafeCell;

/// A value and its readers. What changes in it belongs to the thread that it is lent to (CAST-7).
#[repr(C)] // the link is first, so that it has the message's address
pub(super) struct Message<T> {
    link: Link,
    /// Its place in the order of all messages.
    position: u64,
    /// How many receivers have not read it.
    unread: Cell<usize>,
    value: UnsafeCell<T>,
}

/// In every message that this thread has: the one that it had before.
struct Link(Cell<*const Link>);

#[cfg(not(loom))]
thread_local! {
    /// The message that was lent to this thread last.
    static INNERMOST: Cell<*const Link> = const { Cell::new(ptr::null()) };
}

#[cfg(loom)]
loom::thread_local! {
    static INNERMOST: Cell<*const Link> = Cell::new(ptr::null());
}

impl<T> Message<T> {
    /// Allocates, and is hence called before any lock.
    pub(super) fn new(value: T) -> Box<Self> {
        let link = Link(Cell::new(ptr::null()));
        Box::new(Self { link, position: 0, unread: Cell::new(0), value: UnsafeCell::new(value) })
    }

    /// The message is to be read by `readers`.
    pub(super) fn address(&mut self, position: u64, readers: usize) {
        self.position = position;
        self.unread.set(readers);
    }

    /// The value back, of a message that was never shown to anybody.
    pub(super) fn into_value(self) -> T {
        self.value.into_inner()
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// One reader less. Returns whether there is another.
    pub(super) fn count_reader(&self) -> bool {
        self.unread.set(self.unread.get() - 1);
        self.unread.get() > 0
    }

    /// This thread has it.
    pub(super) fn enter(&self) {
        INNERMOST.with(|innermost| self.link.0.set(innermost.replace(&self.link)));
    }

    /// This thread has it no more. It is the one that it got last.
    pub(super) fn leave(&self) {
        INNERMOST.with(|innermost| innermost.set(self.link.0.get()));
    }

    /// Whether this thread has `message`, which need not exist.
    // ANCHOR: broadcast-is-here
    pub(super) fn is_here(message: *const Self) -> bool {
        let mut link = INNERMOST.with(Cell::get);
        while !link.is_null() && link != message.cast() {
            // SAFETY: whatever is in the chain is lent to this thread, so it is alive (CAST-7).
            link = unsafe { &*link }.0.get();
        }
        !link.is_null()
    }
}

impl<T: Clone> Message<T> {
    // ANCHOR: broadcast-clone
    pub(super) fn clone_value(&self) -> T {
        // SAFETY: this thread has it, and all it makes of it are `&T` (CAST-7). (`with_mut` tells loom that nobody else
        // has; the models have no clones that receive.)
        self.value.with_mut(|value| unsafe { &*value }.clone())
    }
}
