//! Wakers collected under a lock, to be woken after it.
//!
//! A waker is user code: it may run a scheduler, drop the last handle of a task and with it the task's future, or call
//! back into the very primitive that wakes it. None of this may happen under that primitive's lock. So whoever wakes
//! many fills a batch under the lock, unlocks, wakes, and comes back for the next batch. The batch is an array on the
//! stack: a `Vec` would allocate, under the lock, once per broadcast. A full batch bounds how long the lock is held.

use std::{mem::MaybeUninit, task::Waker};

/// How many are woken between two looks at the lock. Loom gets a small one, so that its models come back for a second.
const CAPACITY: usize = if cfg!(loom) { 1 } else { 32 };

/// Up to [`CAPACITY`] wakers. Dropping a batch wakes what is left in it: if one waker panics, the others are not lost.
///
/// `BATCH-1`: exactly the places `woken..len` hold a waker.
///
/// (An array of `Option`s needs no unsafe, but most broadcasts wake one or two, and clearing 32 places before and
/// looking through 32 after cost more than the rest of the broadcast.)
pub(crate) struct WakeBatch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    len: usize,
    woken: usize,
}

impl WakeBatch {
    pub(crate) fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], len: 0, woken: 0 }
    }

    /// Whether another waker fits in.
    pub(crate) fn has_room(&self) -> bool {
        self.len < CAPACITY
    }

    /// Adds a waker; the caller has asked [`has_room`](Self::has_room).
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.len].write(waker);
        self.len += 1;
    }

    /// Wakes everybody in the order of arrival, after which the batch is empty. Not under a lock.
    pub(crate) fn wake_all(&mut self) {
        while self.woken < self.len {
            let place = self.woken;
            // Counted before the call: a waker that panics is not tried again.
            self.woken += 1;
            // SAFETY: the place was in `woken..len` until the line above, so it holds a waker (BATCH-1); now it is not,
            // so nobody takes it out again.
            let waker = unsafe { self.wakers[place].assume_init_read() };
            waker.wake();
        }
        (self.woken, self.len) = (0, 0);
    }
}

impl Drop for WakeBatch {
    fn drop(&mut self) {
        self.wake_all();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use futures::task::{ArcWake, waker};

    use super::*;

    struct Note {
        name: usize,
        log: Arc<Mutex<Vec<usize>>>,
    }

    impl ArcWake for Note {
        fn wake_by_ref(note: &Arc<Self>) {
            note.log.lock().unwrap().push(note.name);
        }
    }

    struct Panics;

    impl ArcWake for Panics {
        fn wake_by_ref(_: &Arc<Self>) {
            panic!("a waker that panics");
        }
    }

    #[test]
    fn a_batch_holds_thirty_two_and_wakes_them_in_order() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut batch = WakeBatch::new();
        let mut name = 0;
        while batch.has_room() {
            batch.push(waker(Arc::new(Note { name, log: log.clone() })));
            name += 1;
        }
        assert!(log.lock().unwrap().is_empty());
        batch.wake_all();
        assert_eq!(*log.lock().unwrap(), (0..32).collect::<Vec<_>>());
    }

    #[test]
    fn a_panicking_waker_does_not_silence_those_behind_it() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut batch = WakeBatch::new();
        batch.push(waker(Arc::new(Panics)));
        batch.push(waker(Arc::new(Note { name: 7, log: log.clone() })));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || batch.wake_all()));
        assert!(outcome.is_err());
        assert_eq!(*log.lock().unwrap(), [7]);
    }

    #[test]
    fn every_waker_is_released_once() {
        struct Counted(Arc<AtomicUsize>);
        impl ArcWake for Counted {
            fn wake_by_ref(_: &Arc<Self>) {}
        }
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let drops = Arc::new(AtomicUsize::new(0));
        let mut batch = WakeBatch::new();
        for _ in 0..5 {
            batch.push(waker(Arc::new(Counted(drops.clone()))));
        }
        batch.wake_all();
        assert_eq!(drops.load(Ordering::Relaxed), 5);
        drop(batch);
        assert_eq!(drops.load(Ordering::Relaxed), 5);
    }
}
