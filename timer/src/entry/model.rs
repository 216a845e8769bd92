//! Loom explores every interleaving of an entry's two sides. Switches: `bug_timer_blind_register`, `bug_timer_lost_reset`,
//! `bug_timer_blind_cancel`.

use std::sync::Arc as StdArc;
use std::task::{Wake, Waker};

use loom::sync::{Arc, atomic::AtomicUsize, atomic::Ordering::SeqCst};
use loom::thread;

use super::*;

/// Counts how often it was woken.
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: StdArc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Count {
    fn new() -> StdArc<Self> {
        StdArc::new(Self(AtomicUsize::new(0)))
    }

    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// The driver's side: fires, and wakes what it got.
fn fire(entry: &Entry, due: u64) -> bool {
    match entry.fire(due, End::Fired) {
        Fire::Ended(waker) => {
            waker.into_iter().for_each(Waker::wake);
            true
        }
        Fire::Later(_) | Fire::Dead => false,
    }
}

#[test]
fn a_new_waker_is_woken_or_its_poll_says_fired() {
    loom::model(|| {
        let (old, new) = (Count::new(), Count::new());
        let entry = Arc::new(Entry::armed(5, Waker::from(old.clone())));
        let driver = thread::spawn({
            let entry = entry.clone();
            move || assert!(fire(&entry, 5))
        });
        let outcome = entry.register(&Waker::from(new.clone()));
        driver.join().unwrap();
        match outcome {
            Register::Registered => assert_eq!(new.get(), 1, "registered, fired, and not woken"),
            Register::Fired => assert_eq!(new.get(), 0),
            Register::Stopped => unreachable!(),
        }
        assert!(entry.is_fired());
    });
}

#[test]
fn a_cancelled_entry_leaves_its_waker_to_exactly_one_side() {
    loom::model(|| {
        let count = Count::new();
        let entry = Arc::new(Entry::armed(5, Waker::from(count.clone())));
        let driver = thread::spawn({
            let entry = entry.clone();
            move || fire(&entry, 5)
        });
        let cancelled = entry.cancel();
        let fired = driver.join().unwrap();
        assert_ne!(cancelled.is_some(), fired, "cancelled and fired, or neither");
        assert_eq!(count.get(), usize::from(fired));
        drop(cancelled);
        drop(entry);
        assert_eq!(StdArc::strong_count(&count), 1, "the waker leaked");
    });
}

#[test]
fn a_postponed_entry_is_kept_or_reported_as_gone() {
    loom::model(|| {
        let count = Count::new();
        let entry = Arc::new(Entry::armed(5, Waker::from(count.clone())));
        let driver = thread::spawn({
            let entry = entry.clone();
            move || match entry.fire(5, End::Fired) {
                Fire::Ended(waker) => {
                    waker.into_iter().for_each(Waker::wake);
                    true
                }
                Fire::Later(deadline) => {
                    assert_eq!(deadline, 9);
                    false // filed again
                }
                Fire::Dead => unreachable!(),
            }
        });
        let outcome = entry.postpone(9);
        let fired = driver.join().unwrap();
        match outcome {
            Postpone::Kept => assert!(!fired, "the owner believes in a deadline that is in no wheel"),
            Postpone::Gone => assert!(fired),
            Postpone::Earlier => unreachable!(),
        }
        // Whatever happened, an entry that is still in the wheel fires at its new deadline.
        assert_eq!(fire(&entry, 9), !fired);
        assert_eq!(count.get(), 1);
    });
}

#[test]
fn shutdown_reaches_a_poll_that_is_under_way() {
    loom::model(|| {
        let count = Count::new();
        let entry = Arc::new(Entry::armed(5, Waker::noop().clone()));
        let driver = thread::spawn({
            let entry = entry.clone();
            move || match entry.fire(u64::MAX, End::Stopped) {
                Fire::Ended(waker) => waker.into_iter().for_each(Waker::wake),
                Fire::Later(_) | Fire::Dead => unreachable!(),
            }
        });
        let outcome = entry.register(&Waker::from(count.clone()));
        driver.join().unwrap();
        match outcome {
            Register::Registered => assert_eq!(count.get(), 1),
            Register::Stopped => assert_eq!(count.get(), 0),
            Register::Fired => unreachable!(),
        }
        assert_eq!(entry.register(Waker::noop()), Register::Stopped);
    });
}
