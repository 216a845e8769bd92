//! Loom explores how an entry's owner and the driver follow one another through the lock. What happens under it is one step;
//! what can go wrong is what a side believes from one step to the next. Switches: `bug_timer_blind_register`,
//! `bug_timer_lost_reset`, `bug_timer_blind_cancel`.

use std::sync::Arc as StdArc;
use std::task::{Wake, Waker};

use loom::sync::{Arc, atomic::AtomicUsize, atomic::Ordering::SeqCst};
use loom::thread;

use super::*;
use crate::bell::Bell;

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

type Shared = Arc<Bell<Wheel>>;

fn wheel() -> Shared {
    Arc::new(Bell::new(Wheel::new()))
}

/// Arms an entry for the end of tick 5.
fn arm(shared: &Shared, count: &StdArc<Count>) -> Key {
    shared.lock().state.arm(5 * TICK, Waker::from(count.clone()))
}

/// The driver's side: collects under the lock, and wakes without.
fn turn(shared: &Shared, tick: u64) {
    let mut wakers = Vec::new();
    let _ = shared.lock().state.turn(tick, tick * TICK, usize::MAX, &mut wakers);
    wakers.into_iter().for_each(Waker::wake);
}

fn driver(shared: &Shared, act: impl FnOnce(&Shared) + Send + 'static) -> thread::JoinHandle<()> {
    let shared = shared.clone();
    thread::spawn(move || act(&shared))
}

/// The owner's side, as `Delay::poll_elapsed` has it.
fn poll(shared: &Shared, key: Key, waker: &Waker) -> Found {
    let mut spare = None;
    loop {
        let found = shared.lock().state.register(key, waker, &mut spare);
        match found {
            Found::OtherWaker => spare = Some(waker.clone()),
            _ => return found,
        }
    }
}

#[test]
fn a_new_waker_is_woken_or_its_poll_says_fired() {
    loom::model(|| {
        let (old, new) = (Count::new(), Count::new());
        let shared = wheel();
        let key = arm(&shared, &old);
        let driver = driver(&shared, |shared| turn(shared, 5));
        let outcome = poll(&shared, key, &Waker::from(new.clone()));
        driver.join().unwrap();
        match outcome {
            Found::Armed => assert_eq!(new.get(), 1, "registered, fired, and not woken"),
            Found::Elapsed => assert_eq!(new.get(), 0),
            Found::OtherWaker | Found::Stopped => unreachable!(),
        }
    });
}

#[test]
fn a_cancelled_entry_leaves_its_waker_to_exactly_one_side_and_its_place_to_another() {
    loom::model(|| {
        let (count, next) = (Count::new(), Count::new());
        let shared = wheel();
        let key = arm(&shared, &count);
        let driver = driver(&shared, |shared| turn(shared, 5));
        let cancelled = shared.lock().state.remove(key);
        let successor = {
            let mut room = shared.lock();
            let admitted = room.state.admits(9, 0);
            assert!(admitted);
            room.state.arm(9 * TICK, Waker::from(next.clone()))
        };
        driver.join().unwrap();
        assert_eq!(count.get(), usize::from(cancelled.is_none()), "cancelled and fired, or neither");
        assert_eq!((key, next.get()), (successor, 0), "fired for its predecessor");
        turn(&shared, 9);
        assert_eq!(next.get(), 1);
        drop(cancelled);
        assert_eq!(StdArc::strong_count(&count), 1, "the waker leaked");
    });
}

#[test]
fn a_postponed_entry_is_moved_or_reported_as_over() {
    loom::model(|| {
        let count = Count::new();
        let shared = wheel();
        let key = arm(&shared, &count);
        let driver = driver(&shared, |shared| turn(shared, 5));
        let outcome = shared.lock().state.reset(key, 9 * TICK, 0);
        driver.join().unwrap();
        match outcome {
            Reset::Moved => assert_eq!(count.get(), 0),
            Reset::Over => assert_eq!(count.get(), 1),
            Reset::Due(_) => unreachable!(),
        }
        turn(&shared, 9);
        assert_eq!(count.get(), 1, "the owner believes in a deadline that is in no slot");
    });
}

#[test]
fn shutdown_reaches_a_poll_that_is_under_way() {
    loom::model(|| {
        let (old, new) = (Count::new(), Count::new());
        let shared = wheel();
        let key = arm(&shared, &old);
        let driver = driver(&shared, |shared| {
            let wakers = shared.lock().state.stop();
            wakers.into_iter().for_each(Waker::wake);
        });
        let outcome = poll(&shared, key, &Waker::from(new.clone()));
        driver.join().unwrap();
        match outcome {
            Found::Armed => assert_eq!(new.get(), 1),
            Found::Stopped => assert_eq!(new.get(), 0),
            Found::OtherWaker | Found::Elapsed => unreachable!(),
        }
    });
}
