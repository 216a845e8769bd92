//! The reader-writer lock: who is inside with whom, who comes next, and what the guards give.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mini_tokio::sync::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};

mod sync_support;
use sync_support::{Dice, Spy, meddling_waker, now};

#[test]
fn readers_share_and_a_writer_is_alone() {
    let lock = RwLock::new(1);
    let (one, other) = (now(lock.read()), lock.try_read().unwrap());
    assert_eq!(*one + *other, 2);
    assert_eq!(lock.try_write().unwrap_err().to_string(), "operation would block");
    drop((one, other));
    let mut writer = now(lock.write());
    *writer += 1;
    assert!(lock.try_read().is_err() && lock.try_write().is_err());
    drop(writer);
    assert_eq!(lock.into_inner(), 2);
}

#[test]
fn a_waiting_writer_keeps_later_readers_out() {
    let lock = RwLock::new(());
    let reader = now(lock.read());
    let mut writer = Spy::waiting(lock.write());
    let mut later = Spy::waiting(lock.read());
    assert!(lock.try_read().is_err());
    drop(reader);
    assert_eq!((writer.wakes(), later.wakes()), (1, 0));
    drop(writer.poll().unwrap());
    assert_eq!(later.wakes(), 1);
    drop(later.poll().unwrap());
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_writer_that_gives_up_lets_the_readers_behind_it_in() {
    let lock = RwLock::new(());
    let reader = now(lock.read());
    let writer = Spy::waiting(lock.write());
    let mut later: Vec<_> = (0..3).map(|_| Spy::waiting(lock.read())).collect();
    drop(writer);
    let guards: Vec<_> = later.iter_mut().map(|reader| reader.poll().unwrap()).collect();
    assert!(later.iter().all(|reader| reader.wakes() == 1));
    drop((reader, guards));
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_writer_that_leaves_lets_in_all_readers_up_to_the_next_writer() {
    let lock = RwLock::new(());
    let guard = now(lock.write());
    let before: Vec<_> = (0..3).map(|_| Spy::waiting(lock.read())).collect();
    let writer = Spy::waiting(lock.write());
    let behind = Spy::waiting(lock.read());
    drop(guard);
    assert!(before.iter().all(|reader| reader.wakes() == 1));
    assert_eq!((writer.wakes(), behind.wakes()), (0, 0));
    drop(before);
    assert_eq!((writer.wakes(), behind.wakes()), (1, 0));
    drop(writer);
    assert_eq!(behind.wakes(), 1);
}

#[test]
fn a_downgrade_lets_readers_in_and_writers_not() {
    let lock = Arc::new(RwLock::new(1));
    let mut writer = now(lock.write());
    let reader = Spy::waiting(lock.read());
    let other = Spy::waiting(lock.write());
    *writer = 2;
    let guard = writer.downgrade();
    assert_eq!((*guard, reader.wakes(), other.wakes()), (2, 1, 0));
    drop((guard, reader));
    assert_eq!(other.wakes(), 1);
    drop(other);
    let guard = now(lock.clone().write_owned()).downgrade();
    assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&guard), &lock));
    assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    drop(guard);
    assert!(lock.try_write().is_ok());
}

#[test]
fn no_more_readers_than_the_lock_is_made_for() {
    let lock = RwLock::with_max_readers((), 2);
    let one = now(lock.read());
    let other = now(lock.read());
    assert!(lock.try_read().is_err());
    let third = Spy::waiting(lock.read());
    drop(one);
    assert_eq!(third.wakes(), 1);
    drop((other, third));
    assert!(lock.try_write().is_ok());
    static LOCK: RwLock<u8> = RwLock::const_with_max_readers(1, 1);
    let _only = LOCK.try_read().unwrap();
    assert!(LOCK.try_read().is_err());
}

#[test]
fn impossible_numbers_of_readers_panic_as_in_tokio() {
    macro_rules! texts {
        ($library:ident) => {
            [0, (u32::MAX >> 3) + 1].map(|readers| {
                let panic = catch_unwind(|| _ = $library::sync::RwLock::with_max_readers((), readers)).unwrap_err();
                let constant =
                    catch_unwind(|| _ = $library::sync::RwLock::const_with_max_readers((), readers)).is_err();
                (*panic.downcast::<String>().unwrap(), constant)
            })
        };
    }
    assert_eq!(texts!(mini_tokio), texts!(tokio));
}

