//! Semaphores: who gets how many permits, in which order, and what becomes of permits that nobody wants.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use mini_tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

mod sync_support;
use sync_support::{Dice, Spy, meddling_waker, now};

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().unwrap().to_string(),
    }
}

fn panics(f: impl FnOnce()) -> String {
    message(catch_unwind(AssertUnwindSafe(f)).expect_err("it panics"))
}

#[test]
fn a_permit_comes_back_when_it_is_dropped() {
    let semaphore = Semaphore::new(2);
    let one = now(semaphore.acquire()).unwrap();
    let other = semaphore.try_acquire().unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    drop(one);
    assert_eq!(semaphore.available_permits(), 1);
    drop(other);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn permits_are_given_in_the_order_of_asking() {
    let semaphore = Semaphore::new(0);
    let mut waiting: Vec<_> = (0..3).map(|_| Spy::waiting(semaphore.acquire())).collect();
    for next in 0..3 {
        semaphore.add_permits(1);
        let wakes: Vec<_> = waiting.iter().map(Spy::wakes).collect();
        assert_eq!(wakes, (0..3).map(|i| usize::from(i <= next)).collect::<Vec<_>>());
        waiting[next].poll().unwrap().unwrap().forget();
    }
}

#[test]
fn who_wants_many_is_not_passed_by_who_wants_one() {
    let semaphore = Semaphore::new(2);
    let mut many = Spy::waiting(semaphore.acquire_many(3));
    let mut one = Spy::waiting(semaphore.acquire());
    assert_eq!(semaphore.available_permits(), 0, "the first in line has them");
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    semaphore.add_permits(1);
    assert_eq!((many.wakes(), one.wakes()), (1, 0));
    let permit = many.poll().unwrap().unwrap();
    assert!(one.poll().is_none());
    assert_eq!(permit.num_permits(), 3);
    drop(permit);
    assert_eq!(one.wakes(), 1);
    drop(one.poll().unwrap());
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn one_release_serves_as_many_as_it_can() {
    let semaphore = Semaphore::new(0);
    let mut waiting: Vec<_> = [1, 2, 3, 1].map(|n| Spy::waiting(semaphore.acquire_many(n))).into();
    semaphore.add_permits(5);
    let granted: Vec<_> = waiting.iter().map(Spy::wakes).collect();
    assert_eq!(granted, [1, 1, 0, 0]);
    drop(waiting.remove(2));
    assert_eq!(waiting[2].wakes(), 1, "the two that the third held go on to the fourth");
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn a_dropped_future_gives_back_what_it_was_granted_and_what_it_held() {
    let semaphore = Semaphore::new(1);
    let holds = Spy::waiting(semaphore.acquire_many(2));
    assert_eq!(semaphore.available_permits(), 0);
    drop(holds);
    assert_eq!(semaphore.available_permits(), 1);
    let granted = Spy::waiting(semaphore.acquire_many(2));
    let mut next = Spy::waiting(semaphore.acquire());
    semaphore.add_permits(1);
    assert_eq!((granted.wakes(), next.wakes()), (1, 0));
    drop(granted);
    assert_eq!(next.wakes(), 1);
    drop(next.poll());
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn any_waiter_may_leave_the_line() {
    for leaver in 0..4 {
        let semaphore = Semaphore::new(0);
        let mut waiting: Vec<_> = (0..4).map(|_| Spy::waiting(semaphore.acquire())).collect();
        drop(waiting.remove(leaver));
        for mut next in waiting {
            semaphore.add_permits(1);
            assert_eq!(next.wakes(), 1);
            next.poll().unwrap().unwrap().forget();
        }
        assert_eq!(semaphore.available_permits(), 0);
    }
}

#[test]
fn zero_permits_are_always_to_be_had_until_the_close() {
    let semaphore = Semaphore::new(0);
    let waiting = Spy::waiting(semaphore.acquire());
    assert_eq!(now(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
    assert!(semaphore.try_acquire_many(0).is_ok());
    semaphore.add_permits(0);
    assert_eq!(waiting.wakes(), 0);
    semaphore.close();
    assert!(now(semaphore.acquire_many(0)).is_err());
    assert_eq!(semaphore.try_acquire_many(0).unwrap_err(), TryAcquireError::Closed);
}

#[test]
fn a_close_ends_all_waiting_and_loses_no_permit() {
    let semaphore = Arc::new(Semaphore::new(2));
    let permit = semaphore.clone().try_acquire_owned().unwrap();
    let mut waiting: Vec<_> = (2..5).map(|n| Spy::waiting(semaphore.clone().acquire_many_owned(n))).collect();
    assert!(!semaphore.is_closed());
    semaphore.close();
    semaphore.close();
    assert!(semaphore.is_closed());
    for waiting in &mut waiting {
        assert_eq!(waiting.wakes(), 1);
        assert_eq!(waiting.poll().unwrap().unwrap_err().to_string(), "semaphore closed");
    }
    drop(permit);
    assert_eq!(semaphore.available_permits(), 2);
    assert_eq!(semaphore.try_acquire().unwrap_err().to_string(), "semaphore closed");
    assert!(now(semaphore.acquire()).is_err());
    assert_eq!(semaphore.forget_permits(5), 2);
}

#[test]
fn permits_split_and_merge_and_are_forgotten() {
    let semaphore = Arc::new(Semaphore::new(5));
    let mut permit = semaphore.try_acquire_many(4).unwrap();
    assert!(permit.split(5).is_none());
    let half = permit.split(2).unwrap();
    assert_eq!((permit.num_permits(), half.num_permits()), (2, 2));
    assert!(std::ptr::eq(half.semaphore(), &*semaphore));
    permit.merge(half);
    assert_eq!(permit.num_permits(), 4);
    permit.split(1).unwrap().forget();
    drop(permit);
    assert_eq!(semaphore.available_permits(), 4);

    let mut owned = semaphore.clone().try_acquire_many_owned(4).unwrap();
    let part = owned.split(1).unwrap();
    assert!(Arc::ptr_eq(part.semaphore(), &semaphore));
    owned.merge(part);
    assert!(owned.split(5).is_none());
    owned.split(1).unwrap().forget();
    drop(owned);
    assert_eq!(semaphore.available_permits(), 3);
    assert_eq!(semaphore.forget_permits(2), 2);
    assert_eq!(semaphore.forget_permits(2), 1);
}

#[test]
fn who_waits_keeps_permits_from_being_forgotten() {
    let semaphore = Semaphore::new(1);
    let waiting = Spy::waiting(semaphore.acquire_many(2));
    assert_eq!(semaphore.forget_permits(1), 0);
    drop(waiting);
    assert_eq!(semaphore.forget_permits(1), 1);
}

#[test]
fn too_many_permits_panic_as_in_tokio_and_change_nothing() {
    let most = Semaphore::MAX_PERMITS;
    assert_eq!(most, tokio::sync::Semaphore::MAX_PERMITS);
    macro_rules! texts {
        ($library:ident) => {{
            use $library::sync::Semaphore;
            [
                panics(|| _ = Semaphore::new(most + 1)),
                panics(|| Semaphore::new(0).add_permits(most + 1)),
                panics(|| Semaphore::new(most).add_permits(1)),
                panics(|| _ = Semaphore::const_new(most + 1)),
                panics(|| {
                    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
                    one.try_acquire().unwrap().merge(other.try_acquire().unwrap());
                }),
            ]
        }};
    }
    assert_eq!(texts!(mini_tokio), texts!(tokio));
    let semaphore = Semaphore::new(most);
    panics(|| semaphore.add_permits(1));
    assert_eq!(semaphore.available_permits(), most);
    drop(semaphore.try_acquire().unwrap());
}

#[test]
fn it_is_printed_as_tokio_prints_it() {
    macro_rules! printed {
        ($library:ident) => {{
            let semaphore = std::sync::Arc::new($library::sync::Semaphore::new(3));
            let (one, two) = (semaphore.try_acquire().unwrap(), semaphore.clone().try_acquire_owned().unwrap());
            let text = format!("{semaphore:?} {one:?} {two:?}");
            semaphore.close();
            let closed = semaphore.try_acquire().unwrap_err();
            let never = now(semaphore.acquire()).unwrap_err();
            format!("{text} {closed} {closed:?} {never} {never:?} {}", $library::sync::TryAcquireError::NoPermits)
        }};
    }
    assert_eq!(printed!(mini_tokio), printed!(tokio));
}

#[test]
fn a_waker_that_uses_the_semaphore_finds_it_unlocked() {
    let semaphore = Arc::new(Semaphore::new(0));
    let meddling = |semaphore: &Arc<Semaphore>| {
        let semaphore = semaphore.clone();
        meddling_waker(move || {
            drop(Spy::new(semaphore.acquire_many(7)).poll()); // enters the line and leaves it
            semaphore.add_permits(0);
            drop(semaphore.try_acquire());
        })
    };
    let mut first = Spy::new(semaphore.acquire_many(2));
    let mut second = Spy::new(semaphore.acquire());
    for _ in 0..2 {
        assert!(first.poll_with(&meddling(&semaphore)).is_none(), "another waker each time, hence clone and drop");
        assert!(second.poll_with(&meddling(&semaphore)).is_none());
    }
    semaphore.add_permits(2);
    drop(first.poll().unwrap());
    drop(second.poll().unwrap());
    let mut cancelled = Spy::new(semaphore.acquire_many(5));
    assert!(cancelled.poll_with(&meddling(&semaphore)).is_none());
    drop(cancelled);
    let mut closed = Spy::new(semaphore.acquire_many(5));
    assert!(closed.poll_with(&meddling(&semaphore)).is_none());
    semaphore.close();
    assert!(closed.poll().unwrap().is_err());
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_panicking_waker_loses_no_permit_and_silences_nobody() {
    let semaphore = Semaphore::new(0);
    let mut first = Spy::new(semaphore.acquire());
    let armed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = armed.clone();
    let waker = meddling_waker(move || {
        if flag.swap(false, std::sync::atomic::Ordering::Relaxed) {
            panic!("a waker that panics");
        }
    });
    assert!(first.poll_with(&waker).is_none());
    let second = Spy::waiting(semaphore.acquire());
    armed.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(panics(|| semaphore.add_permits(2)), "a waker that panics");
    assert_eq!(second.wakes(), 1);
    drop((first, second));
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_future_keeps_the_waker_that_it_was_polled_with_last() {
    let semaphore = Semaphore::new(0);
    let mut moved = Spy::waiting(semaphore.acquire());
    let other = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = other.clone();
    let waker = meddling_waker(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(moved.poll_with(&waker).is_none());
    let cloned = other.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(cloned, 1, "cloned once");
    assert!(moved.poll_with(&waker).is_none());
    assert_eq!(other.load(std::sync::atomic::Ordering::Relaxed), cloned, "it wakes the same task: no second clone");
    semaphore.add_permits(1);
    assert_eq!(moved.wakes(), 0);
    assert_eq!(other.load(std::sync::atomic::Ordering::Relaxed), cloned + 2, "woken, and dropped thereby");
}

/// A task in a loop over free permits lets others run, as with tokio.
#[test]
fn a_free_permit_costs_a_unit_of_the_budget_and_a_wait_none() {
    macro_rules! ready_in_a_row {
        ($library:ident) => {{
            let runtime = $library::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let task = $library::spawn(async {
                    let semaphore = $library::sync::Semaphore::new(1);
                    let empty = $library::sync::Semaphore::new(0);
                    for _ in 0..1000 {
                        assert!(futures::poll!(std::pin::pin!(empty.acquire())).is_pending());
                    }
                    let mut ready = 0;
                    while let std::task::Poll::Ready(permit) = futures::poll!(std::pin::pin!(semaphore.acquire())) {
                        drop(permit);
                        ready += 1;
                    }
                    ready
                });
                task.await.unwrap()
            })
        }};
    }
    assert_eq!(ready_in_a_row!(mini_tokio), 128);
    assert_eq!(ready_in_a_row!(mini_tokio), ready_in_a_row!(tokio));
}

#[test]
fn a_plain_thread_blocks_until_it_has_its_permits() {
    let semaphore = Arc::new(Semaphore::new(0));
    let threads: Vec<_> = (1..4)
        .map(|n| {
            let semaphore = semaphore.clone();
            std::thread::spawn(move || match n {
                1 => drop(semaphore.blocking_acquire().unwrap()),
                2 => drop(semaphore.blocking_acquire_many(2).unwrap()),
                _ => drop(semaphore.blocking_acquire_many_owned(3).unwrap()),
            })
        })
        .collect();
    semaphore.add_permits(3);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(semaphore.available_permits(), 3);
    drop(semaphore.clone().blocking_acquire_owned().unwrap());
    semaphore.close();
    assert!(semaphore.blocking_acquire().is_err());
}

#[test]
fn blocking_on_a_thread_that_drives_tasks_panics() {
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    let text = panics(|| runtime.block_on(async { drop(Semaphore::new(1).blocking_acquire()) }));
    assert!(text.starts_with("Cannot block the current thread from within a runtime."), "{text}");
}

/// Many threads' worth of tasks: never more inside than there are permits, and in the end all permits are back.
#[test]
fn there_are_never_more_permits_out_than_exist() {
    let runtime = mini_tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let semaphore = Arc::new(Semaphore::new(3));
    let inside = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..50usize)
            .map(|i| {
                let (semaphore, inside) = (semaphore.clone(), inside.clone());
                mini_tokio::spawn(async move {
                    for round in 0..50 {
                        let n = (i + round) % 3 + 1;
                        let permit: OwnedSemaphorePermit =
                            semaphore.clone().acquire_many_owned(n as u32).await.unwrap();
                        assert!(inside.fetch_add(n, std::sync::atomic::Ordering::Relaxed) + n <= 3);
                        mini_tokio::task::yield_now().await;
                        inside.fetch_sub(n, std::sync::atomic::Ordering::Relaxed);
                        drop(permit);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(semaphore.available_permits(), 3);
}

/// The same random calls on tokio's semaphore and on this one: the same futures are ready after each.
#[test]
fn random_calls_have_the_same_outcome_as_tokios() {
    macro_rules! play {
        ($library:ident, $seed:expr) => {{
            let mut dice = Dice($seed);
            let semaphore = Arc::new($library::sync::Semaphore::new(dice.below(4)));
            let (mut waiting, mut permits, mut log) = (Vec::new(), Vec::new(), Vec::new());
            for step in 0..200 {
                match dice.below(8) {
                    0 | 1 => waiting.push((step, Spy::new(semaphore.clone().acquire_many_owned(dice.below(5) as u32)))),
                    2 => semaphore.add_permits(dice.below(3)),
                    3 if !permits.is_empty() => drop(permits.swap_remove(dice.below(permits.len()))),
                    4 if !waiting.is_empty() => drop(waiting.remove(dice.below(waiting.len()))),
                    5 => match semaphore.clone().try_acquire_many_owned(dice.below(3) as u32) {
                        Ok(permit) => permits.push(permit),
                        Err(error) => log.push((step, error.to_string())),
                    },
                    6 => log.push((semaphore.forget_permits(dice.below(2)), String::new())),
                    7 if dice.below(40) == 0 => semaphore.close(),
                    _ => (),
                }
                // All that wait are looked at, in order: who is ready, with how many.
                waiting.retain_mut(|(born, future)| match future.poll() {
                    None => true,
                    Some(outcome) => {
                        log.push((*born, format!("{:?}", outcome.as_ref().map(|permit| permit.num_permits()))));
                        permits.extend(outcome);
                        false
                    }
                });
                log.push((semaphore.available_permits(), format!("{}", semaphore.is_closed())));
            }
            log
        }};
    }
    for seed in 1..300u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(play!(mini_tokio, seed), play!(tokio, seed), "seed {seed}");
    }
}

#[test]
fn a_close_between_the_grant_and_the_poll_goes_as_in_tokio() {
    macro_rules! outcome {
        ($library:ident) => {{
            let semaphore = $library::sync::Semaphore::new(0);
            let mut granted = Spy::waiting(semaphore.acquire());
            semaphore.add_permits(1);
            semaphore.close();
            let text = format!("{:?}", granted.poll().unwrap().map(|permit| permit.num_permits()));
            drop(granted);
            (text, semaphore.available_permits())
        }};
    }
    assert_eq!(outcome!(mini_tokio), outcome!(tokio));
}

/// With its budget used up a task takes its place in line, or its permit, and says so only when it has a new one.
#[test]
fn a_task_without_budget_keeps_its_turn_as_in_tokio() {
    macro_rules! outcome {
        ($library:ident, $then:expr) => {{
            let semaphore = Arc::new($library::sync::Semaphore::new(1));
            let runtime = $library::runtime::Builder::new_current_thread().build().unwrap();
            let other = semaphore.clone();
            let task = runtime.spawn(async move {
                let mut spent = Spy::new(other.acquire_many(1));
                while futures::poll!(std::pin::pin!($library::task::consume_budget())).is_ready() {}
                let mut log = vec![format!("{} {}", spent.poll().is_none(), other.available_permits())];
                let mut behind = Spy::new(other.acquire());
                log.push(format!("{} {}", behind.poll().is_none(), other.available_permits()));
                $library::task::yield_now().await; // a new budget
                match $then {
                    "go on" => drop(spent.poll().expect("it has its permit").unwrap()),
                    "close" => {
                        other.close();
                        log.push(format!("{}", spent.poll().unwrap().is_err()));
                    }
                    _ => drop(spent),
                }
                log.push(format!("{} {}", behind.wakes(), other.available_permits()));
                log.push(format!("{:?}", behind.poll().map(|permit| permit.is_ok())));
                log
            });
            (runtime.block_on(task).unwrap(), semaphore.available_permits())
        }};
    }
    for then in ["go on", "close", "give up"] {
        assert_eq!(outcome!(mini_tokio, then), outcome!(tokio, then), "{then}");
    }
}

/// Whatever panics in a waker, at whichever call: with the future gone, all permits are back and the line is open.
#[test]
fn wherever_a_waker_panics_no_permit_is_lost() {
    for fatal_call in 0..8 {
        let semaphore = Arc::new(Semaphore::new(0));
        let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let dangerous = || {
            let calls = calls.clone();
            meddling_waker(move || {
                let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                assert!(call != fatal_call || std::thread::panicking(), "a waker that panics");
            })
        };
        let mut future = Spy::new(semaphore.acquire_many(2));
        for step in 0..4 {
            let waker = std::mem::ManuallyDrop::new(dangerous());
            _ = catch_unwind(AssertUnwindSafe(|| match step {
                0 | 1 => assert!(future.poll_with(&waker).is_none()),
                2 => semaphore.add_permits(2),
                _ => drop(future.poll_with(&waker)),
            }));
        }
        _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
        assert_eq!(semaphore.available_permits(), 2, "call {fatal_call}");
        drop(now(semaphore.acquire_many(2)).unwrap());
    }
}
