//! Tokens by one thread, then sleeps by two.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;

impl Parker {
    /// As [`park`](Parker::park), for `timeout` at most. Returns whether there was a token.
    fn park_timeout(&self, timeout: Duration) -> bool {
        let Some(deadline) = Instant::now().checked_add(timeout) else {
            self.park();
            return true;
        };
        let mut sleep = self.sleep.lock();
        if !self.state.begin_sleep(PARKED) {
            return true;
        }
        loop {
            let timed_out = self.woken.wait_until(&mut sleep, deadline).timed_out();
            if timed_out {
                return self.state.end_sleep();
            }
            if self.state.try_consume() {
                return true;
            }
        }
    }
}

fn never() {
    panic!("the parker is not in the driver");
}

#[test]
fn a_token_set_before_the_sleep_ends_it_at_once_and_tokens_do_not_add_up() {
    let parker = Arc::new(Parker::new());
    let unparker = parker.clone();
    unparker.unpark(never);
    unparker.unpark(never);
    parker.park();
    assert!(!parker.park_timeout(Duration::from_millis(1)), "the token was consumed");
}

#[test]
fn a_token_is_taken_once() {
    let parker = Parker::new();
    assert!(!parker.take_token());
    parker.unpark(never);
    assert!(parker.take_token());
    assert!(!parker.take_token());
}

#[test]
fn a_sleep_with_a_deadline_ends_without_a_token_and_leaves_no_trace() {
    let parker = Arc::new(Parker::new());
    assert!(!parker.park_timeout(Duration::ZERO));
    assert!(!parker.park_timeout(Duration::from_millis(1)));
    parker.unpark(never);
    assert!(parker.park_timeout(Duration::MAX));
}

#[test]
fn the_driver_is_woken_exactly_when_the_thread_sleeps_in_it() {
    let parker = Arc::new(Parker::new());
    let unparker = parker.clone();
    let mut wakes = 0;

    assert!(parker.prepare_driver_park());
    unparker.unpark(|| wakes += 1);
    unparker.unpark(never);
    assert!(parker.finish_driver_park(), "there was a token");
    assert_eq!(wakes, 1);

    unparker.unpark(never);
    assert!(!parker.prepare_driver_park(), "a token forbids the sleep");
    assert!(parker.prepare_driver_park(), "and is consumed by that");
    assert!(!parker.finish_driver_park(), "the driver woke by itself");
    unparker.unpark(never);
}

#[test]
fn two_threads_hand_a_ball_to_and_fro() {
    const ROUNDS: usize = 2_000;
    let sleep = |parker: &Parker, looks| {
        if !(0..looks).any(|_| parker.take_token()) {
            parker.park();
        }
    };
    for looks in [0, 100] {
        let (left, right) = (Arc::new(Parker::new()), Arc::new(Parker::new()));
        let (wake_left, wake_right) = (left.clone(), right.clone());
        let ball = Arc::new(AtomicUsize::new(0));
        let other = ball.clone();
        let player = std::thread::spawn(move || {
            for round in 0..ROUNDS {
                sleep(&right, looks);
                assert_eq!(other.fetch_add(1, Ordering::Relaxed), 2 * round);
                wake_left.unpark(never);
            }
        });
        for round in 0..ROUNDS {
            wake_right.unpark(never);
            sleep(&left, looks);
            assert_eq!(ball.fetch_add(1, Ordering::Relaxed), 2 * round + 1);
        }
        player.join().unwrap();
    }
}

#[test]
fn a_waker_unparks_the_thread_that_drives_a_root_future() {
    let parker = Arc::new(Parker::new());
    let waker = futures::task::waker(parker.clone());
    std::thread::spawn(move || waker.wake()).join().unwrap();
    assert!(parker.park_timeout(Duration::ZERO));
    futures::task::waker_ref(&parker).wake_by_ref();
    assert!(parker.park_timeout(Duration::ZERO));
    assert_eq!(Arc::strong_count(&parker), 1, "the waker that was woken by value is gone");
}
