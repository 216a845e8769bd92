//! Every setting of the builder does what it says.

mod rt_support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use mini_tokio::runtime::{Builder, RngSeed, RuntimeFlavor, UnhandledPanic};
use mini_tokio::{task, time};
use rt_support::*;

fn both() -> [Builder; 2] {
    let mut multi = Builder::new_multi_thread();
    multi.worker_threads(2);
    [Builder::new_current_thread(), multi]
}

#[test]
fn zero_is_refused_where_it_makes_no_sense() {
    let refused = |set: fn(&mut Builder) -> &mut Builder| {
        panic_message(|| set(&mut Builder::new_multi_thread()).build().map(drop))
    };
    assert_eq!(refused(|builder| builder.worker_threads(0)), "Worker threads cannot be set to 0");
    assert_eq!(refused(|builder| builder.max_blocking_threads(0)), "Max blocking threads cannot be set to 0");
    assert_eq!(refused(|builder| builder.global_queue_interval(0)), "global_queue_interval must be greater than 0");
    assert_eq!(refused(|builder| builder.event_interval(0)), "event_interval must be greater than 0");
    assert_eq!(refused(|builder| builder.max_io_events_per_tick(0)), "max_io_events_per_tick must be non-zero");
    let busy = refused(|builder| builder.max_io_events_per_busy_tick(0));
    assert_eq!(busy, "max_io_events_per_busy_tick must be non-zero");
    assert_eq!(refused(|builder| builder.name(" ")), "runtime name shouldn't be empty");
    let paused = refused(|builder| builder.enable_time().start_paused(true));
    assert_eq!(paused, "`start_paused` requires the `current_thread` runtime");
}

#[test]
fn there_are_as_many_workers_as_were_asked_for() {
    let rt = multi_thread(3);
    let (threads, meeting) = (Arc::new(Mutex::new(HashSet::new())), Arc::new(Barrier::new(3)));
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let (threads, meeting) = (threads.clone(), meeting.clone());
            rt.spawn(async move {
                threads.lock().unwrap().insert(thread::current().id());
                meeting.wait();
            })
        })
        .collect();
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(threads.lock().unwrap().len(), 3);
    assert_eq!(rt.metrics().num_workers(), 3);
    assert_eq!(rt.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(current_thread().handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
}

#[test]
fn the_blocking_pool_grows_to_its_limit_and_no_further() {
    let rt = Builder::new_current_thread().max_blocking_threads(3).build().unwrap();
    let (running, most, meeting) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(3)));
    let closures: Vec<_> = (0..21)
        .map(|_| {
            let (running, most, meeting) = (running.clone(), most.clone(), meeting.clone());
            rt.spawn_blocking(move || {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                meeting.wait();
                running.fetch_sub(1, SeqCst);
            })
        })
        .collect();
    rt.block_on(async {
        for closure in closures {
            closure.await.unwrap();
        }
    });
    assert_eq!((most.load(SeqCst), rt.metrics().num_blocking_threads()), (3, 3));
}

#[test]
fn an_idle_blocking_thread_leaves_after_its_keep_alive() {
    let rt = Builder::new_current_thread().thread_keep_alive(Duration::from_millis(5)).build().unwrap();
    rt.block_on(rt.spawn_blocking(|| ())).unwrap();
    eventually(|| rt.metrics().num_blocking_threads() == 0);
    rt.block_on(rt.spawn_blocking(|| ())).unwrap();
}

#[test]
fn threads_carry_the_name_that_was_set() {
    let name = || thread::current().name().map(str::to_owned);
    for mut builder in both() {
        let rt = builder.thread_name("chosen").build().unwrap();
        assert_eq!(rt.block_on(rt.spawn_blocking(name)).unwrap().as_deref(), Some("chosen"));
    }
    let rt = Builder::new_multi_thread().worker_threads(1).thread_name("chosen").build().unwrap();
    assert_eq!(rt.block_on(rt.spawn(async move { name() })).unwrap().as_deref(), Some("chosen"));
    let rt = multi_thread(1);
    assert_eq!(rt.block_on(rt.spawn(async move { name() })).unwrap().as_deref(), Some("mini-worker-0"));
}

