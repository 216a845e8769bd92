//! Where a runtime is current, what works without one, and what may not be nested.

mod rt_support;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use mini_tokio::runtime::{Builder, Handle, Runtime, worker_index};
use mini_tokio::{task, time};
use rt_support::*;

const NO_RUNTIME: &str = "there is no reactor running, must be called from the context of a Tokio 1.x runtime";

#[test]
fn outside_a_runtime_whatever_needs_one_says_so() {
    assert_eq!(panic_message(|| task::spawn(async {})), NO_RUNTIME);
    assert_eq!(panic_message(|| task::spawn_blocking(|| ())), NO_RUNTIME);
    assert_eq!(panic_message(Handle::current), NO_RUNTIME);
    let error = Handle::try_current().unwrap_err();
    assert!(error.is_missing_context() && !error.is_thread_local_destroyed());
    assert_eq!(error.to_string(), NO_RUNTIME);
}

#[test]
fn the_worker_that_polls_is_known_and_where_none_polls_there_is_none() {
    assert_eq!(worker_index(), None);
    let current = Builder::new_current_thread().build().unwrap();
    assert_eq!(current.block_on(async { worker_index() }), Some(0));
    assert_eq!(current.handle().block_on(async { worker_index() }), None);
    let multi = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    assert_eq!(multi.block_on(async { worker_index() }), None);
    let of_task = multi.block_on(async { task::spawn(async { worker_index() }).await.unwrap() });
    assert!(of_task.is_some_and(|index| index < 2), "{of_task:?}");
    assert_eq!(multi.block_on(async { task::spawn_blocking(worker_index).await.unwrap() }), None);
}

#[test]
fn an_entered_runtime_is_current_until_the_guard_is_dropped() {
    for rt in runtimes() {
        let ran = {
            let _guard = rt.enter();
            assert_eq!(Handle::current().id(), rt.handle().id());
            task::spawn(async { 5 })
        };
        assert!(Handle::try_current().is_err());
        assert_eq!(rt.block_on(ran).unwrap(), 5);
    }
}

#[test]
fn guards_nest() {
    let (one, two) = (current_thread(), current_thread());
    let _one = one.enter();
    {
        let _two = two.enter();
        assert_eq!(Handle::current().id(), two.handle().id());
    }
    assert_eq!(Handle::current().id(), one.handle().id());
}

#[test]
fn guards_dropped_out_of_order_panic() {
    let rt = current_thread();
    let (one, two) = (rt.enter(), rt.enter());
    assert!(panic_message(|| drop(one)).contains("`EnterGuard` values dropped out of order"));
    drop(two);
}

#[test]
fn the_thread_of_a_task_a_closure_and_a_root_knows_its_runtime() {
    for rt in runtimes() {
        let id = rt.handle().id();
        assert_eq!(rt.block_on(async { Handle::current().id() }), id);
        assert_eq!(rt.block_on(rt.spawn(async { Handle::current().id() })).unwrap(), id);
        assert_eq!(rt.block_on(rt.spawn_blocking(|| Handle::current().id())).unwrap(), id);
        assert_eq!(rt.handle().block_on(async { Handle::current().id() }), id);
    }
}

#[test]
fn a_thread_local_that_outlives_the_context_finds_it_destroyed() {
    struct Late(mpsc::Sender<bool>);
    impl Drop for Late {
        fn drop(&mut self) {
            let found = Handle::try_current();
            self.0.send(found.is_err_and(|error| error.is_thread_local_destroyed())).unwrap();
        }
    }
    thread_local!(static LATE: std::cell::RefCell<Option<Late>> = const { std::cell::RefCell::new(None) });
    let (sent, received) = mpsc::channel();
    thread::spawn(move || {
        // Destructors run in the order of registration on Linux: the context's first, if it is touched first.
        let rt = current_thread();
        rt.block_on(async {});
        drop(rt);
        LATE.with(|late| *late.borrow_mut() = Some(Late(sent)));
    })
    .join()
    .unwrap();
    let _either = received.recv_timeout(STUCK).expect("no abort in either order");
}

#[test]
fn block_on_in_async_context_panics_and_the_worker_survives() {
    for rt in runtimes() {
        let handle = rt.handle().clone();
        let error = rt.block_on(rt.spawn(async move { handle.block_on(async {}) })).unwrap_err();
        assert!(message_of(error.into_panic()).contains("Cannot start a runtime from within a runtime"));
        let other = current_thread();
        let text = panic_message(|| rt.block_on(async { other.block_on(async {}) }));
        assert!(text.contains("Cannot start a runtime from within a runtime"));
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    }
}

