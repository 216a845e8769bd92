//! The places of a broadcast channel, and the threads that wait for a message that another thread has.

use std::{marker::PhantomData, ptr::NonNull};

use super::{
    loan::Loan,
    message::Message,
    slot::{Change, Lend, Slot, Word, message_of},
};
use crate::shim::{Condvar, Mutex};

#[cfg(all(test, not(loom)))]
mod tests;

/// How often a thread looks again for a message that another has before it sleeps. Most clones are short.
#[cfg(not(loom))]
const LOOKS: usize = 100;
#[cfg(loom)]
const LOOKS: usize = 0;

/// The slots that share a cache line, where there are as many slots as places.
const TO_A_LINE: usize = 8;

/// The cache lines that a ring has at least, if it has as many places.
const LINES: usize = 64;

/// The place of a message is its position modulo their number, which is a power of two. Places that follow each other are in
/// different cache lines: two threads that read one behind the other would take the line from each other at every step, and be
/// no faster than one. In a short ring each place has a line for itself; in a long one a line is shared by places that are far
/// apart.
///
/// ```text
///   a ring of 1,024:  line 0: | 0 | 128 | 256 | ... | 896 |    line 1: | 1 | 129 | 257 | ... | 897 |    ...
/// ```
///
/// Rejected: a line for each place. A channel for 1,000 messages then takes 64 KiB, and takes several times as long to make.
pub(super) struct Ring<T> {
    /// Of these, one for each place is in use.
    slots: Box<[Slot<T>]>,
    places: usize,
    /// Where threads wait that want a message that is lent. Nothing else is done under this lock, and no other lock.
    waiting: Mutex<()>,
    returned: Condvar,
    /// One thread at a time has a message (CAST-7): `Send` and `Sync` as if each stood in a mutex.
    _messages: PhantomData<Mutex<T>>,
}

impl<T> Ring<T> {
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "broadcast channel capacity cannot be zero");
        assert!(capacity <= usize::MAX / 2, "broadcast channel capacity exceeded `usize::MAX / 2`");
        let places = capacity.next_power_of_two();
        let slots = places.max(places.saturating_mul(TO_A_LINE).min(LINES * TO_A_LINE));
        let slots = (0..slots).map(|_| Slot::new()).collect();
        Self { slots, places, waiting: Mutex::new(()), returned: Condvar::new(), _messages: PhantomData }
    }

    /// The position of the oldest message that there can be, if the next one will be at `tail`.
    pub(super) fn oldest(&self, tail: u64) -> u64 {
        tail.saturating_sub(self.places as u64)
    }

    /// How many messages somebody has not read, if the next one will be at `tail`, and is not sent meanwhile.
    pub(super) fn len(&self, tail: u64) -> usize {
        let (mut read_up, mut unread) = (self.oldest(tail), tail);
        // Those that are read up are the oldest: CAST-3.
        while read_up < unread {
            let middle = read_up + (unread - read_up) / 2;
            if self.slot(middle).is_read_up() {
                read_up = middle + 1;
            } else {
                unread = middle;
            }
        }
        (tail - unread) as usize
    }

    fn slot(&self, position: u64) -> &Slot<T> {
        let place = position as usize & (self.places - 1);
        let lines = self.slots.len() / TO_A_LINE; // a power of two
        &self.slots[(place & (lines - 1)) * TO_A_LINE + (place >> lines.trailing_zeros())]
    }

    /// Puts `message` into its place. By one thread at a time. Returns what it has overwritten, unless a thread has that.
    pub(super) fn put(&self, message: Box<Message<T>>) -> Option<Box<Message<T>>> {
        let change = self.slot(message.position()).put(message);
        self.finish(change)
    }

    /// The message at `position`, for one who has not read it. Waits while another thread has it. None if it was
    /// overwritten.
    // ANCHOR: broadcast-borrow
    pub(super) fn borrow(&self, position: u64) -> Option<Loan<'_, T>> {
        let slot = self.slot(position);
        let (message, is_nested) = loop {
            match slot.lend() {
                Lend::Lent(message) => break (message, false),
                Lend::ReadUp => return None, // a younger one, too
                Lend::Busy(word) => match NonNull::new(message_of(word)) {
                    Some(message) if Message::is_here(message.as_ptr()) => break (message, true),
                    _ => self.wait(slot, word),
                },
            }
        };
        // SAFETY: this thread has it, now or already (CAST-7), and makes no `&mut` of it.
        if unsafe { message.as_ref() }.position() == position {
            // SAFETY: as above; and a loan is a local of the functions that use it, so they end in reverse order.
            return Some(unsafe { Loan::new(self, message, is_nested) });
        }
        if !is_nested {
            // SAFETY: this thread has it, and nothing is done with it.
            let change = unsafe { slot.give_back(message, true) };
            // If it was overwritten in this short time, it is dropped here, in a call without locks.
            drop(self.finish(change));
        }
        None
    }

    /// Ends a loan of the message at `position`; gives it out if it has left the ring.
    ///
    /// # Safety
    /// That of [`Slot::give_back`].
    pub(super) unsafe fn give_back(
        &self,
        message: NonNull<Message<T>>,
        position: u64,
        unread: bool,
    ) -> Option<Box<Message<T>>> {
        // SAFETY: the caller's promise.
        let change = unsafe { self.slot(position).give_back(message, unread) };
        self.finish(change)
    }

    /// Sleeps until the message of `slot` is not lent any more as in `busy`.
    #[cold]
    fn wait(&self, slot: &Slot<T>, busy: Word<T>) {
        for _ in 0..LOOKS {
            crate::shim::spin_loop();
            if slot.has_changed(busy) {
                return;
            }
        }
        let mut waiting = self.waiting.lock();
        // Who clears the W takes this lock after that: the call does not come before the sleep.
        if slot.wait(busy) {
            self.returned.wait(&mut waiting);
        }
    }

    /// Calls those who wait, if there are any (CAST-8).
    fn finish(&self, change: Change<T>) -> Option<Box<Message<T>>> {
        if cfg!(not(bug_broadcast_silent_return)) && change.waited {
            self.call();
        }
        change.freed
    }

    #[cold]
    fn call(&self) {
        drop(self.waiting.lock());
        self.returned.notify_all();
    }
}
