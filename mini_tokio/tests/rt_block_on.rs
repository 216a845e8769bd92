//! `block_on`: several threads at once, from outside, nested where that is allowed.

mod rt_support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use mini_tokio::runtime::{Builder, Handle, UnhandledPanic};
use mini_tokio::task;
use rt_support::*;

#[test]
fn many_threads_drive_one_current_thread_runtime_and_none_starves() {
    within_time(|| {
        let rt = Arc::new(current_thread());
        let meeting = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8usize)
            .map(|me| {
                let (rt, meeting) = (rt.clone(), meeting.clone());
                thread::spawn(move || {
                    meeting.wait();
                    (0..200).map(|i| rt.block_on(async { task::spawn(async move { me * i }).await.unwrap() })).sum()
                })
            })
            .collect();
        let sums: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(sums, (0..8).map(|me| me * 199 * 100).collect::<Vec<_>>());
        assert_eq!(rt.metrics().num_alive_tasks(), 0);
    });
}

#[test]
fn the_seat_moves_on_when_its_holder_is_done() {
    within_time(|| {
        let rt = Arc::new(current_thread());
        let (seated, is_seated) = mpsc::channel();
        let (let_go, released) = mpsc::channel::<()>();
        let holder = {
            let rt = rt.clone();
            thread::spawn(move || {
                rt.block_on(async {
                    seated.send(()).unwrap();
                    // Blocks the thread: as long as it sits there, no task runs.
                    released.recv().unwrap();
                })
            })
        };
        is_seated.recv().unwrap();
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let task = rt.spawn(async move { flag.store(true, SeqCst) });
        let polled = Arc::new(AtomicBool::new(false));
        let waiter = {
            let (rt, polled) = (rt.clone(), polled.clone());
            thread::spawn(move || {
                rt.block_on(async move {
                    polled.store(true, SeqCst);
                    task.await.unwrap()
                })
            })
        };
        eventually(|| polled.load(SeqCst));
        assert!(!ran.load(SeqCst), "the waiter's root is polled, but the seat is taken");
        let_go.send(()).unwrap();
        holder.join().unwrap();
        waiter.join().unwrap();
        assert!(ran.load(SeqCst));
    });
}

#[test]
fn a_holder_that_panics_gives_the_seat_back() {
    within_time(|| {
        let rt = Arc::new(current_thread());
        let (seated, is_seated) = mpsc::channel();
        let (let_go, released) = mpsc::channel::<()>();
        let other = rt.clone();
        let holder = thread::spawn(move || {
            other.block_on(async {
                seated.send(()).unwrap();
                let _ = released.recv();
                panic!("holder");
            })
        });
        is_seated.recv().unwrap();
        let task = rt.spawn(async { 9 });
        let other = rt.clone();
        let waiter = thread::spawn(move || other.block_on(task).unwrap());
        drop(let_go);
        assert!(holder.join().is_err());
        assert_eq!(waiter.join().unwrap(), 9);
    });
}

#[test]
fn a_handle_drives_its_future_while_another_thread_drives_the_runtime() {
    within_time(|| {
        for rt in runtimes() {
            let handle = rt.handle().clone();
            let outside = thread::spawn(move || handle.block_on(async { task::spawn(async { 4 }).await.unwrap() }));
            let joined = rt.block_on(async {
                while !outside.is_finished() {
                    task::yield_now().await;
                }
                outside.join().unwrap()
            });
            assert_eq!(joined, 4);
        }
    });
}

#[test]
fn a_yield_inside_a_nested_block_on_goes_on() {
    within_time(|| {
        for workers in [1, 4] {
            let rt = multi_thread(workers);
            let yields = rt.spawn(async {
                task::block_in_place(|| {
                    Handle::current().block_on(async {
                        for _ in 0..100 {
                            task::yield_now().await;
                        }
                        // Through the budget, too.
                        for _ in 0..1000 {
                            task::coop::consume_budget().await;
                        }
                        100
                    })
                })
            });
            assert_eq!(rt.block_on(yields).unwrap(), 100);
        }
    });
}

#[test]
fn a_yield_under_a_foreign_executor_inside_block_in_place_goes_on() {
    within_time(|| {
        let rt = multi_thread(1);
        let task = rt.spawn(async { task::block_in_place(|| futures::executor::block_on(task::yield_now())) });
        rt.block_on(task).unwrap();
    });
}

