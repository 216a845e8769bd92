//! The global queue: tasks that came from outside a worker, or overflowed from one.
//!
//! A short lock around a deque, and a length that can be read without the lock, because every idle worker reads it. Workers
//! take a fair share at once and never one task a look: that is where tokio loses most on tasks spawned from outside. And the
//! share is that of one among those who are awake: to divide by all workers would send the one that is there for the rest
//! four times, each time for a lock that the pushers want too.
//!
//! * `GLOBAL-1` `len` equals the deque's length whenever the lock is free.
//! * `GLOBAL-2` Whoever pushes to a closed queue empties it afterwards and cancels what it finds, so that nothing stays behind.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::stats::Counter;
use crate::task::TaskRef;

mod look;

/// Whether workers still come for what was pushed.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Open,
    /// The pusher follows `GLOBAL-2`.
    Closed,
}

/// Whoever pushes takes this cache line away from everybody: nothing else lies on it (two of them, since they come in pairs).
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct GlobalQueue {
    /// Written under the lock. Relaxed: a reader that must not miss a push has passed the idle handshake's fence.
    len: AtomicUsize,
    /// How many tasks came one by one, from outside the workers. Written under the lock.
    pub(crate) pushes: Counter,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    closed: bool,
    tasks: VecDeque<TaskRef>,
}

impl GlobalQueue {
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Pushes all of `tasks` in one lock, which are at hand, of which `from_outside` come from no worker.
    pub(crate) fn push(&self, tasks: impl IntoIterator<Item = TaskRef>, from_outside: u64) -> Pushed {
        let mut inner = self.inner.lock();
        inner.tasks.extend(tasks);
        self.pushes.add(from_outside);
        self.publish_len(&inner);
        if inner.closed { Pushed::Closed } else { Pushed::Open }
    }

    pub(crate) fn pop(&self) -> Option<TaskRef> {
        self.pop_share(1, 0, &mut Vec::new())
    }

    // ANCHOR: scheduler-fair-share
    /// Pops a fair share for one of `workers` that are awake, at most `room + 1` tasks: the first is returned, the others go to
    /// `kept`. No more is done under the lock: whoever finds it taken may lose its core to another thread for milliseconds.
    pub(crate) fn pop_share(&self, workers: usize, room: usize, kept: &mut Vec<TaskRef>) -> Option<TaskRef> {
        if self.len() == 0 {
            return None;
        }
        let mut inner = self.inner.lock();
        let share = (inner.tasks.len() / workers + 1).min(room + 1).min(inner.tasks.len());
        let mut share = inner.tasks.drain(..share);
        let first = share.next();
        kept.extend(share);
        self.publish_len(&inner);
        first
    }

    /// From now on pushers are told that nobody will come for what they push.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
    }

    fn publish_len(&self, inner: &MutexGuard<'_, Inner>) {
        self.len.store(inner.tasks.len(), Ordering::Relaxed);
    }
}