#[test]
fn mapped_guards_reach_a_part_and_unlock_the_whole() {
    let lock = Arc::new(RwLock::new((1, [2, 3])));
    let read = RwLockReadGuard::map(now(lock.read()), |value| &value.1);
    let read = RwLockReadGuard::try_map(read, |_| None::<&u8>).unwrap_err();
    assert_eq!(*RwLockReadGuard::try_map(read, |part| part.first()).unwrap(), 2);
    assert!(lock.try_write().is_ok());

    let write = RwLockWriteGuard::try_map(now(lock.write()), |_| None::<&mut u8>).unwrap_err();
    let write = RwLockWriteGuard::map(write, |value| &mut value.1);
    let write = RwLockMappedWriteGuard::try_map(write, |_| None::<&mut u8>).unwrap_err();
    *RwLockMappedWriteGuard::map(write, |part| &mut part[0]) += 10;
    let whole: RwLockMappedWriteGuard<'_, (i32, [i32; 2])> = RwLockWriteGuard::into_mapped(now(lock.write()));
    assert_eq!(*whole, (1, [12, 3]));
    assert!(lock.try_read().is_err());
    drop(whole);

    let read = OwnedRwLockReadGuard::map(now(lock.clone().read_owned()), |value| &value.1);
    let read = OwnedRwLockReadGuard::try_map(read, |_| None::<&u8>).unwrap_err();
    let read = OwnedRwLockReadGuard::try_map(read, |part| part.first()).unwrap();
    assert_eq!(format!("{read} {read:?}"), "12 12");
    assert!(lock.try_write().is_err());
    drop(read);

    let write = OwnedRwLockWriteGuard::try_map(now(lock.clone().write_owned()), |_| None::<&mut u8>).unwrap_err();
    assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&write), &lock));
    let write = OwnedRwLockMappedWriteGuard::map(OwnedRwLockWriteGuard::into_mapped(write), |value| &mut value.1);
    assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&write), &lock));
    let write = OwnedRwLockMappedWriteGuard::try_map(write, |_| None::<&mut u8>).unwrap_err();
    assert!(lock.try_read().is_err());
    drop(write);
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_downgrade_to_a_part_is_a_read_lock_of_the_whole() {
    let lock = Arc::new(RwLock::new((1, 2)));
    let write = RwLockWriteGuard::try_downgrade_map(now(lock.write()), |_| None::<&u8>).unwrap_err();
    assert!(lock.try_read().is_err(), "still a writer");
    let read = RwLockWriteGuard::downgrade_map(write, |value| {
        assert!(lock.try_read().is_err(), "alone until it has chosen");
        &value.1
    });
    assert_eq!((*read, lock.try_read().is_ok(), lock.try_write().is_ok()), (2, true, false));
    drop(read);
    let write = OwnedRwLockWriteGuard::try_downgrade_map(now(lock.clone().write_owned()), |_| None::<&u8>).unwrap_err();
    assert!(lock.try_read().is_err());
    let read = OwnedRwLockWriteGuard::downgrade_map(write, |value| &value.1);
    assert_eq!((*read, lock.try_read().is_ok(), lock.try_write().is_ok()), (2, true, false));
    drop(read);
    drop(RwLockWriteGuard::try_downgrade_map(now(lock.write()), |value| Some(&value.0)).unwrap());
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_panic_under_a_guard_or_in_a_mapping_unlocks() {
    let lock = Arc::new(RwLock::new(1));
    let panics = |f: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
    panics(&|| drop(RwLockWriteGuard::map(lock.try_write().unwrap(), |_| -> &mut u8 { panic!("in a mapping") })));
    panics(&|| drop(RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |_| -> &u8 { panic!("in a mapping") })));
    panics(&|| drop(RwLockReadGuard::map(lock.try_read().unwrap(), |_| -> &u8 { panic!("in a mapping") })));
    panics(&|| {
        let _guard = lock.clone().try_write_owned().unwrap();
        panic!("under a guard");
    });
    panics(&|| {
        let _guard = lock.clone().try_read_owned().unwrap();
        panic!("under a guard");
    });
    assert!(lock.try_write().is_ok());
}

#[test]
fn it_is_printed_as_tokio_prints_it() {
    macro_rules! printed {
        ($library:ident) => {{
            let lock = $library::sync::RwLock::new("value");
            let (unlocked, read) = (format!("{lock:?}"), format!("{:?}", lock.try_read().unwrap()));
            let guard = lock.try_write().unwrap();
            format!("{unlocked} {read} {lock:?} {guard:?} {guard} {}", lock.try_read().unwrap_err())
        }};
    }
    assert_eq!(printed!(mini_tokio), printed!(tokio));
}

