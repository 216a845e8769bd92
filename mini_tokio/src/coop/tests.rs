//! The budget: spent, refused, given back, and put back after a panic.

use std::{
    panic::catch_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::task::{ArcWake, waker};

use super::*;

struct Wakes(AtomicUsize);

impl ArcWake for Wakes {
    fn wake_by_ref(wakes: &Arc<Self>) {
        wakes.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Calls `f` with a context and returns how often its task was woken.
fn count_wakes(f: impl FnOnce(&mut Context<'_>)) -> usize {
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    f(&mut Context::from_waker(&waker(wakes.clone())));
    wakes.0.load(Ordering::Relaxed)
}

fn spend(cx: &mut Context<'_>) -> bool {
    poll_proceed(cx).map(|unit| unit.made_progress()).is_ready()
}

/// None: as much as one likes.
fn left() -> Option<u8> {
    Some(current()).filter(|&budget| budget != Budget::unconstrained()).map(|budget| budget.0)
}

#[test]
fn a_plain_thread_has_no_limit() {
    assert_eq!(current(), Budget::unconstrained());
    let wakes = count_wakes(|cx| {
        assert!((0..1000).all(|_| spend(cx) && poll_budget_available(cx).is_ready()));
        assert!(has_budget_remaining());
    });
    assert_eq!((wakes, left()), (0, None));
}

#[test]
fn after_128_units_a_task_is_pending_and_woken() {
    with_budget(Budget::initial(), || {
        let wakes = count_wakes(|cx| assert!((0..128).all(|_| spend(cx))));
        assert_eq!((wakes, has_budget_remaining()), (0, false));
        for _ in 0..2 {
            assert_eq!(count_wakes(|cx| assert!(!spend(cx))), 1, "each Pending arranges its own wake-up");
        }
        assert_eq!(count_wakes(|cx| assert!(poll_budget_available(cx).is_pending())), 1);
    });
}

#[test]
fn asking_for_budget_spends_none() {
    with_budget(Budget::initial(), || {
        assert_eq!(count_wakes(|cx| assert!((0..1000).all(|_| poll_budget_available(cx).is_ready()))), 0);
        assert_eq!(left(), Some(128));
    });
}

#[test]
fn a_unit_without_progress_comes_back() {
    with_budget(Budget::initial(), || {
        let wakes = count_wakes(|cx| {
            for _ in 0..1000 {
                let Poll::Ready(unit) = poll_proceed(cx) else { panic!("no progress, so nothing is spent") };
                assert_eq!(left(), Some(127));
                drop(unit);
                assert_eq!(left(), Some(128));
            }
        });
        assert_eq!(wakes, 0);
    });
}

#[test]
fn the_last_unit_comes_back_too() {
    with_budget(Budget(1), || {
        count_wakes(|cx| {
            let unit = poll_proceed(cx);
            assert!(!has_budget_remaining());
            drop(unit);
            assert!(has_budget_remaining());
            assert!(spend(cx) && !spend(cx));
        });
    });
}

#[test]
fn without_progress_outside_units_spent_inside_come_back_as_well() {
    with_budget(Budget::initial(), || {
        count_wakes(|cx| {
            let outer = poll_proceed(cx);
            assert!(spend(cx));
            assert_eq!(left(), Some(126));
            drop(outer);
            assert_eq!(left(), Some(128));
        });
    });
}

#[test]
fn an_inner_poll_has_a_budget_of_its_own() {
    with_budget(Budget::initial(), || {
        count_wakes(|cx| {
            assert!(spend(cx));
            with_budget(Budget::initial(), || assert!((0..128).all(|_| spend(cx)) && !spend(cx)));
            assert_eq!(left(), Some(127));
            with_budget(Budget::unconstrained(), || assert!((0..1000).all(|_| spend(cx))));
            assert_eq!(left(), Some(127));
        });
    });
    assert_eq!(left(), None);
}

#[test]
fn a_panic_puts_the_budget_back() {
    with_budget(Budget(5), || {
        let outcome = catch_unwind(|| with_budget(Budget::initial(), || panic!("a task that panics")));
        assert!(outcome.is_err());
        assert_eq!(left(), Some(5));
    });
    assert_eq!(left(), None);
}

#[test]
fn replace_leaves_the_context_and_comes_back_to_it() {
    with_budget(Budget(3), || {
        let kept = replace(Budget::unconstrained());
        assert!(has_budget_remaining() && left().is_none());
        assert_eq!(replace(kept), Budget::unconstrained());
        assert_eq!(left(), Some(3));
    });
}

#[test]
fn another_thread_is_not_concerned() {
    with_budget(Budget(0), || {
        assert!(!has_budget_remaining());
        assert!(std::thread::spawn(has_budget_remaining).join().unwrap());
    });
}

/// What destructors of thread-locals do at the end of a thread may still ask for budget.
#[test]
fn the_budget_outlives_other_thread_locals() {
    struct AtExit(Arc<AtomicUsize>);
    impl Drop for AtExit {
        fn drop(&mut self) {
            self.0.store(usize::from(has_budget_remaining()), Ordering::Relaxed);
        }
    }
    thread_local!(static LAST: Cell<Option<AtExit>> = const { Cell::new(None) });
    let answer = Arc::new(AtomicUsize::new(7));
    let at_exit = AtExit(answer.clone());
    std::thread::spawn(move || LAST.set(Some(at_exit))).join().unwrap();
    assert_eq!(answer.load(Ordering::Relaxed), 1);
}
