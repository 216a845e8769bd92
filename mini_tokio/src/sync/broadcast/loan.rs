//! A message while a thread has it. Its end is the return.

use std::{mem::ManuallyDrop, ptr::NonNull};

use super::{message::Message, ring::Ring};

/// A message on loan. When it ends, also by a panic, the message counts as read by one receiver more.
pub(super) struct Loan<'a, T> {
    ring: &'a Ring<T>,
    message: NonNull<Message<T>>,
    /// The thread had the message already: the outer loan returns it.
    is_nested: bool,
}

impl<'a, T> Loan<'a, T> {
    /// # Safety
    /// `message` is lent to this thread by its slot in `ring` (CAST-7); if `is_nested`, there is a loan already that outlives
    /// this one. The loans of a thread end in reverse order.
    pub(super) unsafe fn new(ring: &'a Ring<T>, message: NonNull<Message<T>>, is_nested: bool) -> Self {
        let loan = Self { ring, message, is_nested };
        if !is_nested {
            loan.message().enter();
        }
        loan
    }

    fn message(&self) -> &Message<T> {
        // SAFETY: this thread has it, and nobody makes a `&mut` of it before it is returned: CAST-7.
        unsafe { self.message.as_ref() }
    }

    /// A clone of the value. It is a clone that the last reader gets, too: what the first gets and what the last gets must
    /// not depend on who comes first.
    pub(super) fn read(self) -> T
    where
        T: Clone,
    {
        self.message().clone_value()
    }

    /// Returns the message. Gives it out if nobody is to read it any more.
    #[must_use = "values are dropped where no lock is held"]
    pub(super) fn end(self) -> Option<Box<Message<T>>> {
        ManuallyDrop::new(self).give_back()
    }

    /// Once, and last.
    fn give_back(&mut self) -> Option<Box<Message<T>>> {
        let message = self.message();
        let unread = message.count_reader();
        if self.is_nested {
            debug_assert!(unread, "the outer loan's reader is still counted");
            return None;
        }
        message.leave();
        // SAFETY: it was lent by this ring, says `new`, and not used any more.
        unsafe { self.ring.give_back(self.message, message.position(), unread) }
    }
}

impl<T> Drop for Loan<'_, T> {
    fn drop(&mut self) {
        drop(self.give_back()); // the value's drop may be user code: the message is returned, and no lock is held
    }
}
