//! `OnceCell` and `SetOnce`: who makes the value, who waits for it, and what becomes of it.

use std::{
    future::{pending, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mini_tokio::sync::{OnceCell, SetError, SetOnce, SetOnceError};

mod sync_support;
use sync_support::{Spy, meddling_waker, now};

/// Counts its drops.
#[derive(Clone, Debug)]
struct Counts(Arc<AtomicUsize>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counts() -> (Arc<AtomicUsize>, Counts) {
    let drops = Arc::new(AtomicUsize::new(0));
    (drops.clone(), Counts(drops))
}

#[test]
fn the_first_makes_the_value_and_the_others_find_it() {
    let cell = OnceCell::new();
    assert_eq!((cell.get(), cell.initialized()), (None, false));
    assert_eq!(*now(cell.get_or_init(|| ready(1))), 1);
    assert_eq!(*now(cell.get_or_init(|| -> std::future::Ready<i32> { panic!("not called") })), 1);
    assert_eq!(now(cell.get_or_try_init(|| ready(Err("not asked")))), Ok(&1));
    assert_eq!((cell.get(), cell.initialized()), (Some(&1), true));
    assert_eq!(cell.set(2), Err(SetError::AlreadyInitializedError(2)));
    assert_eq!(cell.into_inner(), Some(1));
}

#[test]
fn while_one_makes_the_value_the_others_wait() {
    let cell = OnceCell::new();
    let made = SetOnce::new();
    let mut maker = Spy::waiting(cell.get_or_init(|| async { *made.wait().await }));
    let mut others: Vec<_> = (0..3).map(|i| Spy::waiting(cell.get_or_init(move || ready(i)))).collect();
    assert!(cell.set(2).unwrap_err().is_initializing_err());
    assert_eq!(cell.get(), None);
    made.set(7).unwrap();
    assert_eq!(maker.poll(), Some(&7));
    for other in &mut others {
        assert_eq!((other.wakes(), other.poll()), (1, Some(&7)));
    }
}

#[test]
fn after_a_failure_a_panic_or_a_drop_the_next_one_tries() {
    let cell = OnceCell::new();
    assert_eq!(now(cell.get_or_try_init(|| ready(Err::<u8, _>("failed")))), Err("failed"));
    let cancelled = Spy::waiting(cell.get_or_init(pending));
    let mut failing = Spy::waiting(cell.get_or_try_init(|| ready(Err("failed"))));
    let mut panicking = Spy::waiting(cell.get_or_init(|| async { panic!("in the making") }));
    let mut last = Spy::waiting(cell.get_or_init(|| ready(3)));
    drop(cancelled);
    assert_eq!((failing.wakes(), panicking.wakes()), (1, 0));
    assert_eq!(failing.poll(), Some(Err("failed")));
    assert_eq!(panicking.wakes(), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| panicking.poll())).is_err());
    assert_eq!((last.wakes(), last.poll()), (1, Some(&3)));
}

#[test]
fn a_value_set_by_hand_ends_all_waiting() {
    let cell = OnceCell::new();
    let attempt = Spy::waiting(cell.get_or_init(pending));
    let mut waiting = Spy::waiting(cell.get_or_init(|| ready(1)));
    drop(attempt);
    assert!(cell.set(5).unwrap_err().is_initializing_err(), "the one who waits has the turn");
    assert_eq!(waiting.poll(), Some(&1));
    assert!(cell.set(6).unwrap_err().is_already_init_err());
}

#[test]
fn cells_are_taken_cloned_compared_and_dropped() {
    let (drops, counted) = counts();
    let mut cell = OnceCell::new_with(Some(counted));
    assert!(cell.get_mut().is_some());
    let clone = cell.clone();
    drop(cell.take());
    assert_eq!((drops.load(Ordering::Relaxed), cell.initialized()), (1, false));
    assert!(cell.set(Counts(drops.clone())).is_ok(), "empty again");
    drop((cell, clone));
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    assert_eq!(OnceCell::from(1), OnceCell::const_new_with(1));
    assert_ne!(OnceCell::from(1), OnceCell::new_with(None));
    assert_eq!(OnceCell::<u8>::default().into_inner(), None);
    *OnceCell::from(1).get_mut().unwrap() += 1;
}

#[test]
fn a_set_once_is_set_once_and_wakes_all() {
    let cell = SetOnce::new();
    let mut waiting: Vec<_> = (0..3).map(|_| Spy::waiting(cell.wait())).collect();
    assert_eq!((cell.get(), cell.initialized()), (None, false));
    cell.set(1).unwrap();
    for waiting in &mut waiting {
        assert_eq!((waiting.wakes(), waiting.poll()), (1, Some(&1)));
    }
    drop(waiting);
    assert_eq!(cell.set(2), Err(SetOnceError(2)));
    assert_eq!((now(cell.wait()), cell.get()), (&1, Some(&1)));
    assert_eq!(cell.into_inner(), Some(1));
}

#[test]
fn set_onces_are_cloned_compared_and_dropped() {
    let (drops, counted) = counts();
    let cell = SetOnce::new_with(Some(counted));
    drop(cell.clone());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    drop(cell.set(Counts(drops.clone())));
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    drop(cell.into_inner());
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    assert_eq!(SetOnce::from(1), SetOnce::const_new_with(1));
    assert_ne!(SetOnce::from(1), SetOnce::new_with(None));
    assert_eq!(SetOnce::<u8>::default().into_inner(), None);
}

#[test]
fn a_waker_that_uses_the_cell_finds_it_in_order() {
    let (once, set) = (Arc::new(OnceCell::new()), Arc::new(SetOnce::new()));
    let (cell, other) = (once.clone(), set.clone());
    let waker = meddling_waker(move || {
        assert!(Spy::new(cell.get_or_init(pending)).poll().is_none() || cell.initialized());
        drop(cell.set(8));
        assert_eq!(Spy::new(other.wait()).poll(), other.get());
    });
    let attempt = Spy::waiting(once.get_or_init(pending));
    let mut waiting = Spy::new(once.get_or_init(|| ready(1)));
    let mut listening = Spy::new(set.wait());
    assert!(waiting.poll_with(&waker).is_none());
    assert!(listening.poll_with(&waker).is_none());
    set.set(2).unwrap();
    assert_eq!(listening.poll(), Some(&2));
    drop(attempt);
    assert_eq!(waiting.poll(), Some(&1));
}

/// Dropping a value that was refused, or the old one, may use the cell.
#[test]
fn a_value_that_uses_the_cell_in_its_drop_finds_it_unlocked() {
    struct Looks(Arc<SetOnce<Looks>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            assert!(self.0.initialized());
            if let Err(SetOnceError(refused)) = self.0.set(Looks(self.0.clone())) {
                std::mem::forget(refused);
            }
        }
    }
    let cell = Arc::new(SetOnce::new());
    assert!(cell.set(Looks(cell.clone())).is_ok());
    drop(cell.set(Looks(cell.clone())).unwrap_err());
}

