//! The mutex: who has the lock, who gets it next, and what the guards give.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mini_tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};

mod sync_support;
use sync_support::{Dice, Spy, meddling_waker, now};

#[test]
fn a_guard_locks_until_it_is_dropped() {
    let mutex = Mutex::new(1);
    let mut guard = now(mutex.lock());
    *guard += 1;
    assert_eq!(mutex.try_lock().unwrap_err().to_string(), "operation would block");
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &mutex));
    drop(guard);
    assert_eq!(*mutex.try_lock().unwrap(), 2);
    assert_eq!(mutex.into_inner(), 2);
}

#[test]
fn the_lock_goes_round_in_the_order_of_asking() {
    let mutex = Arc::new(Mutex::new(()));
    let mut guard = mutex.clone().try_lock_owned().unwrap();
    let mut waiting: Vec<_> = (0..4).map(|_| Spy::waiting(mutex.clone().lock_owned())).collect();
    drop(waiting.remove(1));
    for mut next in waiting {
        assert_eq!(next.wakes(), 0);
        drop(guard);
        assert_eq!(next.wakes(), 1);
        assert!(mutex.try_lock().is_err(), "it is the next one's, although it has not noticed");
        guard = next.poll().unwrap();
    }
    drop(guard);
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_dropped_future_passes_the_lock_on() {
    let mutex = Mutex::new(());
    let guard = now(mutex.lock());
    let cancelled = Spy::waiting(mutex.lock());
    let mut next = Spy::waiting(mutex.lock());
    drop(guard);
    assert_eq!((cancelled.wakes(), next.wakes()), (1, 0));
    drop(cancelled);
    assert_eq!(next.wakes(), 1);
    drop(next.poll().unwrap());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn mapped_guards_reach_a_part_and_unlock_the_whole() {
    let mutex = Arc::new(Mutex::new((1, [2, 3])));
    let guard = MutexGuard::map(mutex.try_lock().unwrap(), |value| &mut value.1);
    let mut guard = MappedMutexGuard::map(guard, |part| &mut part[0]);
    *guard += 10;
    assert!(mutex.try_lock().is_err());
    drop(guard);
    let guard = OwnedMutexGuard::map(mutex.clone().try_lock_owned().unwrap(), |value| &mut value.1);
    let mut guard = OwnedMappedMutexGuard::map(guard, |part| &mut part[1]);
    *guard += 10;
    assert!(mutex.try_lock().is_err());
    assert_eq!(format!("{guard} {guard:?}"), "13 13");
    drop(guard);
    assert_eq!(*mutex.try_lock().unwrap(), (1, [12, 13]));
}

#[test]
fn a_mapping_that_finds_nothing_gives_the_guard_back_locked() {
    let mutex = Arc::new(Mutex::new(Some(1)));
    let guard = MutexGuard::try_map(mutex.try_lock().unwrap(), |_| None::<&mut u8>).unwrap_err();
    assert!(mutex.try_lock().is_err());
    let guard = MutexGuard::try_map(guard, Option::as_mut).unwrap();
    let guard = MappedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert!(mutex.try_lock().is_err());
    drop(MappedMutexGuard::try_map(guard, |one| Some(one)).unwrap());
    let guard = mutex.clone().try_lock_owned().unwrap();
    let guard = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
    let guard = OwnedMutexGuard::try_map(guard, Option::as_mut).unwrap();
    let guard = OwnedMappedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert!(mutex.try_lock().is_err());
    drop(guard);
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn a_panic_in_a_mapping_or_under_a_guard_unlocks() {
    let mutex = Arc::new(Mutex::new(1));
    let panics = |f: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
    panics(&|| drop(MutexGuard::map(mutex.try_lock().unwrap(), |_| -> &mut u8 { panic!("in a mapping") })));
    panics(&|| drop(MutexGuard::try_map(mutex.try_lock().unwrap(), |_| -> Option<&mut u8> { panic!("in a mapping") })));
    panics(&|| {
        let guard = mutex.clone().try_lock_owned().unwrap();
        drop(OwnedMutexGuard::map(guard, |_| -> &mut u8 { panic!("in a mapping") }));
    });
    panics(&|| {
        let _guard = mutex.try_lock().unwrap();
        panic!("under a guard");
    });
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

#[test]
fn an_owned_guard_may_be_the_last_owner() {
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = Arc::new(Mutex::new((Counts(drops.clone()), 5))).try_lock_owned().unwrap();
    let guard = OwnedMutexGuard::map(guard, |value| &mut value.1);
    assert_eq!((*guard, drops.load(Ordering::Relaxed)), (5, 0));
    drop(guard);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn unsized_values_can_be_locked() {
    let mutex: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
    now(mutex.clone().lock_owned())[0] = 7;
    let part = MutexGuard::map(now(mutex.lock()), |value| &mut value[..2]);
    assert_eq!(*part, [7, 2]);
    drop(part);
    let mutex: Box<Mutex<dyn std::fmt::Debug>> = Box::new(Mutex::new("text"));
    assert_eq!(format!("{mutex:?}"), "Mutex { data: \"text\" }");
}

#[test]
fn it_is_printed_as_tokio_prints_it() {
    macro_rules! printed {
        ($library:ident) => {{
            let mutex = $library::sync::Mutex::new("value");
            let unlocked = format!("{mutex:?}");
            let guard = mutex.try_lock().unwrap();
            format!("{unlocked} {mutex:?} {guard:?} {guard} {:?}", mutex.try_lock().unwrap_err())
        }};
    }
    assert_eq!(printed!(mini_tokio), printed!(tokio));
}

#[test]
fn without_others_no_lock_is_needed() {
    let mut mutex = Mutex::from(Cell::new(1));
    mutex.get_mut().set(2);
    assert_eq!(mutex.into_inner().get(), 2);
    static MUTEX: Mutex<Vec<u8>> = Mutex::const_new(Vec::new());
    MUTEX.try_lock().unwrap().push(1);
    assert_eq!(*Mutex::<u8>::default().blocking_lock(), 0);
}

#[test]
fn a_waker_that_uses_the_mutex_finds_it_in_order() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.clone().try_lock_owned().unwrap();
    let meddling = || {
        let mutex = mutex.clone();
        meddling_waker(move || {
            drop(Spy::new(mutex.lock()).poll());
            drop(mutex.try_lock());
        })
    };
    let mut first = Spy::new(mutex.lock());
    let mut second = Spy::new(mutex.lock());
    for _ in 0..2 {
        assert!(first.poll_with(&meddling()).is_none());
        assert!(second.poll_with(&meddling()).is_none());
    }
    drop(guard);
    drop(first);
    assert_eq!(*second.poll().unwrap(), 0);
    drop(second);
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn threads_and_tasks_share_it() {
    let mutex = Arc::new(Mutex::new(0));
    let runtime = mini_tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let threads: Vec<_> = (0..2)
        .map(|i| {
            let mutex = mutex.clone();
            std::thread::spawn(move || {
                for _ in 0..500 {
                    match i {
                        0 => *mutex.blocking_lock() += 1,
                        _ => *mutex.clone().blocking_lock_owned() += 1,
                    }
                }
            })
        })
        .collect();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let mutex = mutex.clone();
                mini_tokio::spawn(async move {
                    for _ in 0..100 {
                        let mut guard = mutex.lock().await;
                        let before = *guard;
                        mini_tokio::task::yield_now().await;
                        *guard = before + 1;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*mutex.try_lock().unwrap(), 2000);
}

#[test]
fn a_free_lock_costs_a_unit_of_the_budget() {
    macro_rules! ready_in_a_row {
        ($library:ident) => {{
            let runtime = $library::runtime::Builder::new_current_thread().build().unwrap();
            let task = runtime.spawn(async {
                let mutex = $library::sync::Mutex::new(0);
                while let std::task::Poll::Ready(mut guard) = futures::poll!(std::pin::pin!(mutex.lock())) {
                    *guard += 1;
                }
                mutex.into_inner()
            });
            runtime.block_on(task).unwrap()
        }};
    }
    assert_eq!(ready_in_a_row!(mini_tokio), ready_in_a_row!(tokio));
}

#[test]
#[should_panic = "Cannot block the current thread from within a runtime."]
fn blocking_on_a_thread_that_drives_tasks_panics() {
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(Mutex::new(1).blocking_lock()) });
}

/// The same random calls on tokio's mutex and on this one: the same futures have the lock after each.
#[test]
fn random_calls_have_the_same_outcome_as_tokios() {
    macro_rules! play {
        ($library:ident, $seed:expr) => {{
            let mut dice = Dice($seed);
            let mutex = Arc::new($library::sync::Mutex::new(()));
            let (mut waiting, mut guard, mut log) = (Vec::new(), None, Vec::new());
            for step in 0..200 {
                match dice.below(5) {
                    0 | 1 => waiting.push((step, Spy::new(mutex.clone().lock_owned()))),
                    2 => guard = None,
                    3 if !waiting.is_empty() => drop(waiting.remove(dice.below(waiting.len()))),
                    _ => log.push((step, mutex.try_lock().is_ok())),
                }
                // The last first: the order of polling must not matter.
                for i in (0..waiting.len()).rev() {
                    if let Some(locked) = waiting[i].1.poll() {
                        guard = Some(locked);
                        log.push((waiting.remove(i).0, true));
                    }
                }
            }
            drop(guard);
            log
        }};
    }
    for seed in 1..200u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(play!(mini_tokio, seed), play!(tokio, seed), "seed {seed}");
    }
}
