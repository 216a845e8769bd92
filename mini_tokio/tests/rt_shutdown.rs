//! How a runtime ends: what it waits for, what it drops, and what can happen meanwhile.

mod rt_support;

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use mini_tokio::runtime::{Builder, Handle};
use mini_tokio::task;
use rt_support::*;

/// Calls `f` when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_drop_waits_for_running_closures_and_cancels_queued_ones() {
    let rt = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let (begun, begins) = mpsc::channel();
    let finished = Arc::new(AtomicBool::new(false));
    let flag = finished.clone();
    let running = rt.spawn_blocking(move || {
        begun.send(()).unwrap();
        until_shutdown_begins();
        flag.store(true, SeqCst);
        1
    });
    begins.recv().unwrap();
    let drops = Drops::default();
    let tracked = drops.tracked();
    let queued = rt.spawn_blocking(move || drop(tracked));
    drop(rt);
    assert!(finished.load(SeqCst));
    assert_eq!(drops.count(), 1, "the closure that never ran was dropped");
    assert_eq!(futures::executor::block_on(running).unwrap(), 1);
    assert!(futures::executor::block_on(queued).unwrap_err().is_cancelled());
}

#[test]
fn a_drop_waits_until_running_tasks_yield_and_polls_them_no_more() {
    for workers in [1, 4] {
        let rt = multi_thread(workers);
        let (begun, begins) = mpsc::channel();
        let yielded = Arc::new(AtomicUsize::new(0));
        let counted = yielded.clone();
        let handle = rt.spawn(async move {
            begun.send(()).unwrap();
            until_shutdown_begins();
            counted.fetch_add(1, SeqCst);
            task::yield_now().await;
            counted.fetch_add(10, SeqCst);
        });
        begins.recv().unwrap();
        drop(rt);
        assert_eq!(yielded.load(SeqCst), 1);
        assert!(futures::executor::block_on(handle).unwrap_err().is_cancelled());
    }
}

#[test]
fn shutdown_with_a_stuck_closure_returns_in_time() {
    for rt in runtimes() {
        let (begun, begins) = mpsc::channel();
        let (release, stuck) = mpsc::channel::<()>();
        let closure = rt.spawn_blocking(move || {
            begun.send(()).unwrap();
            let _ = stuck.recv();
            2
        });
        begins.recv().unwrap();
        let begin = Instant::now();
        rt.shutdown_timeout(Duration::from_millis(20));
        assert!(begin.elapsed() >= Duration::from_millis(20), "it did wait");
        assert!(begin.elapsed() < STUCK);
        drop(release);
        assert_eq!(futures::executor::block_on(closure).unwrap(), 2, "the closure goes on, left alone");
    }
}

#[test]
fn shutdown_background_waits_for_nobody() {
    for rt in runtimes() {
        let (begun, begins) = mpsc::channel();
        let (release, stuck) = mpsc::channel::<()>();
        rt.spawn_blocking(move || {
            begun.send(()).unwrap();
            let _ = stuck.recv();
        });
        begins.recv().unwrap();
        // Would hang here for good if it waited.
        rt.shutdown_background();
        drop(release);
    }
}

#[test]
fn what_is_spawned_after_the_end_is_cancelled_unpolled() {
    for rt in runtimes() {
        let handle = rt.handle().clone();
        drop(rt);
        let drops = Drops::default();
        let (one, two) = (drops.tracked(), drops.tracked());
        let task = handle.spawn(async move { drop(one) });
        let closure = handle.spawn_blocking(move || drop(two));
        assert_eq!(drops.count(), 2, "at once");
        assert!(task.is_finished() && closure.is_finished());
        assert!(futures::executor::block_on(task).unwrap_err().is_cancelled());
        assert!(futures::executor::block_on(closure).unwrap_err().is_cancelled());
        assert_eq!(handle.metrics().num_alive_tasks(), 0);
    }
}