#[test]
fn the_name_function_is_called_once_a_thread() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let rt = Builder::new_multi_thread()
        .worker_threads(3)
        .thread_name_fn(move || format!("named-{}", counted.fetch_add(1, SeqCst)))
        .build()
        .unwrap();
    rt.block_on(rt.spawn(async {})).unwrap();
    assert_eq!(calls.load(SeqCst), 3);
}

#[test]
fn a_runtime_has_the_name_and_an_id_of_its_own() {
    for mut builder in both() {
        let (rt, other) = (builder.name("mine").build().unwrap(), builder.name("other").build().unwrap());
        assert_eq!(rt.handle().name(), Some("mine"));
        assert_eq!(other.handle().name(), Some("other"));
        assert_ne!(rt.handle().id(), other.handle().id());
    }
    assert_eq!(current_thread().handle().name(), None);
}

#[test]
fn threads_have_the_stack_that_was_set() {
    fn deep(levels: usize) -> usize {
        let page = std::hint::black_box([levels as u8; 4096]);
        if levels == 0 { 0 } else { deep(levels - 1) + usize::from(page[0] == levels as u8) }
    }
    for mut builder in both() {
        let rt = builder.thread_stack_size(64 << 20).build().unwrap();
        // Some 16 MiB at least: more than the 2 MiB that a thread has by default.
        assert_eq!(rt.block_on(rt.spawn_blocking(|| deep(4000))).unwrap(), 4000);
    }
}

