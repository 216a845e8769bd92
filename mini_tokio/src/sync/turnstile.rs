//! `Turnstile`: a number of permits, and the line of those who wait for some. Semaphore, mutex, reader-writer lock and
//! once-cell are all one of these with a public face.
//!
//! ```text
//!   acquire(n) ---- n are free: one CAS ----> [ free permits ] <---- nobody waits: one add ---- release(n)
//!       |                                                                                           |
//!       |  too few: lock                                                     somebody waits: lock   |
//!       v                                                                                           v
//!   +--------------------------------- the line, under the lock ------------------------------------+
//!   |    first: wants 5, holds 3   -   second: wants 1   -   third: wants 2                         |
//!   +-----------------------------------------------------------------------------------------------+
//! ```
//!
//! Vocabulary. A *permit* is a right that one party has at a time; what it is a right to, the primitive says. A waiter
//! *holds* permits when it was given some and still misses others. It is *called* when it has all that it wanted, or when
//! the turnstile is closed: then it is out of the line.
//!
//! The files: `word` is the atomic word (`TURN-1` to `-3`), `waiter` what a waiter shares with those who call it
//! (`TURN-6`), `acquire` the future, `hold` permits in somebody's hands, and this one the line:
//!
//! - `TURN-4`: first come, first served. Permits that are released go to the first in line until it has all it wants, so
//!   only the first holds any, and nobody who comes later passes it, not even one who wants less.
//! - `TURN-5`: no user code (clone, wake or drop of a waker) runs under the lock.
//!
//! The two sides of a wake-up:
//!
//! ```text
//!   release(n)                                     acquire(n)
//!   1. add n; no WAITING: done, they are free      1. CAS n out, if so many are free: done
//!   2. lock                                        2. clone the waker (TURN-5), lock
//!   3. take what lies at the door, unless the      3. again 1; or take what is free, and in the same CAS set WAITING
//!      last waiter has left: then it is free
//!   4. give to the first in line, call it if       4. enter the line
//!      it has all; so on, while it lasts
//!   5. unlock, wake                                5. unlock, Pending
//! ```
//!
//! Rejected: leaving the permits free until there are enough for the first in line. Then someone who wants less takes
//! them, again and again, and a writer that wants all permits of a lock starves among readers. Also rejected: waking the
//! first and letting it try again. It is simpler, and unfair: a running task wins against one that has to be scheduled
//! first.

use std::{fmt, panic, pin::Pin};

use self::{
    waiter::{Call, Waiter},
    word::{Claim, Give, Word},
};
use super::{
    waiters::{Node, WaitList},
    wake_batch::WakeBatch,
};
use crate::shim::Mutex;

mod acquire;
mod hold;
#[cfg(all(test, loom))]
mod model;
mod waiter;
mod word;

pub(super) use self::{acquire::Acquire, hold::Hold, word::Take};

/// The turnstile is closed: nobody gets a permit any more.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Closed;

/// Permits and a line.
pub(super) struct Turnstile {
    /// Its own rules: `word`.
    permits: Word,
    /// The lock. Guards the list, the links of all nodes in it, and the insides of all waiters in it.
    line: Mutex<WaitList<Waiter>>,
}

impl Turnstile {
    /// The highest number of permits.
    pub(super) const MOST: usize = Word::MOST;

    /// With so many free permits, at most [`MOST`](Self::MOST).
    #[cfg(not(loom))]
    pub(super) const fn new(permits: usize) -> Self {
        Self { permits: Word::new(permits, false), line: Mutex::new(WaitList::new()) }
    }

    /// Closed from the beginning.
    #[cfg(not(loom))]
    pub(super) const fn closed() -> Self {
        Self { permits: Word::new(0, true), line: Mutex::new(WaitList::new()) }
    }

    #[cfg(loom)]
    pub(super) fn new(permits: usize) -> Self {
        Self { permits: Word::new(permits, false), line: Mutex::new(WaitList::new()) }
    }

    /// How many are free. Zero while somebody waits.
    pub(super) fn free(&self) -> usize {
        self.permits.free()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    /// Takes `n` permits, at once or not at all.
    #[inline]
    pub(super) fn try_acquire(&self, n: usize) -> Take {
        self.permits.take(n)
    }

    /// Waits for `n` permits.
    #[inline]
    pub(super) fn acquire(&self, n: usize) -> Acquire<'_> {
        Acquire::new(self, n, false)
    }