#[test]
fn a_yield_of_the_root_goes_on_with_and_without_the_seat() {
    within_time(|| {
        for rt in runtimes() {
            rt.block_on(async {
                for _ in 0..1000 {
                    task::yield_now().await;
                }
            });
            rt.handle().block_on(async { task::yield_now().await });
        }
    });
}

#[test]
fn tasks_deferred_when_a_worker_blocks_in_place_go_on_elsewhere() {
    within_time(|| {
        let rt = multi_thread(1);
        let yielded = Arc::new(AtomicBool::new(false));
        let flag = yielded.clone();
        let blocker = rt.spawn(async move {
            let yielder = task::spawn(async move {
                for _ in 0..10 {
                    task::yield_now().await;
                }
                flag.store(true, SeqCst);
            });
            task::yield_now().await;
            // The yielder may stand on the worker's list of deferred at this moment.
            task::block_in_place(|| {
                while !yielded.load(SeqCst) {
                    thread::yield_now();
                }
            });
            yielder.await.unwrap();
        });
        rt.block_on(blocker).unwrap();
    });
}

#[test]
fn block_in_place_in_a_loop_loses_no_task_and_no_thread() {
    within_time(|| {
        for workers in [1, 4] {
            let rt = multi_thread(workers);
            let sum = Arc::new(AtomicUsize::new(0));
            let tasks: Vec<_> = (0..20)
                .map(|i| {
                    let sum = sum.clone();
                    rt.spawn(async move {
                        for _ in 0..20 {
                            sum.fetch_add(task::block_in_place(|| i), SeqCst);
                            task::yield_now().await;
                        }
                    })
                })
                .collect();
            rt.block_on(async {
                for task in tasks {
                    task.await.unwrap();
                }
            });
            assert_eq!(sum.load(SeqCst), 190 * 20);
            assert_eq!(rt.metrics().num_alive_tasks(), 0);
        }
    });
}

#[test]
fn block_in_place_is_allowed_in_the_root_and_in_blocking_closures_and_outside() {
    assert_eq!(task::block_in_place(|| 1), 1);
    for rt in runtimes() {
        assert_eq!(rt.block_on(rt.spawn_blocking(|| task::block_in_place(|| 2))).unwrap(), 2);
        assert_eq!(rt.handle().block_on(async { task::block_in_place(|| 3) }), 3);
    }
    let rt = multi_thread(1);
    let nested = rt
        .block_on(async { task::block_in_place(|| Handle::current().block_on(async { task::block_in_place(|| 4) })) });
    assert_eq!(nested, 4);
}

#[test]
fn block_in_place_on_a_current_thread_runtime_panics() {
    let rt = current_thread();
    let text = "can call blocking only when running on the multi-threaded runtime";
    assert_eq!(panic_message(|| rt.block_on(async { task::block_in_place(|| ()) })), text);
    let error = rt.block_on(rt.spawn(async { task::block_in_place(|| ()) })).unwrap_err();
    assert_eq!(message_of(error.into_panic()), text);
}

#[test]
fn a_panic_inside_block_in_place_is_the_tasks() {
    let rt = multi_thread(1);
    let error = rt.block_on(rt.spawn(async { task::block_in_place(|| panic!("inside")) })).unwrap_err();
    assert_eq!(message_of(error.into_panic()), "inside");
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
}

#[test]
fn an_unhandled_panic_ends_block_on_if_the_runtime_was_built_so() {
    let rt = Builder::new_current_thread().unhandled_panic(UnhandledPanic::ShutdownRuntime).build().unwrap();
    let text = "a spawned task panicked and the runtime is configured to shut down on unhandled panic";
    let root = || {
        rt.block_on(async {
            task::spawn(async { panic!("task") });
            std::future::pending::<()>().await;
        })
    };
    assert_eq!(panic_message(root), text);
    assert_eq!(panic_message(|| rt.block_on(std::future::pending::<()>())), text, "and so does the next");
}

#[test]
fn an_unhandled_panic_is_ignored_by_default() {
    for rt in runtimes() {
        rt.block_on(async {
            drop(task::spawn(async { panic!("task") }));
            for _ in 0..10 {
                task::yield_now().await;
            }
        });
    }
    let mut builder = Builder::new_multi_thread();
    let text = panic_message(|| builder.unhandled_panic(UnhandledPanic::ShutdownRuntime).build().map(drop));
    assert!(text.contains("UnhandledPanic::ShutdownRuntime is only supported in current thread runtime"));
}
