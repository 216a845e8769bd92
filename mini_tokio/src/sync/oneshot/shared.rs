//! The allocation that the two ends share, and what each may do with it. All unsafe code of the channel is here.
//!
//! Who has which cell is told by the word (`ONESHOT-2` to `-4`), who frees the allocation too (`ONESHOT-5`). User code
//! (wakers, the value's drop) runs when nothing is half done: an end may be dropped, used or moved from inside it.

use std::{
    mem,
    ptr::NonNull,
    task::{Poll, Waker},
};

use super::state::{Close, Finish, Leave, Look, State};
use crate::shim::UnsafeCell;

struct Shared<T> {
    state: State,
    /// ONESHOT-2.
    value: UnsafeCell<Option<T>>,
    /// ONESHOT-3.
    receiver: UnsafeCell<Option<Waker>>,
    /// ONESHOT-4.
    sender: UnsafeCell<Option<Waker>>,
}

/// Half of the allocation, for the sender. Dropped before it has sent, it finishes without a value.
pub(super) struct SenderEnd<T>(NonNull<Shared<T>>);

/// Half of the allocation, for the receiver. Dropped, it closes, and drops a value that has come.
pub(super) struct ReceiverEnd<T>(NonNull<Shared<T>>);

// SAFETY: an end lets the value through to another thread, and never gives out a reference to it.
unsafe impl<T: Send> Send for SenderEnd<T> {}
// SAFETY: a shared end only reads the word.
unsafe impl<T: Send> Sync for SenderEnd<T> {}
// SAFETY: as for the sender's end.
unsafe impl<T: Send> Send for ReceiverEnd<T> {}
// SAFETY: as for the sender's end.
unsafe impl<T: Send> Sync for ReceiverEnd<T> {}

pub(super) fn channel<T>() -> (SenderEnd<T>, ReceiverEnd<T>) {
    let shared = Shared {
        state: State::new(),
        value: UnsafeCell::new(None),
        receiver: UnsafeCell::new(None),
        sender: UnsafeCell::new(None),
    };
    let shared = NonNull::from(Box::leak(Box::new(shared)));
    (SenderEnd(shared), ReceiverEnd(shared))
}

/// Puts `new` into `cell` and returns what was there.
///
/// # Safety
/// The cell is the caller's, by the invariant at its field.
unsafe fn replace<V>(cell: &UnsafeCell<Option<V>>, new: Option<V>) -> Option<V> {
    // SAFETY: the caller's cell, so nobody else looks at it; and nothing but a move happens here.
    cell.with_mut(|cell| mem::replace(unsafe { &mut *cell }, new))
}

/// Whether the waker in `cell` would wake the same task.
///
/// # Safety
/// The cell is the caller's.
unsafe fn will_wake(cell: &UnsafeCell<Option<Waker>>, waker: &Waker) -> bool {
    // SAFETY: the caller's cell, so nobody changes it.
    cell.with(|cell| unsafe { &*cell }.as_ref().is_some_and(|stored| stored.will_wake(waker)))
}

/// Frees the allocation.
///
/// # Safety
/// The caller is alone with it (`ONESHOT-5`) and does not use it again.
unsafe fn free<T>(shared: NonNull<Shared<T>>) {
    // SAFETY: it came out of a box, and the caller is the last to have it.
    drop(unsafe { Box::from_raw(shared.as_ptr()) });
}

impl<T> SenderEnd<T> {
    fn shared(&self) -> &Shared<T> {
        // SAFETY: allocated as long as an end is not gone (ONESHOT-5), and this one is not, or we would not have it.
        unsafe { self.0.as_ref() }
    }

    /// Sends `value`, or gives it back if the channel is closed.
    // ANCHOR: oneshot-send
    pub(super) fn send(self, value: T) -> Result<(), T> {
        let mut end = mem::ManuallyDrop::new(self); // from its last word on, an end is not to be dropped
        // SAFETY: nothing is sent yet, so the value's cell is the sender's (ONESHOT-2).
        unsafe { replace(&end.shared().value, Some(value)) };
        match end.shared().state.finish(true) {
            Finish::Gone => {}
            Finish::ReceiverWaits => end.leave_and_wake(),
            Finish::Closed | Finish::Alone => {
                // SAFETY: VALUE was not set and will not be (ONESHOT-1): the cell is still the sender's.
                let value = unsafe { replace(&end.shared().value, None) };
                drop(mem::ManuallyDrop::into_inner(end)); // it has not said its last word
                return Err(value.expect("it was put there above"));
            }
        }
        Ok(())
    }