#[test]
fn unsized_values_and_plain_access() {
    let lock: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2, 3]));
    now(lock.clone().write_owned())[0] = 7;
    assert_eq!(*now(lock.read_owned()), [7, 2, 3]);
    let mut lock = RwLock::from(1);
    *lock.get_mut() += RwLock::<usize>::default().into_inner();
    static LOCK: RwLock<Vec<u8>> = RwLock::const_new(Vec::new());
    LOCK.blocking_write().push(1);
    assert_eq!(LOCK.blocking_read().len(), lock.into_inner());
}

#[test]
fn a_waker_that_uses_the_lock_finds_it_in_order() {
    let lock = Arc::new(RwLock::new(0));
    let guard = now(lock.clone().write_owned());
    let meddling = || {
        let lock = lock.clone();
        meddling_waker(move || {
            drop(Spy::new(lock.read()).poll());
            drop(Spy::new(lock.write()).poll());
            drop(lock.try_read());
        })
    };
    let mut readers: Vec<_> = (0..3).map(|_| Spy::new(lock.read())).collect();
    let mut writer = Spy::new(lock.write());
    for _ in 0..2 {
        for reader in &mut readers {
            assert!(reader.poll_with(&meddling()).is_none());
        }
        assert!(writer.poll_with(&meddling()).is_none());
    }
    drop(guard.downgrade());
    readers.clear();
    drop(writer.poll().unwrap());
    drop(writer);
    assert!(lock.try_write().is_ok());
}

#[test]
fn readers_never_see_a_writer_and_writers_never_meet() {
    let runtime = mini_tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let lock = Arc::new(RwLock::with_max_readers((), 3));
    let (readers, writers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..12)
            .map(|i| {
                let (lock, readers, writers) = (lock.clone(), readers.clone(), writers.clone());
                mini_tokio::spawn(async move {
                    for _ in 0..100 {
                        if i % 4 == 0 {
                            let guard = lock.write().await;
                            assert_eq!(writers.fetch_add(1, Ordering::Relaxed), 0);
                            assert_eq!(readers.load(Ordering::Relaxed), 0);
                            mini_tokio::task::yield_now().await;
                            writers.fetch_sub(1, Ordering::Relaxed);
                            drop(guard.downgrade());
                        } else {
                            let _guard = lock.read().await;
                            assert!(readers.fetch_add(1, Ordering::Relaxed) < 3);
                            assert_eq!(writers.load(Ordering::Relaxed), 0);
                            mini_tokio::task::yield_now().await;
                            readers.fetch_sub(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(lock.try_write().is_ok());
}

#[test]
#[should_panic = "Cannot block the current thread from within a runtime."]
fn blocking_on_a_thread_that_drives_tasks_panics() {
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(RwLock::new(1).blocking_read()) });
}

/// The same random calls on tokio's lock and on this one: the same futures are inside after each.
#[test]
fn random_calls_have_the_same_outcome_as_tokios() {
    macro_rules! play {
        ($library:ident, $seed:expr) => {{
            let mut dice = Dice($seed);
            let lock = Arc::new($library::sync::RwLock::with_max_readers((), 3));
            let (mut asking_read, mut asking_write) = (Vec::new(), Vec::new());
            let (mut reading, mut writing, mut log) = (Vec::new(), None, Vec::new());
            for step in 0..300 {
                match dice.below(9) {
                    0 | 1 => asking_read.push((step, Spy::new(lock.clone().read_owned()))),
                    2 => asking_write.push((step, Spy::new(lock.clone().write_owned()))),
                    3 if !reading.is_empty() => drop(reading.swap_remove(dice.below(reading.len()))),
                    4 if !asking_read.is_empty() => drop(asking_read.remove(dice.below(asking_read.len()))),
                    5 if !asking_write.is_empty() => drop(asking_write.remove(dice.below(asking_write.len()))),
                    6 => writing = None,
                    7 => reading.extend(writing.take().map($library::sync::OwnedRwLockWriteGuard::downgrade)),
                    _ => log.push((step, lock.try_read().is_ok(), lock.try_write().is_ok())),
                }
                asking_read.retain_mut(|(born, future)| match future.poll() {
                    None => true,
                    Some(guard) => {
                        reading.push(guard);
                        log.push((*born, true, false));
                        false
                    }
                });
                asking_write.retain_mut(|(born, future)| match future.poll() {
                    None => true,
                    Some(guard) => {
                        writing = Some(guard);
                        log.push((*born, false, true));
                        false
                    }
                });
            }
            drop((reading, writing));
            log
        }};
    }
    for seed in 1..200u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(play!(mini_tokio, seed), play!(tokio, seed), "seed {seed}");
    }
}
