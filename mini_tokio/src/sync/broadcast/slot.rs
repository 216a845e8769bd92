//! One place of a broadcast channel: a word that points to a message and says whether a thread has it.
//!
//! ```text
//!   63                                      2   1   0
//!   +-----------------------------------------+---+---+
//!   | address of the message; 0: read up      | W | L |     L: LENT     W: WAITED, other threads wait for its return
//!   +-----------------------------------------+---+---+
//!
//!                 lend                       wait
//!   message ---------------> message + L ------------> message + L + W
//!      ^                        |     |                    |     |
//!      +---- return, unread ----+     +-- return, read up, |     |
//!      +------------------------------------- return ------+     v
//!      |                                                      0, for the last reader has taken the message out
//!      +--- put, from any state: an older message that is lent belongs from then on to the thread that has it
//! ```
//!
//! Invariants:
//! - `CAST-7`: whoever sets L has the message, as `&mut` would give it, until he clears L in a word that still has the
//!   message's address. Who finds another address there keeps the message, and frees it. So an address is not used again
//!   while anybody compares words with it.
//! - `CAST-8`: whoever clears W calls the waiting threads afterwards.

use std::ptr::{self, NonNull};

use super::message::Message;
use crate::shim::{AtomicPtr, Ordering};

const LENT: usize = 0b01;
const WAITED: usize = 0b10;

/// The word. Whoever takes or returns a loan writes it.
pub(super) struct Slot<T>(AtomicPtr<Message<T>>);

/// A word as it was at one moment.
pub(super) type Word<T> = *mut Message<T>;

fn has<T>(word: Word<T>, flag: usize) -> bool {
    word.addr() & flag != 0
}

fn with<T>(word: Word<T>, flag: usize) -> Word<T> {
    word.map_addr(|address| address | flag)
}

/// The message of a word, to be followed only by the one who has it.
pub(super) fn message_of<T>(word: Word<T>) -> *mut Message<T> {
    word.map_addr(|address| address & !(LENT | WAITED))
}

/// What comes of asking for a message.
#[must_use]
pub(super) enum Lend<T> {
    /// It is the caller's until he returns it.
    Lent(NonNull<Message<T>>),
    /// A thread has it, maybe this one.
    Busy(Word<T>),
    /// All have read it.
    ReadUp,
}

/// What a change of the word leaves to do.
#[must_use]
pub(super) struct Change<T> {
    /// A message that is in no slot any more: the caller's.
    pub(super) freed: Option<Box<Message<T>>>,
    /// Threads wait for this change (CAST-8).
    pub(super) waited: bool,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Whether there is no message that somebody is to read.
    pub(super) fn is_read_up(&self) -> bool {
        // Relaxed: a number of messages orders nothing, and nothing is read through the pointer.
        self.0.load(Ordering::Relaxed).is_null()
    }

    /// Takes the message on loan, if it is here.
    // ANCHOR: broadcast-lend
    pub(super) fn lend(&self) -> Lend<T> {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let Some(message) = NonNull::new(word) else { return Lend::ReadUp };
            if has(word, LENT) {
                return Lend::Busy(word);
            }
            // Acquire; pairs with the Release in `put` and in `give_back`.
            match self.0.compare_exchange_weak(word, with(word, LENT), Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Lend::Lent(message),
                Err(now) => word = now,
            }
        }
    }

    /// Ends a loan. The message stays in the slot if it is `unread` still and has not been overwritten meanwhile.
    ///
    /// # Safety
    /// `message` was lent by this slot, and is not used after this call (CAST-7).
    // ANCHOR: broadcast-give-back
    pub(super) unsafe fn give_back(&self, message: NonNull<Message<T>>, unread: bool) -> Change<T> {
        let next = if unread { message.as_ptr() } else { ptr::null_mut() };
        let mut lent = with(message.as_ptr(), LENT);
        let outcome: Result<_, Word<T>> = loop {
            // What was sent meanwhile is written over, and lost.
            #[cfg(bug_broadcast_blind_return)]
            {
                lent = self.0.swap(next, Ordering::AcqRel);
                break Ok(lent);
            }
            // Release; pairs with the Acquire in `lend` and `put`. On failure there is nothing to acquire: either a W
            // was added, or the message is nobody's but the caller's.
            #[cfg(not(bug_broadcast_blind_return))]
            match self.0.compare_exchange(lent, next, Ordering::Release, Ordering::Relaxed) {
                Err(now) if now == with(lent, WAITED) => lent = now,
                outcome => break outcome,
            }
        };
        let is_mine = outcome.is_err() || !unread;
        // SAFETY: it came from a box (`put`), and it is in no slot: it was taken out right now, or overwritten, and then
        // it was left to the one who had it (CAST-7).
        let freed = is_mine.then(|| unsafe { Box::from_raw(message.as_ptr()) });
        Change { freed, waited: outcome.is_ok() && has(lent, WAITED) }
    }

    /// Puts `message` in the place of what is here. If that is lent, it is freed by the one who has it. By one thread at a time.
    // ANCHOR: broadcast-put
    pub(super) fn put(&self, message: Box<Message<T>>) -> Change<T> {
        let message = Box::into_raw(message);
        // Where nothing is nothing can be lent: only another `put` could change the word meanwhile. So most messages of a
        // channel that is read up cost no locked instruction here. Release, in both cases; pairs with the Acquire in `lend`.
        if self.0.load(Ordering::Relaxed).is_null() {
            self.0.store(message, Ordering::Release);
            return Change { freed: None, waited: false };
        }
        // Acquire; pairs with the Release in `give_back`: the old message is dropped by the caller.
        let old = self.0.swap(message, Ordering::AcqRel);
        // SAFETY: it came from a box, is not lent, and is in the slot no more: nobody can reach it (CAST-7).
        let freed = (!old.is_null() && !has(old, LENT)).then(|| unsafe { Box::from_raw(old) });
        Change { freed, waited: has(old, WAITED) }
    }

    /// Whether the message is still lent as in `busy`, so that it must be waited for: if so, W is set. Under the lock
    /// that those take who call.
    pub(super) fn wait(&self, busy: Word<T>) -> bool {
        let waited = with(busy, WAITED);
        // Relaxed: the word is looked at again, by `lend`.
        match self.0.compare_exchange(busy, waited, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => true,
            Err(now) => now == waited,
        }
    }

    /// Whether the word is not `busy` any more.
    pub(super) fn has_changed(&self, busy: Word<T>) -> bool {
        self.0.load(Ordering::Relaxed) != busy
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        // Relaxed: whoever has `&mut` of it has been told by other means. Nothing is lent: a loan borrows the channel.
        let message = self.0.load(Ordering::Relaxed);
        if !message.is_null() {
            // SAFETY: it came from a box (`put`) and is not lent.
            drop(unsafe { Box::from_raw(message) });
        }
    }
}
