//! One registration's meeting place: the readiness word and the waiters, and the protocol between those who bring
//! news (the reactor) and those who wait for it (tasks).
//!
//! ```text
//!     the reactor                    Slot                       a task
//!    +-----------+        +---------------------------+       +--------+
//!    |  deliver  | -----> |  word     [tick|S|ready]  | <---- |  wait  |
//!    |           | -----> |  waiters  (lock) R W list | <---- |        |
//!    +-----------+        +---------------------------+       +--------+
//! ```
//!
//! The two mirrored lists (each side writes its own half before it looks at the other's):
//!
//! ```text
//!     wait, a task                               deliver, the reactor
//!  W1 look at the word: ready? done, no lock  |  D1 set the word
//!  W2 take the lock                           |  D2 take the lock
//!  W3 look at the word again: ready? done     |  D3 take out the wakers that the event concerns
//!  W4 put the waker on its seat               |  D4 let go of the lock
//!  W5 let go of the lock; pending             |  D5 wake them (the caller, who may have more to deliver before)
//! ```
//!
//! `SLOT-1` No wake-up is lost. The two holds of the lock come one after the other. If D2-D4 is first, D1 happened
//! before W3, which finds the bit. If W2-W5 is first, D3 finds the waker. The lock gives this order; W1 is only there
//! so that a ready source costs one load.
//!
//! `SLOT-2` A wake-up is a hint, not a gift. The news stays in the word, so a waiter that is woken and then dropped
//! takes nothing away from the others, and nothing needs to be passed on.
//!
//! `SLOT-3` No waker is cloned, called or dropped under the lock. See the order of the locals in `wait`.

use crate::readiness::ReadyWord;
use crate::ready::{Ready, ReadyEvent};
use crate::shim::Mutex;
use crate::waiters::{Seat, Waiters};
use crate::wakers::Wakers;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::{Poll, Waker};

/// See the top of this file.
pub(crate) struct Slot {
    pub(crate) word: ReadyWord,
    waiters: Mutex<Waiters>,
}

// No user code runs under the lock (SLOT-3), so that no panic of it can leave the waiters halfway between two states.
impl UnwindSafe for Slot {}
impl RefUnwindSafe for Slot {}

impl Slot {
    pub(crate) fn new() -> Self {
        Self { word: ReadyWord::new(), waiters: Mutex::new(Waiters::default()) }
    }

    /// The waiting side. Pending means that the waker has been put on the seat and will be called.
    // ANCHOR: reactor-wait
    #[inline]
    pub(crate) fn wait(&self, waker: &Waker, mask: Ready, seat: &mut Seat) -> Poll<ReadyEvent> {
        let Some(event) = self.word.look(mask) else { return self.take_seat(waker, mask, seat) };
        self.leave_list(seat);
        Poll::Ready(event) // W1
    }

    fn take_seat(&self, waker: &Waker, mask: Ready, seat: &mut Seat) -> Poll<ReadyEvent> {
        // A clone is user code and may not run under the lock; so look first whether one is needed.
        if self.waiters.lock().would_wake(*seat, waker) {
            // Between W1 and this hold of the lock an event may have come and gone without this waker: it is still on
            // the seat, so none has. An event from now on finds it there. This is W5.
            return Poll::Pending;
        }
        // Declared before the guard and so dropped after it, whichever way we leave (SLOT-3).
        let waker = waker.clone();
        let replaced;
        let mut waiters = self.waiters.lock(); // W2
        #[cfg(not(bug_readiness_no_recheck))]
        if let Some(event) = self.word.look(mask) {
            replaced = match seat {
                Seat::Direction(_) => None,
                Seat::Standing | Seat::Listed(_) => waiters.leave(seat),
            };
            drop(waiters);
            drop(replaced);
            return Poll::Ready(event); // W3
        }
        replaced = waiters.sit(seat, mask, waker); // W4
        drop(waiters); // W5
        drop(replaced);
        Poll::Pending
    }

    /// The bringing side. The caller wakes `wakers`, with no lock held.
    // ANCHOR: reactor-deliver
    pub(crate) fn deliver(&self, ready: Ready, wakers: &mut Wakers) {
        #[cfg(bug_readiness_wake_before_set)]
        self.collect(ready, wakers);
        self.word.set(ready); // D1
        #[cfg(not(bug_readiness_wake_before_set))]
        self.collect(ready, wakers); // D2-D4
    }

    /// The last delivery: everybody is woken, and every later wait answers at once.
    pub(crate) fn shut_down(&self, wakers: &mut Wakers) {
        self.word.shut_down(); // D1
        self.collect(Ready::ALL, wakers); // D2-D4
    }

    fn collect(&self, mask: Ready, wakers: &mut Wakers) {
        let mut waiters = self.waiters.lock(); // D2
        waiters.take(mask, wakers); // D3
        #[cfg(bug_readiness_wake_under_lock)]
        let _ = wakers.wake();
        drop(waiters); // D4
    }

    /// A `readiness` future is done with its seat, be it complete or dropped.
    #[inline]
    pub(crate) fn leave_list(&self, seat: &mut Seat) {
        if let Seat::Listed(_) = seat {
            let left = self.waiters.lock().leave(seat);
            drop(left); // outside the lock, whose guard lived for one statement
        }
    }

    #[cfg(test)]
    pub(crate) fn waiter_count(&self) -> usize {
        self.waiters.lock().count()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.word.snapshot(Ready::ALL);
        f.debug_struct("Slot").field("readiness", &event).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod model;
