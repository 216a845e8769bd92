//! Models of the lock: a cell that two threads change, and loom tells if they do at the same time, or the second one blindly.

use loom::{cell::UnsafeCell, sync::Arc, thread};

use super::*;

struct Guarded {
    lock: BriefLock,
    value: UnsafeCell<u32>,
}

// SAFETY: BRIEF-1, one thread at a time is inside; loom reports a second one.
unsafe impl Sync for Guarded {}

impl Guarded {
    fn add_one(&self) {
        self.lock.enter();
        // SAFETY: BRIEF-1.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.lock.leave();
    }
}

/// `bug_brief_relaxed_leave`
#[test]
fn one_thread_at_a_time_is_inside_and_sees_what_the_last_one_did() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { lock: BriefLock(AtomicBool::new(false)), value: UnsafeCell::new(0) });
        let other = guarded.clone();
        let adder = thread::spawn(move || other.add_one());
        guarded.add_one();
        adder.join().unwrap();
        // SAFETY: the other thread is done.
        assert_eq!(guarded.value.with(|value| unsafe { *value }), 2);
    });
}

#[test]
fn a_try_fails_only_while_another_is_inside() {
    loom::model(|| {
        let lock = Arc::new(BriefLock(AtomicBool::new(false)));
        let other = lock.clone();
        let rival = thread::spawn(move || {
            let entered = other.try_enter();
            if entered {
                other.leave();
            }
            entered
        });
        let entered = lock.try_enter();
        if entered {
            lock.leave();
        }
        assert!(rival.join().unwrap() || entered, "each was kept out by the other");
        assert!(lock.try_enter(), "nobody is inside any more");
    });
}