#[test]
fn a_root_future_that_panics_leaves_the_runtime_usable() {
    for rt in runtimes() {
        let handle = rt.spawn(async {
            task::yield_now().await;
            3
        });
        assert_eq!(panic_message(|| rt.block_on(async { panic!("root") })), "root");
        assert!(Handle::try_current().is_err());
        assert_eq!(rt.block_on(handle).unwrap(), 3);
    }
}

#[test]
fn a_runtime_dropped_in_async_context_panics_but_ends() {
    for rt in runtimes() {
        for inner in runtimes() {
            let (drops, metrics) = (Drops::default(), inner.metrics());
            let tracked = drops.tracked();
            inner.spawn(async move {
                let _tracked = tracked;
                pending::<()>().await;
            });
            let text = panic_message(|| rt.block_on(async move { drop(inner) }));
            assert!(text.contains("Cannot drop a runtime in a context where blocking is not allowed"), "{text}");
            eventually(|| drops.count() == 1 && metrics.num_alive_tasks() == 0);
        }
        assert_eq!(rt.block_on(async { 1 }), 1);
    }
}

#[test]
fn a_runtime_dropped_by_a_panic_in_async_context_does_not_panic_again() {
    let (rt, inner) = (current_thread(), multi_thread(1));
    let text = panic_message(|| {
        rt.block_on(async move {
            let _inner = inner;
            panic!("first")
        })
    });
    assert_eq!(text, "first");
}

#[test]
fn shutdown_background_is_allowed_in_async_context() {
    for rt in runtimes() {
        for inner in runtimes() {
            rt.block_on(async move { inner.shutdown_background() });
        }
        let text = panic_message(|| rt.block_on(async { current_thread().shutdown_timeout(Duration::from_secs(1)) }));
        assert!(text.contains("Cannot drop a runtime"));
    }
}

#[test]
fn a_runtime_may_be_dropped_in_a_blocking_closure() {
    for rt in runtimes() {
        for inner in runtimes() {
            within_time_on(&rt, move || drop(inner));
        }
    }
}

fn within_time_on(rt: &Runtime, f: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    rt.spawn_blocking(move || {
        f();
        done.send(()).unwrap();
    });
    finished.recv_timeout(STUCK).expect("stuck");
}

#[test]
fn a_handle_moved_into_a_plain_thread_spawns_on_its_runtime() {
    for rt in runtimes() {
        rt.block_on(async {
            let handle = Handle::current();
            let (sent, received) = mpsc::channel();
            let thread = thread::spawn(move || {
                assert!(Handle::try_current().is_err());
                handle.spawn(async move { sent.send(Handle::current().id()).unwrap() })
            });
            thread.join().unwrap().await.unwrap();
            assert_eq!(received.try_recv(), Ok(rt.handle().id()));
        });
    }
}

#[test]
fn runtimes_in_plain_threads_do_not_disturb_one_another() {
    within_time(|| {
        let meeting = Arc::new(Barrier::new(2));
        let threads: Vec<_> = (0..2u64)
            .map(|me| {
                let meeting = meeting.clone();
                thread::spawn(move || {
                    let rt = current_thread();
                    meeting.wait();
                    let begin = time::Instant::now();
                    let sum = rt.block_on(async move {
                        time::sleep(Duration::from_millis(5 * (me + 1))).await;
                        let tasks: Vec<_> = (0..100).map(|i| task::spawn(async move { i + me })).collect();
                        let mut sum = 0;
                        for task in tasks {
                            sum += task.await.unwrap();
                        }
                        sum
                    });
                    assert!(begin.elapsed() >= Duration::from_millis(5 * (me + 1)));
                    assert_eq!(rt.metrics().spawned_tasks_count(), 100);
                    sum
                })
            })
            .collect();
        let sums: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(sums, [4950, 5050]);
    });
}

