//! Every interleaving of a sleep and one or two wakes: a lost wake is a deadlock, which loom reports.

use loom::thread;

use super::*;
use crate::shim::{AtomicBool, Ordering};

/// A reactor in small: `turn` sleeps until `wake`.
struct Driver {
    woken: Mutex<bool>,
    wakes: Condvar,
}

impl Driver {
    fn turn(&self) {
        let mut woken = self.woken.lock();
        while !*woken {
            self.wakes.wait(&mut woken);
        }
        *woken = false;
    }

    fn wake(&self) {
        *self.woken.lock() = true;
        self.wakes.notify_one();
    }
}

fn flag() -> loom::sync::Arc<AtomicBool> {
    loom::sync::Arc::new(AtomicBool::new(false))
}

#[test]
fn an_unpark_before_during_or_after_the_way_to_sleep_is_never_lost() {
    for looks in [false, true] {
        loom::model(move || {
            let parker = Arc::new(Parker::new());
            let unparker = parker.clone();
            let ready = flag();
            let other = ready.clone();
            let waker = thread::spawn(move || {
                other.store(true, Ordering::Relaxed);
                unparker.unpark(|| unreachable!());
            });
            if !(looks && parker.take_token()) {
                parker.park();
            }
            assert!(ready.load(Ordering::Relaxed), "PARK-2");
            waker.join().unwrap();
        });
    }
}

#[test]
fn a_token_is_consumed_by_one_sleep_and_the_next_waits_for_the_next() {
    loom::model(|| {
        let parker = Arc::new(Parker::new());
        let unparker = parker.clone();
        unparker.unpark(|| unreachable!());
        parker.park();
        let ready = flag();
        let other = ready.clone();
        let waker = thread::spawn(move || {
            other.store(true, Ordering::Relaxed);
            unparker.unpark(|| unreachable!());
        });
        parker.park();
        assert!(ready.load(Ordering::Relaxed));
        waker.join().unwrap();
    });
}

#[test]
fn what_either_of_two_wakers_wrote_is_seen_before_the_last_sleep_ends() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let parker = Arc::new(Parker::new());
        let flags = [flag(), flag()];
        let wakers: Vec<_> = flags
            .iter()
            .map(|flag| {
                let (flag, unparker) = (flag.clone(), parker.clone());
                thread::spawn(move || {
                    flag.store(true, Ordering::Relaxed);
                    unparker.unpark(|| unreachable!());
                })
            })
            .collect();
        while !flags.iter().all(|flag| flag.load(Ordering::Relaxed)) {
            parker.park();
        }
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
    });
}

#[test]
fn a_thread_asleep_in_the_driver_is_woken_through_the_driver() {
    loom::model(|| {
        let parker = Arc::new(Parker::new());
        let unparker = parker.clone();
        let driver = loom::sync::Arc::new(Driver { woken: Mutex::new(false), wakes: Condvar::new() });
        let ready = flag();
        let (other, other_driver) = (ready.clone(), driver.clone());
        let waker = thread::spawn(move || {
            other.store(true, Ordering::Relaxed);
            unparker.unpark(|| other_driver.wake());
        });
        if parker.prepare_driver_park() {
            driver.turn();
            assert!(parker.finish_driver_park());
        }
        assert!(ready.load(Ordering::Relaxed), "PARK-2");
        waker.join().unwrap();
    });
}

#[test]
fn a_token_that_meets_a_driver_woken_by_its_own_events_brings_what_was_written_before() {
    loom::model(|| {
        let parker = Arc::new(Parker::new());
        let unparker = parker.clone();
        let ready = flag();
        let other = ready.clone();
        let waker = thread::spawn(move || {
            other.store(true, Ordering::Relaxed);
            unparker.unpark(|| ());
        });
        let slept = parker.prepare_driver_park();
        let token = if slept { parker.finish_driver_park() } else { true };
        if token {
            assert!(ready.load(Ordering::Relaxed), "PARK-2");
        } else {
            parker.park();
        }
        waker.join().unwrap();
    });
}
