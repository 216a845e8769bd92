//! Wakers on their way from under a lock to where they may be called.
//!
//! A waker is user code: it may take any lock, poll any future, drop the very registration that holds it. It is
//! therefore never called, cloned or dropped under a lock (classic bug 10: tokio 4129, 5578). Whoever holds the lock
//! moves wakers in here, lets go, and then calls [`Wakers::wake`].
//!
//! `WAKERS-1` A waker that panics robs no other of its wake-up: the first panic goes on when all are woken.
//!
//! Rejected: batches of a fixed size, which bound how long the lock is held, at the price of a sweep that remembers where
//! it stood. Many waiters on one socket are rare, and to take a waker out costs a few nanoseconds.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

#[derive(Default)]
pub(crate) struct Wakers {
    taken: Vec<Waker>,
}

impl Wakers {
    /// Moves a waiter's waker in here, if it has one.
    pub(crate) fn take(&mut self, from: &mut Option<Waker>) {
        self.taken.extend(from.take());
    }

    /// Wakes all, first come first woken, and says how many. Call it with no lock held.
    pub(crate) fn wake(&mut self) -> usize {
        let (woken, mut first_panic) = (self.taken.len(), None);
        let mut wakers = self.taken.drain(..);
        // Each panic ends a round.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| wakers.by_ref().for_each(Waker::wake))) {
            first_panic.get_or_insert(panic);
        }
        if let Some(panic) = first_panic {
            resume_unwind(panic);
        }
        woken
    }
}
