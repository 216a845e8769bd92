//! Wakers collected under a lock, to be woken after it: any number of them.
//!
//! A waker is user code: it may run a scheduler, drop the last handle of a task and with it the task's future, or call
//! back into the very primitive that wakes it. None of this may happen under that primitive's lock. So whoever wakes many
//! declares a batch, takes the lock, collects, and lets go of the lock first and of the batch last.
//!
//! Rejected: an array on the stack, filled, woken and filled again. It saves an allocation under the lock where more are
//! woken than have a place on the stack; but between two fillings the lock is free, and every protocol would have to say
//! what a waiter is that was chosen and not yet reached.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

use smallvec::SmallVec;

/// Wakes everything in it, first come first woken, when it is dropped: declared before the guard of the lock, that is
/// after it. If one waker panics, the others are still woken first.
///
/// It is on the stack of whoever wakes, and has places there for as many as mostly wait: nothing is allocated for these.
#[derive(Default)]
pub(crate) struct WakeBatch(SmallVec<[Waker; 32]>);

impl WakeBatch {
    /// Adds a waker, if there is one.
    pub(crate) fn push(&mut self, waker: Option<Waker>) {
        self.0.extend(waker);
    }
}

impl Drop for WakeBatch {
    fn drop(&mut self) {
        let mut first_panic = None;
        let mut wakers = self.0.drain(..);
        // Each panic ends a round.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| wakers.by_ref().for_each(Waker::wake))) {
            first_panic.get_or_insert(panic);
        }
        if let Some(panic) = first_panic {
            resume_unwind(panic);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::{Arc, Mutex};

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
    fn a_batch_wakes_in_the_order_of_arrival_and_releases_each_waker() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut batch = WakeBatch::default();
        for name in 0..100 {
            batch.push(Some(waker(Arc::new(Note { name, log: log.clone() }))));
            batch.push(None);
        }
        assert!(log.lock().unwrap().is_empty());
        drop(batch);
        assert_eq!(*log.lock().unwrap(), (0..100).collect::<Vec<_>>());
        assert_eq!(Arc::strong_count(&log), 1);
    }

    #[test]
    fn a_panicking_waker_does_not_silence_those_behind_it() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut batch = WakeBatch::default();
        batch.push(Some(waker(Arc::new(Panics))));
        batch.push(Some(waker(Arc::new(Note { name: 7, log: log.clone() }))));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(batch)));
        assert!(outcome.is_err());
        assert_eq!(*log.lock().unwrap(), [7]);
    }
}