#[test]
fn two_runtimes_wake_each_others_tasks() {
    within_time(|| {
        for one in runtimes() {
            let other = multi_thread(1);
            let seats: Arc<[Mutex<Option<Waker>>; 2]> = Arc::default();
            let turn = Arc::new(AtomicUsize::new(0));
            let player = |me: usize| {
                let (seats, turn) = (seats.clone(), turn.clone());
                poll_fn(move |cx| {
                    *seats[me].lock().unwrap() = Some(cx.waker().clone());
                    let now = turn.load(SeqCst);
                    if now % 2 == me && now < 1000 {
                        turn.fetch_add(1, SeqCst);
                    }
                    let waker = seats[1 - me].lock().unwrap().clone();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    if turn.load(SeqCst) >= 1000 { Poll::Ready(()) } else { Poll::Pending }
                })
            };
            let (first, second) = (one.spawn(player(0)), other.spawn(player(1)));
            one.block_on(async {
                first.await.unwrap();
                second.await.unwrap();
            });
            assert_eq!(turn.load(SeqCst), 1000);
        }
    });
}

#[test]
fn a_sync_function_may_use_a_runtime_of_its_own() {
    fn sum_of_squares(n: u64) -> u64 {
        let rt = Builder::new_current_thread().build().unwrap();
        rt.block_on(async {
            let mut sum = 0;
            for i in 1..=n {
                sum += task::spawn(async move { i * i }).await.unwrap();
            }
            sum
        })
    }
    assert_eq!(sum_of_squares(3), 14);
    assert_eq!(sum_of_squares(3), 14);
}

#[test]
fn without_the_timer_a_sleep_panics_and_says_what_is_missing() {
    let rt = Builder::new_multi_thread().worker_threads(1).enable_io().build().unwrap();
    let error = rt.block_on(rt.spawn(async { time::sleep(Duration::from_millis(1)).await })).unwrap_err();
    let text = message_of(error.into_panic());
    assert!(text.contains("enable_time"), "{text}");
}

#[test]
fn tasks_of_a_current_thread_runtime_progress_only_inside_block_on() {
    let rt = current_thread();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let task = rt.spawn(async move {
        counted.fetch_add(1, SeqCst);
        task::yield_now().await;
        counted.fetch_add(1, SeqCst);
    });
    rt.handle().block_on(async {});
    assert_eq!(runs.load(SeqCst), 0, "a handle drives its own future alone");
    rt.block_on(async { task::yield_now().await });
    assert_eq!(runs.load(SeqCst), 1, "until the root was done, and no further");
    rt.block_on(task).unwrap();
    assert_eq!(runs.load(SeqCst), 2);
}

#[test]
fn ten_tasks_sleep_together_on_one_worker_while_the_main_thread_is_busy() {
    let rt = multi_thread(1);
    let (sent, received) = mpsc::channel();
    let begin = time::Instant::now();
    for i in 0..10u64 {
        let sent = sent.clone();
        rt.spawn(async move {
            time::sleep(Duration::from_millis(100 - 10 * i)).await;
            sent.send(i).unwrap();
        });
    }
    drop(sent);
    let order: Vec<_> = received.iter().collect();
    assert_eq!(order, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

/// D5: `block_on` returns first, and neither of two tasks completes.
#[test]
fn what_is_unfinished_when_the_root_is_done_stays_so() {
    let rt = current_thread();
    let (sent, received) = mpsc::channel();
    rt.block_on(async {
        for name in ["blocking", "async"] {
            let sent = sent.clone();
            task::spawn(async move {
                time::sleep(Duration::from_secs(3600)).await;
                sent.send(name).unwrap();
            });
        }
    });
    drop((rt, sent));
    assert_eq!(received.recv(), Err(mpsc::RecvError), "both were dropped");
}

/// D6: a task that blocks the only thread holds up everybody, then both complete in that order.
#[test]
fn a_task_that_blocks_the_only_thread_freezes_the_others_and_they_go_on_afterwards() {
    let rt = current_thread();
    let log = Arc::new(Mutex::new(Vec::new()));
    rt.block_on(async {
        let (one, two) = (log.clone(), log.clone());
        let sleeper = task::spawn(async move {
            time::sleep(Duration::from_millis(1)).await;
            one.lock().unwrap().push("async");
        });
        let blocker = task::spawn(async move {
            spend(Duration::from_millis(30));
            two.lock().unwrap().push("blocking");
        });
        sleeper.await.unwrap();
        blocker.await.unwrap();
    });
    assert_eq!(*log.lock().unwrap(), ["blocking", "async"]);
}