#[test]
fn a_waker_woken_after_the_runtime_is_gone_does_nothing_and_frees_the_task() {
    for rt in runtimes() {
        let (drops, kept) = (Drops::default(), Arc::new(Mutex::new(None::<Waker>)));
        let (tracked, slot) = (drops.tracked(), kept.clone());
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let handle = rt.spawn(poll_fn(move |cx| {
            let _tracked = &tracked;
            counted.fetch_add(1, SeqCst);
            *slot.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        rt.block_on(async { task::yield_now().await });
        eventually(|| kept.lock().unwrap().is_some());
        drop(rt);
        assert_eq!(drops.count(), 1);
        let waker = kept.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        waker.wake();
        assert_eq!(polls.load(SeqCst), 1);
        assert!(futures::executor::block_on(handle).unwrap_err().is_cancelled());
    }
}

#[test]
fn nothing_of_a_runtime_is_left_when_its_last_handle_goes() {
    for rt in runtimes() {
        let alive = Arc::new(());
        let held = alive.clone();
        // The name function is kept with the configuration, by whoever keeps the runtime's shared part.
        let again = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name_fn(move || {
                let _held = &held;
                "named".to_owned()
            })
            .build()
            .unwrap();
        again.block_on(async {
            for _ in 0..10 {
                drop(task::spawn(pending::<()>()));
                task::spawn_blocking(|| ()).await.unwrap();
            }
        });
        drop(again);
        drop(rt);
        eventually(|| Arc::strong_count(&alive) == 1);
    }
}

#[test]
fn a_future_whose_drop_spawns_does_not_hang_the_shutdown() {
    within_time(|| {
        for rt in runtimes() {
            let cancelled = Arc::new(AtomicUsize::new(0));
            for _ in 0..10 {
                let cancelled = cancelled.clone();
                let spawns = {
                    OnDrop(move || {
                        let again = cancelled.clone();
                        let drops = OnDrop(move || {
                            again.fetch_add(1, SeqCst);
                        });
                        // The runtime is still current in a destructor that it runs.
                        let handle = task::spawn(async move {
                            let _drops = drops;
                            pending::<()>().await;
                        });
                        assert!(handle.is_finished());
                        drop(task::spawn_blocking(|| ()));
                    })
                };
                rt.spawn(async move {
                    let _spawns = spawns;
                    pending::<()>().await;
                });
            }
            rt.block_on(async { task::yield_now().await });
            drop(rt);
            assert_eq!(cancelled.load(SeqCst), 10);
        }
    });
}

#[test]
fn futures_whose_drops_wake_and_abort_each_other_do_not_hang_the_shutdown() {
    within_time(|| {
        for rt in runtimes() {
            let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
            let aborts: Arc<Mutex<Vec<task::AbortHandle>>> = Arc::default();
            let drops = Arc::new(AtomicUsize::new(0));
            for _ in 0..50 {
                let (wakers, aborts, drops) = (wakers.clone(), aborts.clone(), drops.clone());
                let (mine, on_drop) = (wakers.clone(), aborts.clone());
                let wakes = OnDrop(move || {
                    drops.fetch_add(1, SeqCst);
                    // A lock of the program's, held while it calls into the runtime.
                    wakers.lock().unwrap().iter().for_each(Waker::wake_by_ref);
                    on_drop.lock().unwrap().iter().for_each(task::AbortHandle::abort);
                });
                let handle = rt.spawn(async move {
                    let _wakes = wakes;
                    poll_fn(move |cx| {
                        mine.lock().unwrap().push(cx.waker().clone());
                        Poll::<()>::Pending
                    })
                    .await;
                });
                aborts.lock().unwrap().push(handle.abort_handle());
            }
            rt.block_on(async {
                for _ in 0..100 {
                    task::yield_now().await;
                }
            });
            drop(rt);
            assert_eq!(drops.load(SeqCst), 50);
        }
    });
}

#[test]
fn futures_whose_drops_take_one_lock_do_not_hang_the_shutdown() {
    within_time(|| {
        for rt in runtimes() {
            let lock = Arc::new(Mutex::new(0));
            for _ in 0..100 {
                let lock = lock.clone();
                let locks = OnDrop(move || *lock.lock().unwrap() += 1);
                rt.spawn(async move {
                    let _locks = locks;
                    pending::<()>().await;
                });
            }
            rt.block_on(async { task::yield_now().await });
            drop(rt);
            assert_eq!(*lock.lock().unwrap(), 100);
        }
    });
}

#[test]
fn a_future_whose_drop_tries_to_block_on_its_runtime_panics_and_ends() {
    within_time(|| {
        for workers in [1, 4] {
            let rt = multi_thread(workers);
            let (sent, told) = mpsc::channel();
            let (polled, is_polled) = mpsc::channel();
            rt.spawn(async move {
                let _blocks = OnDrop(move || {
                    let handle = Handle::current();
                    let text = panic_message(|| handle.block_on(async {}));
                    sent.send(text).unwrap();
                });
                polled.send(()).unwrap();
                pending::<()>().await;
            });
            is_polled.recv().unwrap();
            drop(rt);
            assert!(told.recv().unwrap().contains("Cannot start a runtime from within a runtime"));
        }
    });
}

#[test]
fn futures_whose_drops_panic_are_all_dropped_at_shutdown() {
    within_time(|| {
        for rt in runtimes() {
            let drops = Drops::default();
            let handles: Vec<_> = (0..20)
                .map(|_| {
                    let tracked = drops.tracked();
                    rt.spawn(async move {
                        let _tracked = tracked;
                        let _bomb = OnDrop(|| panic!("bomb"));
                        pending::<()>().await;
                    })
                })
                .collect();
            rt.block_on(async { task::yield_now().await });
            drop(rt);
            assert_eq!(drops.count(), 20);
            for handle in handles {
                let error = futures::executor::block_on(handle).unwrap_err();
                // One that never ran has no bomb in it yet.
                assert!(error.is_panic() || error.is_cancelled());
            }
        }
    });
}

#[test]
fn tasks_that_spawn_and_wake_without_end_do_not_hold_up_the_shutdown() {
    within_time(|| {
        for rt in [multi_thread(1), multi_thread(4)] {
            let spawned = Drops::default();
            let begun = Arc::new(AtomicUsize::new(0));
            for _ in 0..8 {
                let (spawned, begun) = (spawned.clone(), begun.clone());
                rt.spawn(async move {
                    loop {
                        let tracked = spawned.tracked();
                        begun.fetch_add(1, SeqCst);
                        task::spawn(async move {
                            let _tracked = tracked;
                            SelfWake::default().await;
                            pending::<()>().await;
                        });
                        task::yield_now().await;
                    }
                });
            }
            eventually(|| begun.load(SeqCst) > 1000);
            drop(rt);
            assert_eq!(spawned.count(), begun.load(SeqCst), "each future was dropped once");
        }
    });
}

#[test]
fn a_runtime_dropped_while_other_threads_spawn_and_wake_cancels_or_runs_each_task() {
    within_time(|| {
        for _ in 0..20 {
            for rt in [multi_thread(1), multi_thread(4)] {
                let (drops, stop) = (Drops::default(), Arc::new(AtomicBool::new(false)));
                let spawners: Vec<_> = (0..3)
                    .map(|_| {
                        let (handle, drops, stop) = (rt.handle().clone(), drops.clone(), stop.clone());
                        thread::spawn(move || {
                            let mut handles = Vec::new();
                            while !stop.load(SeqCst) {
                                let tracked = drops.tracked();
                                handles.push(handle.spawn(async move {
                                    let _tracked = tracked;
                                    SelfWake::default().await;
                                }));
                                thread::yield_now();
                            }
                            handles
                        })
                    })
                    .collect();
                eventually(|| drops.count() > 20);
                drop(rt);
                stop.store(true, SeqCst);
                let handles: Vec<_> = spawners.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
                let spawned = handles.len();
                for handle in handles {
                    let joined = futures::executor::block_on(handle);
                    assert!(joined.is_ok() || joined.is_err_and(|error| error.is_cancelled()));
                }
                assert_eq!(drops.count(), spawned);
            }
        }
    });
}

#[test]
fn a_task_behind_block_in_place_is_cancelled_by_its_thread_at_shutdown() {
    within_time(|| {
        let rt = multi_thread(1);
        let drops = Drops::default();
        let tracked = drops.tracked();
        let (begun, begins) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let handle = rt.spawn(async move {
            let _tracked = tracked;
            task::block_in_place(|| {
                begun.send(()).unwrap();
                let _ = held.recv();
            });
            pending::<()>().await;
        });
        begins.recv().unwrap();
        let dropper = thread::spawn(move || drop(rt));
        drop(release);
        dropper.join().unwrap();
        assert_eq!(drops.count(), 1);
        assert!(futures::executor::block_on(handle).unwrap_err().is_cancelled());
    });
}
