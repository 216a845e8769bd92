//! In which order tasks run, and that each gets its turn.

mod rt_support;

use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;

use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task::{self, coop};
use rt_support::*;

/// What was noted, in order.
type Log = Arc<Mutex<Vec<usize>>>;

fn note(log: &Log, what: usize) {
    log.lock().unwrap().push(what);
}

/// A multi-thread runtime with one worker, and what keeps this worker busy until it is dropped or sent to.
fn held(builder: &mut Builder) -> (Runtime, mpsc::Sender<()>) {
    let rt = builder.worker_threads(1).build().unwrap();
    let (release, held) = mpsc::channel();
    let (begun, begins) = mpsc::channel();
    rt.spawn(async move {
        begun.send(()).unwrap();
        let _ = held.recv();
    });
    begins.recv().unwrap();
    (rt, release)
}

#[test]
fn a_current_thread_runtime_runs_its_tasks_first_come_first_served() {
    let (rt, log) = (current_thread(), Log::default());
    rt.block_on(async {
        let tasks = (0..1000).map(|i| {
            let log = log.clone();
            task::spawn(async move { note(&log, i) })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    assert_eq!(*log.lock().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn tasks_spawned_from_outside_run_first_come_first_served() {
    let (rt, release) = held(&mut Builder::new_multi_thread());
    let log = Log::default();
    let tasks: Vec<_> = (0..1000)
        .map(|i| {
            let log = log.clone();
            rt.spawn(async move { note(&log, i) })
        })
        .collect();
    assert_eq!(rt.metrics().global_queue_depth(), 1000, "a spawn from outside goes to the global queue");
    drop(release);
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    let log = log.lock().unwrap();
    // Every 31st tick takes a share of the global queue, whose head runs ahead of what the local ring of 256 holds.
    assert!(log.iter().enumerate().all(|(turn, &i)| turn.abs_diff(i) <= 256 + 1000 / 31), "{log:?}");
}

/// How many more polls a task that always wakes itself gets before one that comes from outside gets its first.
fn polls_until_a_task_from_outside_runs(rt: &Runtime) -> usize {
    let polls = Arc::new(AtomicUsize::new(0));
    let (counted, handle) = (polls.clone(), rt.handle().clone());
    let busy = rt.spawn(async move {
        let guest = {
            let polls = polls.clone();
            let outside = thread::spawn(move || handle.spawn(async move { polls.load(SeqCst) }));
            outside.join().unwrap()
        };
        while !guest.is_finished() {
            polls.fetch_add(1, SeqCst);
            SelfWake::default().await;
        }
        guest.await.unwrap()
    });
    let before = rt.block_on(busy).unwrap();
    assert!(counted.load(SeqCst) >= before);
    before
}

#[test]
fn a_busy_worker_looks_into_the_global_queue_at_the_interval_that_was_set() {
    for (interval, events) in [(1, 61), (5, 61), (31, 61), (31, 31), (10, 5), (1, 1)] {
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            builder.worker_threads(1).global_queue_interval(interval).event_interval(events);
            let polls = within_time(move || polls_until_a_task_from_outside_runs(&builder.build().unwrap()));
            assert!(polls <= interval as usize + 1, "{polls} polls at interval {interval}, events at {events}");
        }
    }
}

#[test]
fn a_task_that_always_has_work_does_not_starve_a_bystander() {
    for rt in runtimes() {
        within_time(move || {
            let done = Arc::new(AtomicBool::new(false));
            let worker = |done: Arc<AtomicBool>| async move {
                while !done.load(SeqCst) {
                    coop::consume_budget().await;
                }
            };
            let busy: Vec<_> = (0..8).map(|_| rt.spawn(worker(done.clone()))).collect();
            let bystander = rt.spawn(async move {
                for _ in 0..100 {
                    task::yield_now().await;
                }
                done.store(true, SeqCst);
            });
            rt.block_on(async {
                bystander.await.unwrap();
                for task in busy {
                    task.await.unwrap();
                }
            });
        });
    }
}

/// Two tasks that hand each other a turn for ever, each waking the other and then waiting.
fn ping_pong(rt: &Runtime, done: &Arc<AtomicBool>, turns: &Arc<AtomicUsize>) -> Vec<task::JoinHandle<()>> {
    let seats: Arc<[Mutex<Option<Waker>>; 2]> = Arc::default();
    (0..2)
        .map(|me| {
            let (seats, done, turns) = (seats.clone(), done.clone(), turns.clone());
            rt.spawn(poll_fn(move |cx| {
                turns.fetch_add(1, SeqCst);
                *seats[me].lock().unwrap() = Some(cx.waker().clone());
                let other = seats[1 - me].lock().unwrap().clone();
                let done = done.load(SeqCst);
                if let Some(other) = other {
                    other.wake();
                }
                if done { Poll::Ready(()) } else { Poll::Pending }
            }))
        })
        .collect()
}

#[test]
fn two_tasks_that_wake_each_other_do_not_starve_a_third() {
    for rt in runtimes() {
        within_time(move || {
            let (done, turns) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
            let pair = ping_pong(&rt, &done, &turns);
            let third = rt.spawn(async move {
                // Through the queue, and again behind everybody; and the two do play meanwhile.
                let mut rounds = 0;
                while rounds < 50 || turns.load(SeqCst) < 100 {
                    SelfWake::default().await;
                    task::yield_now().await;
                    rounds += 1;
                }
                done.store(true, SeqCst);
            });
            rt.block_on(async {
                third.await.unwrap();
                for task in pair {
                    task.await.unwrap();
                }
            });
        });
    }
}

#[test]
fn the_lifo_slot_runs_at_most_three_times_in_a_row() {
    let (rt, release) = held(&mut Builder::new_multi_thread());
    let (log, done) = (Log::default(), Arc::new(AtomicBool::new(false)));
    let (chain_log, chain_done) = (log.clone(), done.clone());
    fn link(log: Log, done: Arc<AtomicBool>) {
        task::spawn(async move {
            note(&log, 0);
            if !done.load(SeqCst) {
                link(log, done);
            }
        });
    }
    let bystander = {
        let log = log.clone();
        rt.spawn(async move {
            link(chain_log, chain_done);
            for _ in 0..20 {
                note(&log, 1);
                SelfWake::default().await;
            }
            note(&log, 1);
            done.store(true, SeqCst);
        })
    };
    drop(release);
    rt.block_on(bystander).unwrap();
    let log = log.lock().unwrap();
    let (last, _) = log.iter().enumerate().rfind(|(_, who)| **who == 1).unwrap();
    // Three from the slot, and before them the one that waited its turn in the local queue.
    let longest = log[..last].split(|&who| who == 1).map(<[usize]>::len).max();
    assert!(longest == Some(4), "{log:?}");
}

#[test]
fn a_task_that_was_just_spawned_runs_next_unless_the_lifo_slot_is_disabled() {
    for (lifo, expected) in [(true, vec![2, 1, 0]), (false, vec![0, 1, 2])] {
        let mut builder = Builder::new_multi_thread();
        if !lifo {
            builder.disable_lifo_slot();
        }
        let rt = builder.worker_threads(1).build().unwrap();
        let log = Log::default();
        let spawner = {
            let log = log.clone();
            rt.spawn(async move {
                let tasks: Vec<_> = (0..3)
                    .map(|i| {
                        let log = log.clone();
                        task::spawn(async move { note(&log, i) })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            })
        };
        rt.block_on(spawner).unwrap();
        let log = log.lock().unwrap().clone();
        // Behind the slot the local queue is first come, first served.
        let expected = if lifo { vec![2, 0, 1] } else { expected };
        assert_eq!(log, expected, "LIFO slot: {lifo}");
    }
}

#[test]
fn a_yielding_task_and_a_stream_of_new_tasks_both_get_on() {
    for rt in runtimes() {
        within_time(move || {
            let (stop, births) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
            fn stream(stop: Arc<AtomicBool>, births: Arc<AtomicUsize>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
                Box::pin(async move {
                    births.fetch_add(1, SeqCst);
                    if !stop.load(SeqCst) {
                        task::spawn(stream(stop, births));
                    }
                })
            }
            rt.spawn(stream(stop.clone(), births.clone()));
            let counted = births.clone();
            let yielder = rt.spawn(async move {
                let mut yields = 0;
                while yields < 1000 || counted.load(SeqCst) < 1000 {
                    task::yield_now().await;
                    yields += 1;
                }
                stop.store(true, SeqCst);
            });
            rt.block_on(yielder).unwrap();
            assert!(births.load(SeqCst) >= 1000);
        });
    }
}

#[test]
fn a_yield_lets_the_task_run_that_was_just_spawned() {
    let rt = current_thread();
    rt.block_on(async {
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        task::spawn(async move { flag.store(true, SeqCst) });
        assert!(!ran.load(SeqCst));
        task::yield_now().await;
        assert!(ran.load(SeqCst));
    });
}

#[test]
fn a_poll_is_cut_off_after_128_ready_resources() {
    for rt in runtimes() {
        let (mut done_before_yield, polls) = (0, Arc::new(AtomicUsize::new(0)));
        let counted = polls.clone();
        let task = rt.spawn(async move {
            let mut inner = Box::pin(async {
                for _ in 0..129 {
                    coop::consume_budget().await;
                    done_before_yield += 1;
                }
                done_before_yield
            });
            poll_fn(move |cx| {
                counted.fetch_add(1, SeqCst);
                inner.as_mut().poll(cx)
            })
            .await
        });
        assert_eq!(rt.block_on(task).unwrap(), 129);
        assert_eq!(polls.load(SeqCst), 2, "128 in the first poll, one in the second");
        assert_eq!(rt.metrics().budget_forced_yield_count(), 1);
    }
}

#[test]
fn a_task_waits_for_129_pending_resources_without_spinning() {
    for rt in runtimes() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
        let slot = waker.clone();
        let task = rt.spawn(poll_fn(move |cx| {
            *slot.lock().unwrap() = Some(cx.waker().clone());
            if counted.fetch_add(1, SeqCst) > 0 {
                return Poll::Ready(());
            }
            // A hundred and twenty-nine looks at something that is not ready: each gives its unit back.
            for _ in 0..129 {
                assert!(coop::poll_proceed(cx).is_ready());
            }
            assert!(coop::has_budget_remaining());
            Poll::Pending
        }));
        rt.block_on(async {
            while waker.lock().unwrap().is_none() || polls.load(SeqCst) == 0 {
                task::yield_now().await;
            }
            assert_eq!(polls.load(SeqCst), 1, "nobody woke it");
            waker.lock().unwrap().take().unwrap().wake();
            task.await.unwrap();
        });
        assert_eq!(polls.load(SeqCst), 2);
    }
}

#[test]
fn unconstrained_work_is_not_cut_off() {
    for rt in runtimes() {
        let task = rt.spawn(async {
            coop::unconstrained(async {
                for _ in 0..1000 {
                    coop::consume_budget().await;
                }
            })
            .await;
            coop::has_budget_remaining()
        });
        assert!(rt.block_on(task).unwrap());
        assert_eq!(rt.metrics().budget_forced_yield_count(), 0);
    }
}

#[test]
fn tasks_that_follow_one_another_through_the_lifo_slot_share_one_budget() {
    // Two tasks, each using up 100 units and handing over: the second has 28 left.
    let rt = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let left = rt.spawn(async {
        task::yield_now().await;
        for _ in 0..100 {
            coop::consume_budget().await;
        }
        let next = task::spawn(poll_fn(|cx| {
            let mut units = 0;
            while coop::has_budget_remaining() {
                let Poll::Ready(unit) = coop::poll_proceed(cx) else { break };
                unit.made_progress();
                units += 1;
            }
            Poll::Ready(units)
        }));
        next.await.unwrap()
    });
    // The join of `next` itself is one operation that is pending, and costs nothing.
    assert_eq!(rt.block_on(left).unwrap(), 28);
}

#[test]
fn a_full_local_queue_overflows_into_the_global_one_and_no_task_is_lost() {
    let rt = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let metrics = rt.metrics();
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = ran.clone();
    let spawner = rt.spawn(async move {
        for _ in 0..258 {
            let counted = counted.clone();
            task::spawn(async move { counted.fetch_add(1, SeqCst) });
        }
        // 256 in the ring and one in the slot; the 258th displaced it, and half of the ring went with it.
        (metrics.worker_overflow_count(0), metrics.global_queue_depth(), metrics.worker_local_queue_depth(0))
    });
    assert_eq!(rt.block_on(spawner).unwrap(), (1, 129, 128));
    eventually(|| ran.load(SeqCst) == 258);
}

#[test]
fn an_idle_worker_steals_half_of_a_busy_ones_queue() {
    within_time(|| {
        let rt = multi_thread(4);
        let metrics = rt.metrics();
        let (ran, threads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(std::collections::HashSet::new())));
        let (counted, seen) = (ran.clone(), threads.clone());
        let spawner = rt.spawn(async move {
            for _ in 0..100 {
                let (counted, seen) = (counted.clone(), seen.clone());
                task::spawn(async move {
                    seen.lock().unwrap().insert(thread::current().id());
                    counted.fetch_add(1, SeqCst);
                });
            }
            // This worker does not let go until the others took everything but what is in its LIFO slot.
            while counted.load(SeqCst) < 99 {
                std::hint::spin_loop();
                thread::yield_now();
            }
            thread::current().id()
        });
        let own = rt.block_on(spawner).unwrap();
        eventually(|| ran.load(SeqCst) == 100);
        let steals: u64 = (0..4).map(|worker| metrics.worker_steal_count(worker)).sum();
        let operations: u64 = (0..4).map(|worker| metrics.worker_steal_operations(worker)).sum();
        assert!(threads.lock().unwrap().iter().any(|&thread| thread != own));
        assert!(steals >= 99, "{steals}");
        assert!((1..=steals).contains(&operations), "{operations} operations for {steals} tasks");
    });
}

#[test]
fn a_wake_from_outside_goes_to_the_global_queue() {
    let (rt, release) = held(&mut Builder::new_multi_thread());
    let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
    let slot = waker.clone();
    let task = rt.spawn(poll_fn(move |cx| match slot.lock().unwrap().replace(cx.waker().clone()) {
        None => Poll::Pending,
        Some(_) => Poll::Ready(()),
    }));
    drop(release);
    eventually(|| waker.lock().unwrap().is_some());
    let (metrics, before) = (rt.metrics(), rt.metrics().remote_schedule_count());
    waker.lock().unwrap().as_ref().unwrap().wake_by_ref();
    assert_eq!(metrics.remote_schedule_count(), before + 1);
    rt.block_on(task).unwrap();
}

#[test]
fn a_task_that_only_waits_is_polled_once() {
    for rt in runtimes() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        rt.spawn(async move {
            counted.fetch_add(1, SeqCst);
            pending::<()>().await;
        });
        rt.block_on(async {
            for _ in 0..1000 {
                task::yield_now().await;
            }
        });
        eventually(|| polls.load(SeqCst) == 1);
        drop(rt);
        assert_eq!(polls.load(SeqCst), 1);
    }
}
