//! Loom files deadlines while the thread goes to sleep. Switches: `bug_timer_nap_unlocked`, `bug_timer_unheard_ring`.
//!
//! Loom has no clock, so a wait with a time limit never ends by itself: a thread that slept towards the wrong deadline
//! shows as a deadlock.

use loom::sync::Arc;
use loom::thread;

use super::*;

/// A thread that sleeps towards the earliest of the filed ticks until that is tick 1.
fn sleeper(bell: &Bell<Vec<u64>>) {
    let mut room = bell.lock();
    loop {
        let earliest = room.state.iter().min().copied().unwrap_or(u64::MAX);
        if earliest == 1 {
            return;
        }
        room = bell.sleep(room, earliest, None);
    }
}

/// Files a tick as `Shared::arm` does. True if the bell was rung.
fn file(bell: &Bell<Vec<u64>>, tick: u64) -> bool {
    let mut room = bell.lock();
    room.state.push(tick);
    let ring = room.wants_ring(tick);
    drop(room);
    if ring {
        bell.ring();
    }
    ring
}

#[test]
fn an_earlier_deadline_filed_while_the_thread_goes_to_sleep_is_not_slept_through() {
    loom::model(|| {
        let bell = Arc::new(Bell::new(vec![5]));
        let thread = thread::spawn({
            let bell = bell.clone();
            move || sleeper(&bell)
        });
        file(&bell, 1);
        thread.join().unwrap();
    });
}

#[test]
fn two_threads_that_file_wake_an_idle_thread() {
    loom::model(|| {
        let bell = Arc::new(Bell::new(Vec::new()));
        let thread = thread::spawn({
            let bell = bell.clone();
            move || sleeper(&bell)
        });
        let other = thread::spawn({
            let bell = bell.clone();
            move || file(&bell, 3)
        });
        file(&bell, 1);
        other.join().unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_later_deadline_rings_nothing() {
    loom::model(|| {
        let bell = Arc::new(Bell::new(vec![1]));
        let thread = thread::spawn({
            let bell = bell.clone();
            move || sleeper(&bell)
        });
        assert!(!file(&bell, 7));
        thread.join().unwrap();
    });
}