    /// The same, a little faster, for a mutex and a writer: `n` are all the permits that there are.
    #[inline]
    pub(super) fn acquire_all(&self, n: usize) -> Acquire<'_> {
        Acquire::new(self, n, true)
    }

    /// Gives back `n` permits of somebody who needs them no longer.
    ///
    /// # Panics
    /// If a waker panics.
    #[inline]
    pub(super) fn release(&self, n: usize) {
        self.given(n, self.permits.give(n));
    }

    /// Adds `n` permits that there were not before.
    ///
    /// # Panics
    /// If more than [`MOST`](Self::MOST) would be free; nothing has changed then. And if a waker panics.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn add(&self, n: usize) {
        self.given(n, self.permits.give_new(n));
    }

    #[inline]
    fn given(&self, n: usize, give: Give) {
        match give {
            Give::Given => (),
            Give::AtTheDoor => self.serve_line(),
            Give::TooMany => too_many(n),
        }
    }

    /// From step 2 of the picture at the top.
    // ANCHOR: turnstile-release
    #[cold]
    fn serve_line(&self) {
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut line = self.line.lock();
        if let Some(n) = self.permits.take_from_door() {
            self.hand_out(n, &mut line, &mut wakers);
        }
    }

    /// Gives `n` permits to those in line, first come first served, and makes free what nobody wants. Locked, and WAITING
    /// is set, although the line may have become empty.
    // ANCHOR: turnstile-hand-out
    fn hand_out(&self, mut n: usize, line: &mut WaitList<Waiter>, wakers: &mut WakeBatch) {
        while n > 0
            && let Some(first) = line.front()
        {
            // SAFETY: locked; and it is in line.
            n = unsafe { first.receive(n) };
            // SAFETY: as above.
            if unsafe { first.missing() } > 0 {
                break;
            }
            let node = line.pop_front().expect("it was the first");
            // SAFETY: locked, and the node comes out of the line.
            wakers.push(unsafe { Waiter::call(node, Call::Granted) });
        }
        if line.is_empty() {
            self.permits.nobody_waits(n);
        }
    }

    /// Lets nobody through any more, and sends away those who wait. What the first in line held is free again.
    // ANCHOR: turnstile-close
    pub(super) fn close(&self) {
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut line = self.line.lock();
        // SAFETY: locked; and it is in line.
        let held = line.front().map_or(0, |first| unsafe { first.held() });
        self.permits.close(held);
        while let Some(node) = line.pop_front() {
            // SAFETY: locked, and the node comes out of the line.
            wakers.push(unsafe { Waiter::call(node, Call::Closed) });
        }
    }

    /// Takes up to `n` free permits out of the world, and says how many.
    pub(super) fn forget(&self, n: usize) -> usize {
        self.permits.forget(n)
    }

    /// Puts `node` into the line, unless it can have all it wants: the right side of the picture at the top, from step 3.
    ///
    /// # Safety
    /// `node` is in no list and was not called. After `Claim::Waits`, [`leave`](Self::leave) is called before it is
    /// dropped, unless it is called.
    // ANCHOR: turnstile-enter
    unsafe fn enter(&self, node: Pin<&Node<Waiter>>) -> Claim {
        let mut line = self.line.lock();
        let claim = self.permits.take_or_wait(node.value().wanted);
        if let Claim::Waits { got } = claim {
            // SAFETY: locked, and about to be in line.
            let rest = unsafe { node.value().receive(got) };
            debug_assert_eq!(rest, 0, "it wanted more than were free");
            // SAFETY: unlinked, and unlinked again before its drop, says the caller.
            unsafe { line.push_back(node) };
        }
        claim
    }

    /// The owner of `node` gives up. Whatever it held or was granted goes to the next.
    ///
    /// # Safety
    /// The owner of `node` calls, once, after [`enter`](Self::enter) made it wait in this turnstile.
    // ANCHOR: turnstile-leave
    unsafe fn leave(&self, node: &Node<Waiter>) {
        let waiter = node.value();
        let mut call = waiter.called();
        if call.is_none() {
            let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
            let mut line = self.line.lock();
            call = waiter.called();
            if call.is_none() {
                // SAFETY: not called, so it is in line (TURN-6).
                unsafe { line.remove(node) };
                // SAFETY: locked; and it was in line until now.
                let held = if cfg!(bug_semaphore_leave_keeps) { 0 } else { unsafe { waiter.held() } };
                self.hand_out(held, &mut line, &mut wakers);
            }
        }
        // It was granted its permits and will never know.
        if call == Some(Call::Granted) && cfg!(not(bug_semaphore_cancel_keeps)) {
            self.release(waiter.wanted);
        }
    }
}

#[cold]
#[track_caller]
fn too_many(n: usize) -> ! {
    panic!("number of added permits ({n}) would overflow MAX_PERMITS ({})", Turnstile::MOST)
}

/// As tokio prints the semaphore inside its primitives.
impl fmt::Debug for Turnstile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore").field("permits", &self.free()).finish()
    }
}

// User code never runs under the lock (TURN-5), so no panic leaves the line half changed.
impl panic::UnwindSafe for Turnstile {}
impl panic::RefUnwindSafe for Turnstile {}