#[test]
fn thread_hooks_are_called_once_a_thread_at_its_start_and_its_end() {
    let (starts, stops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for (mut builder, threads) in both().into_iter().zip([1, 3]) {
        let (started, stopped) = (starts.clone(), stops.clone());
        let rt = builder
            .on_thread_start(move || _ = started.fetch_add(1, SeqCst))
            .on_thread_stop(move || _ = stopped.fetch_add(1, SeqCst))
            .build()
            .unwrap();
        rt.block_on(rt.spawn_blocking(|| ())).unwrap();
        drop(rt);
        assert_eq!((starts.swap(0, SeqCst), stops.swap(0, SeqCst)), (threads, threads));
    }
}

#[test]
fn a_worker_calls_its_hooks_around_each_sleep() {
    for mut builder in both() {
        let (parks, unparks) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (parked, unparked) = (parks.clone(), unparks.clone());
        let rt = builder
            .on_thread_park(move || _ = parked.fetch_add(1, SeqCst))
            .on_thread_unpark(move || _ = unparked.fetch_add(1, SeqCst))
            .build()
            .unwrap();
        wait_until_all_slept(&rt);
        let metrics = rt.metrics();
        drop(rt);
        let counted: u64 = (0..metrics.num_workers()).map(|worker| metrics.worker_park_count(worker)).sum();
        assert!(counted > 0);
        assert_eq!((parks.load(SeqCst) as u64, unparks.load(SeqCst) as u64), (counted, counted));
    }
}

#[test]
fn a_task_spawned_by_the_park_hook_runs() {
    within_time(|| {
        for mut builder in both() {
            let (once, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let counted = ran.clone();
            let rt = builder
                .on_thread_park(move || {
                    if once.fetch_add(1, SeqCst) == 0 {
                        let counted = counted.clone();
                        task::spawn(async move { counted.fetch_add(1, SeqCst) });
                    }
                })
                .build()
                .unwrap();
            let seen = ran.clone();
            let (sent, received) = futures::channel::oneshot::channel();
            let waker = thread::spawn(move || {
                eventually(|| seen.load(SeqCst) == 1);
                sent.send(()).unwrap();
            });
            rt.block_on(received).unwrap();
            waker.join().unwrap();
        }
    });
}

#[test]
fn a_hook_that_panics_costs_neither_a_worker_nor_a_task() {
    within_time(|| {
        for mut builder in both() {
            let rt = builder
                .on_thread_start(|| panic!("start"))
                .on_thread_stop(|| panic!("stop"))
                .on_thread_park(|| panic!("park"))
                .on_thread_unpark(|| panic!("unpark"))
                .on_task_spawn(|_| panic!("spawn"))
                .on_before_task_poll(|_| panic!("before"))
                .on_after_task_poll(|_| panic!("after"))
                .on_task_terminate(|_| panic!("terminate"))
                .build()
                .unwrap();
            for _ in 0..3 {
                assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
                assert_eq!(rt.block_on(rt.spawn_blocking(|| 2)).unwrap(), 2);
            }
        }
    });
}

#[test]
fn task_hooks_see_each_spawn_each_poll_and_each_end() {
    for mut builder in both() {
        let log: Arc<Mutex<Vec<(char, task::Id, u32)>>> = Arc::default();
        let noting = |what: char| {
            let log = log.clone();
            move |meta: &mini_tokio::runtime::TaskMeta<'_>| {
                assert!(meta.spawned_at().file().ends_with("rt_builder.rs"));
                log.lock().unwrap().push((what, meta.id(), meta.spawned_at().line()));
            }
        };
        let rt = builder
            .on_task_spawn(noting('s'))
            .on_before_task_poll(noting('b'))
            .on_after_task_poll(noting('a'))
            .on_task_terminate(noting('t'))
            .build()
            .unwrap();
        let line = line!() + 1;
        let handle = rt.spawn(SelfWake::default());
        let id = handle.id();
        rt.block_on(handle).unwrap();
        let metrics = rt.metrics();
        drop(rt);
        assert_eq!(metrics.spawned_tasks_count(), 1);
        let log = log.lock().unwrap();
        let order: String = log.iter().map(|entry| entry.0).collect();
        assert_eq!(order, "sbabta", "the end comes inside the last poll");
        assert!(log.iter().all(|entry| (entry.1, entry.2) == (id, line)));
    }
}

#[test]
fn a_task_that_is_cancelled_terminates_once_for_its_hook() {
    for mut builder in both() {
        let ends = Arc::new(AtomicUsize::new(0));
        let counted = ends.clone();
        let rt = builder.on_task_terminate(move |_| _ = counted.fetch_add(1, SeqCst)).build().unwrap();
        let handle = rt.handle().clone();
        let aborted = rt.spawn(std::future::pending::<()>());
        aborted.abort();
        assert!(rt.block_on(aborted).unwrap_err().is_cancelled());
        assert_eq!(ends.load(SeqCst), 1, "before the joiner hears of it");
        rt.spawn(std::future::pending::<()>());
        drop(rt);
        assert_eq!(ends.load(SeqCst), 2);
        handle.spawn(async {});
        assert_eq!(ends.load(SeqCst), 3, "also what came too late");
    }
}

#[test]
fn a_paused_clock_jumps_when_nothing_else_is_left_to_do() {
    let rt = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let real = std::time::Instant::now();
    let virtually = rt.block_on(async {
        let begin = time::Instant::now();
        time::sleep(Duration::from_secs(86_400)).await;
        begin.elapsed()
    });
    assert!(virtually >= Duration::from_secs(86_400));
    assert!(real.elapsed() < STUCK);
}

#[test]
fn the_event_interval_decides_how_often_a_busy_thread_lets_yielded_tasks_go_on() {
    for interval in [1, 7, 61] {
        let rt = Builder::new_current_thread().event_interval(interval).build().unwrap();
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = turns.clone();
        // Never lets the queue run empty.
        let busy = rt.spawn(async move {
            loop {
                counted.fetch_add(1, SeqCst);
                SelfWake::default().await;
            }
        });
        let between = rt.block_on(rt.spawn(async move {
            task::yield_now().await;
            let before = turns.load(SeqCst);
            task::yield_now().await;
            turns.load(SeqCst) - before
        }));
        busy.abort();
        let between = between.unwrap();
        assert!(between <= interval as usize, "{between} turns at interval {interval}");
        assert!(between + 2 >= interval as usize, "{between} turns at interval {interval}");
    }
}

#[test]
fn a_builder_builds_more_than_once_and_the_last_value_wins() {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).worker_threads(2).unhandled_panic(UnhandledPanic::Ignore);
    builder.rng_seed(RngSeed::from_bytes(b"seed")).rng_seed(RngSeed::from_u64(7));
    for _ in 0..3 {
        let rt = builder.build().unwrap();
        assert_eq!(rt.metrics().num_workers(), 2);
        assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    }
    assert!(format!("{builder:?}").starts_with("Builder"));
}