    /// After `Finish::ReceiverWaits`. The end is used up.
    fn leave_and_wake(&mut self) {
        // SAFETY: the receiver waited when we finished, so the cell of its waker is ours now (ONESHOT-3).
        let waker = unsafe { replace(&self.shared().receiver, None) };
        if self.shared().state.sender_leaves() == Leave::Alone {
            // SAFETY: alone, says the word, and nobody uses this end again.
            unsafe { free(self.0) };
        }
        if let Some(waker) = waker {
            waker.wake(); // last: it is user code, and may drop the receiver
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.shared().state.is_closed()
    }

    /// Ready when the channel is closed.
    pub(super) fn poll_closed(&mut self, waker: &Waker) -> Poll<()> {
        let shared = self.shared();
        if !shared.state.sender_stops_waiting() {
            return Poll::Ready(());
        }
        // SAFETY: not waiting and not closed, so the cell is the sender's (ONESHOT-4).
        let same = unsafe { will_wake(&shared.sender, waker) };
        let mut old = None;
        if !same {
            let clone = waker.clone();
            // SAFETY: as above; only this end sets the bit, and we have it exclusively.
            old = unsafe { replace(&shared.sender, Some(clone)) };
        }
        let waits = shared.state.sender_waits();
        drop(old); // user code: the new waker is in place
        if waits { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<T> Drop for SenderEnd<T> {
    fn drop(&mut self) {
        match self.shared().state.finish(false) {
            Finish::Gone => {}
            Finish::ReceiverWaits => self.leave_and_wake(),
            // SAFETY: the receiver is gone, says the word, and this end is being dropped.
            Finish::Alone => unsafe { free(self.0) },
            Finish::Closed => unreachable!("only a value can come too late"),
        }
    }
}

impl<T> ReceiverEnd<T> {
    fn shared(&self) -> &Shared<T> {
        // SAFETY: as for the sender's end.
        unsafe { self.0.as_ref() }
    }

    pub(super) fn look(&self) -> Look {
        self.shared().state.look()
    }

    /// After `Look::Value`: the value, unless it has been taken before.
    pub(super) fn take(&mut self) -> Option<T> {
        debug_assert_eq!(self.look(), Look::Value);
        // SAFETY: VALUE is set, so the cell is the receiver's (ONESHOT-2).
        unsafe { replace(&self.shared().value, None) }
    }

    /// Looks, and if there is nothing yet, leaves `waker` for the sender.
    // ANCHOR: oneshot-poll
    pub(super) fn look_or_wait(&mut self, waker: &Waker) -> Look {
        let shared = self.shared();
        let look = shared.state.receiver_stops_waiting();
        if look != Look::NotYet {
            return look;
        }
        // SAFETY: not finished, and not waiting, so the cell is the receiver's (ONESHOT-3).
        let same = unsafe { will_wake(&shared.receiver, waker) };
        let mut old = None;
        if !same {
            let clone = waker.clone();
            // SAFETY: as above; only this end sets the bit, and we have it exclusively.
            old = unsafe { replace(&shared.receiver, Some(clone)) };
        }
        let look = shared.state.receiver_waits();
        drop(old); // user code: the new waker is in place
        look
    }

    /// Closes, and wakes a sender that waits for it.
    pub(super) fn close(&mut self) {
        let shared = self.shared();
        if shared.state.close() == Close::SenderWaits {
            // SAFETY: the sender waited when we closed, so the cell of its waker is ours now (ONESHOT-4).
            let waker = unsafe { replace(&shared.sender, None) };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Gives this end up: after the close, or after FINISHED was seen. Returns a value that nobody has taken.
    fn leave(&mut self) -> Option<T> {
        let value = if self.look() == Look::Value { self.take() } else { None };
        if self.shared().state.receiver_leaves() == Leave::Alone {
            // SAFETY: alone, says the word, and the caller is the drop of this end.
            unsafe { free(self.0) };
        }
        value
    }
}

impl<T> Drop for ReceiverEnd<T> {
    fn drop(&mut self) {
        /// Leaves also if the sender's waker panics, and drops the value last of all.
        struct Rest<'a, T>(&'a mut ReceiverEnd<T>);
        impl<T> Drop for Rest<'_, T> {
            fn drop(&mut self) {
                drop(self.0.leave());
            }
        }
        Rest(self).0.close();
    }
}
