//! Wakers on their way from under a lock to where they may be called.
//!
//! A waker is user code: it may take any lock, poll any future, drop the very registration that holds it. It is
//! therefore never called, cloned or dropped under a lock (classic bug 10: tokio 4129, 5578). Whoever holds the lock
//! moves wakers in here, lets go, and then calls [`WakeBatch::wake`].
//!
//! Invariants:
//! - `BATCH-1` A batch is bounded, so that the lock is held for a bounded time however many wait.
//! - `BATCH-2` A waker that panics robs no other of its wake-up: the first panic goes on when all are woken.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

/// Wakers per hold of the lock.
pub(crate) const BATCH: usize = if cfg!(loom) { 2 } else { 32 };

pub(crate) struct WakeBatch {
    wakers: Vec<Waker>,
    panic: Option<Box<dyn Any + Send>>,
}

impl WakeBatch {
    pub(crate) fn new() -> Self {
        Self { wakers: Vec::with_capacity(BATCH), panic: None }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.wakers.len() == BATCH
    }

    pub(crate) fn push(&mut self, waker: Waker) {
        assert!(!self.is_full(), "BATCH-1: pushed into a full batch");
        self.wakers.push(waker);
    }

    /// Wakes all, first come first woken, and says how many. Call it with no lock held.
    pub(crate) fn wake(&mut self) -> usize {
        let woken = self.wakers.len();
        for waker in self.wakers.drain(..) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
                self.panic.get_or_insert(panic);
            }
        }
        woken
    }

    /// Lets a caught panic go on (BATCH-2). Call it when everybody has been woken.
    pub(crate) fn finish(&mut self) {
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        }
    }
}
