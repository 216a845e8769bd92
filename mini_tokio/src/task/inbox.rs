//! [`Inbox`]: a queue with many pushers and one consumer that sleeps when it is empty.
//!
//! Two things are made of it: the ready list of a `JoinSet`, into which tasks push their key when they complete, and the run
//! queue of a `LocalSet`, into which wakers on any thread push a task.
//!
//! ```text
//!   pusher                                  consumer
//!   1. lock                                 1. lock
//!   2. push                                 2. pop: done
//!   3. take the sleeper's waker             3. empty: leave a waker
//!   4. unlock, wake                         4. unlock, Pending
//! ```
//!
//! * `INBOX-1` Step 3 of either side happens under the same lock as its step 2. So either the consumer sees what was pushed,
//!   or the pusher finds the waker.
//! * `INBOX-2` No waker is cloned, woken or dropped under the lock.
//!
//! A consumer that looks first and leaves its waker in a second lock sleeps through a push in between:
//! `--cfg bug_inbox_sleep_unlocked` is that consumer.
//!
//! A lock and no lock-free list: both users do more work for each item than the lock costs.

use std::collections::VecDeque;
use std::task::Waker;

use crate::shim::Mutex;

pub(crate) struct Inbox<T>(Mutex<Inner<T>>);

struct Inner<T> {
    items: VecDeque<T>,
    /// Whom a push has to wake. None while the consumer is awake.
    sleeper: Option<Waker>,
}

impl<T> Inbox<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Inner { items: VecDeque::new(), sleeper: None }))
    }

    // ANCHOR: inbox-push
    pub(crate) fn push(&self, item: T) {
        let sleeper = {
            let mut inner = self.0.lock();
            inner.items.push_back(item);
            inner.sleeper.take()
        };
        if let Some(waker) = sleeper {
            waker.wake();
        }
    }

    pub(crate) fn pop(&self) -> Option<T> {
        self.0.lock().items.pop_front()
    }

    /// The consumer is awake: pushes need to wake nobody. Returns the waker that was left here, to be dropped or woken by the
    /// caller.
    #[must_use]
    pub(crate) fn rouse(&self) -> Option<Waker> {
        self.0.lock().sleeper.take()
    }

    // ANCHOR: inbox-sleep
    /// An item, or none and `waker` is left for the next push.
    pub(crate) fn pop_or_sleep(&self, waker: &Waker) -> Option<T> {
        #[cfg(bug_inbox_sleep_unlocked)]
        if let Some(item) = self.pop() {
            return Some(item);
        }
        let left_before = {
            let mut inner = self.0.lock();
            #[cfg(not(bug_inbox_sleep_unlocked))]
            if let Some(item) = inner.items.pop_front() {
                return Some(item);
            }
            if inner.sleeper.as_ref().is_some_and(|sleeper| sleeper.will_wake(waker)) {
                return None;
            }
            inner.sleeper.take()
        };
        // The clone is user code: in between somebody may have pushed, so we look again.
        let new = waker.clone();
        let replaced = {
            let mut inner = self.0.lock();
            #[cfg(not(bug_inbox_sleep_unlocked))]
            if let Some(item) = inner.items.pop_front() {
                drop(inner);
                drop((left_before, new));
                return Some(item);
            }
            inner.sleeper.replace(new)
        };
        drop((left_before, replaced));
        None
    }
}

#[cfg(all(test, loom))]
mod model;