#[test]
fn they_are_printed_as_tokio_prints_them() {
    macro_rules! printed {
        ($library:ident) => {{
            use $library::sync::{OnceCell, SetOnce};
            let cell = OnceCell::from(1);
            let errors = [cell.set(2).unwrap_err(), $library::sync::SetError::InitializingError(3)];
            let texts = errors.map(|error| format!("{error} {error:?}"));
            let once = SetOnce::from(1);
            let error = once.set(2).unwrap_err();
            format!(
                "{cell:?} {:?} {texts:?} {once:?} {:?} {error} {error:?}",
                OnceCell::<u8>::new(),
                SetOnce::<u8>::new()
            )
        }};
    }
    assert_eq!(printed!(mini_tokio), printed!(tokio));
}

#[test]
fn many_tasks_make_one_value() {
    let runtime = mini_tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let cell = Arc::new(OnceCell::new());
    let attempts = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..40)
            .map(|i| {
                let (cell, attempts) = (cell.clone(), attempts.clone());
                mini_tokio::spawn(async move {
                    let make = || async {
                        attempts.fetch_add(1, Ordering::Relaxed);
                        mini_tokio::task::yield_now().await;
                        if i % 3 == 0 { Err(i) } else { Ok(i) }
                    };
                    cell.get_or_try_init(make).await.copied()
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(attempts.load(Ordering::Relaxed), failed + 1);
        assert!(outcomes.iter().flatten().all(|value| Some(value) == cell.get()));
    });
}
