//! What the runtime says of itself is true.

mod rt_support;

use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use mini_tokio::runtime::{Builder, HistogramConfiguration, HistogramScale, LogHistogram, RuntimeMetrics};
use mini_tokio::task;
use rt_support::*;

fn sum(metrics: &RuntimeMetrics, of: impl Fn(&RuntimeMetrics, usize) -> u64) -> u64 {
    (0..metrics.num_workers()).map(|worker| of(metrics, worker)).sum()
}

#[test]
fn tasks_are_counted_while_they_live_and_ever_after() {
    for rt in runtimes() {
        let metrics = rt.metrics();
        assert_eq!((metrics.num_alive_tasks(), metrics.spawned_tasks_count()), (0, 0));
        let seen = metrics.clone();
        rt.block_on(rt.spawn(async move { assert_eq!(seen.num_alive_tasks(), 1) })).unwrap();
        assert_eq!((metrics.num_alive_tasks(), metrics.spawned_tasks_count()), (0, 1));
    }
}

#[test]
fn the_global_queue_holds_what_was_spawned_from_outside() {
    let rt = current_thread();
    (0..5).for_each(|_| drop(rt.spawn(async {})));
    assert_eq!(rt.metrics().global_queue_depth(), 5);
    assert_eq!(rt.metrics().remote_schedule_count(), 5);
    rt.block_on(async { task::yield_now().await });
    assert_eq!(rt.metrics().global_queue_depth(), 0);
}

#[test]
fn a_local_queue_holds_what_was_spawned_on_its_worker() {
    for rt in [current_thread(), multi_thread(1)] {
        let metrics = rt.metrics();
        let spawner = async move {
            let before = metrics.worker_local_schedule_count(0);
            (0..100).for_each(|_| drop(task::spawn(async {})));
            assert_eq!(metrics.worker_local_schedule_count(0) - before, 100);
            metrics.worker_local_queue_depth(0)
        };
        let depth = rt.block_on(rt.spawn(spawner)).unwrap();
        let in_the_lifo_slot = rt.metrics().num_workers() - usize::from(depth == 100);
        assert_eq!(depth + in_the_lifo_slot, 100);
        eventually(|| {
            rt.block_on(async { task::yield_now().await });
            rt.metrics().worker_local_queue_depth(0) == 0
        });
    }
}

#[test]
fn the_private_queue_of_a_current_thread_runtime_is_counted_through_every_way_in_and_out() {
    let rt = current_thread();
    let metrics = rt.metrics();
    (0..200).for_each(|_| drop(rt.spawn(SelfWake::default())));
    rt.block_on(async {
        (0..300).for_each(|_| drop(task::spawn(SelfWake::default())));
        assert_eq!(rt.metrics().worker_local_queue_depth(0), 300);
        while metrics.num_alive_tasks() > 0 {
            task::yield_now().await;
        }
    });
    assert_eq!(metrics.worker_local_queue_depth(0), 0);
    rt.block_on(async { drop(task::spawn(async {})) });
    assert_eq!(metrics.worker_local_queue_depth(0), 1);
    drop(rt);
    assert_eq!(metrics.worker_local_queue_depth(0), 0);
}

#[test]
fn every_poll_is_counted() {
    for rt in runtimes() {
        let metrics = rt.metrics();
        rt.block_on(async {
            for _ in 0..10 {
                task::spawn(SelfWake::default()).await.unwrap();
            }
        });
        drop(rt);
        assert_eq!(sum(&metrics, RuntimeMetrics::worker_poll_count), 20);
        assert_eq!(sum(&metrics, |metrics, worker| metrics.worker_mean_poll_time(worker).as_nanos() as u64), 0);
    }
}

#[test]
fn a_worker_is_busy_while_it_polls_and_the_count_grows_meanwhile() {
    for rt in runtimes() {
        let metrics = rt.metrics();
        let busy = move || (0..metrics.num_workers()).map(|w| metrics.worker_total_busy_duration(w)).sum::<Duration>();
        let inside = busy.clone();
        let grown = rt.block_on(rt.spawn(async move {
            let before = inside();
            spend(Duration::from_millis(5));
            inside() - before
        }));
        assert!(grown.unwrap() >= Duration::from_millis(5));
        drop(rt);
        let after = busy();
        spend(Duration::from_millis(2));
        assert_eq!(busy(), after, "nobody is busy when the runtime is gone");
    }
}

#[test]
fn time_outside_block_on_is_not_busy_on_a_current_thread_runtime() {
    let rt = current_thread();
    assert_eq!(rt.metrics().worker_total_busy_duration(0), Duration::ZERO);
    rt.block_on(async {});
    assert_eq!(rt.metrics().worker_total_busy_duration(0), Duration::ZERO, "a root that is ready at once is not timed");
    rt.block_on(mini_tokio::task::yield_now());
    let busy = rt.metrics().worker_total_busy_duration(0);
    assert!(busy > Duration::ZERO);
    spend(Duration::from_millis(2));
    assert_eq!(rt.metrics().worker_total_busy_duration(0), busy);
}

#[test]
fn parks_and_unparks_together_are_odd_while_a_worker_sleeps() {
    let rt = multi_thread(2);
    let metrics = rt.metrics();
    eventually(|| (0..2).all(|worker| metrics.worker_park_unpark_count(worker) == 1));
    let busy = metrics.worker_total_busy_duration(0);
    spend(Duration::from_millis(2));
    assert_eq!(metrics.worker_total_busy_duration(0), busy, "asleep is not busy");
    rt.block_on(rt.spawn(async {})).unwrap();
    eventually(|| (0..2).any(|worker| metrics.worker_park_unpark_count(worker) >= 3));
    drop(rt);
    for worker in 0..2 {
        assert_eq!(metrics.worker_park_unpark_count(worker), 2 * metrics.worker_park_count(worker));
    }
}

#[test]
fn a_sleep_without_a_poll_before_it_is_a_noop() {
    for rt in runtimes() {
        wait_until_all_slept(&rt);
        let metrics = rt.metrics();
        drop(rt);
        for worker in 0..metrics.num_workers() {
            let noops = metrics.worker_noop_count(worker);
            assert!((1..=metrics.worker_park_count(worker)).contains(&noops), "{noops}");
        }
    }
}

#[test]
fn a_worker_names_the_thread_that_drives_it() {
    let rt = current_thread();
    assert_eq!(rt.metrics().worker_thread_id(0), None);
    rt.block_on(async {});
    assert_eq!(rt.metrics().worker_thread_id(0), Some(thread::current().id()));
    let elsewhere =
        thread::scope(|scope| scope.spawn(|| rt.block_on(async { thread::current().id() })).join().unwrap());
    assert_eq!(rt.metrics().worker_thread_id(0), Some(elsewhere));

    let rt = multi_thread(1);
    let metrics = rt.metrics();
    rt.block_on(rt.spawn(async move {
        let own = Some(thread::current().id());
        assert_eq!(metrics.worker_thread_id(0), own);
        task::block_in_place(|| eventually(|| metrics.worker_thread_id(0) != own));
    }))
    .unwrap();
}

#[test]
fn the_blocking_pool_counts_its_threads_and_its_queue() {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let rt = builder.worker_threads(1).max_blocking_threads(1).build().unwrap();
        let metrics = rt.metrics();
        assert_eq!((metrics.num_blocking_threads(), metrics.blocking_queue_depth()), (0, 0));
        let (release, held) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        let first = rt.spawn_blocking(move || {
            begun.send(()).unwrap();
            let _ = held.recv();
        });
        begins.recv().unwrap();
        let second = rt.spawn_blocking(|| ());
        assert_eq!((metrics.num_blocking_threads(), metrics.num_idle_blocking_threads()), (1, 0));
        assert_eq!(metrics.blocking_queue_depth(), 1);
        drop(release);
        rt.block_on(async { (first.await.unwrap(), second.await.unwrap()) });
        eventually(|| metrics.num_idle_blocking_threads() == 1);
        drop(rt);
        assert_eq!((metrics.num_blocking_threads(), metrics.num_idle_blocking_threads()), (0, 0));
    }
}

#[test]
fn a_budget_that_is_used_up_counts_once_a_poll() {
    for rt in runtimes() {
        rt.block_on(async {
            for _ in 0..300 {
                task::consume_budget().await;
            }
        });
        assert_eq!(rt.metrics().budget_forced_yield_count(), 2);
        // Two looks at an empty budget in one poll are one forced yield.
        let mut first = true;
        rt.block_on(poll_fn(|cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            while let Poll::Ready(unit) = task::coop::poll_proceed(cx) {
                unit.made_progress();
            }
            assert!(task::coop::poll_proceed(cx).is_pending());
            Poll::Pending
        }));
        assert_eq!(rt.metrics().budget_forced_yield_count(), 3);
    }
}

#[test]
fn the_io_driver_counts_registrations_and_events() {
    for rt in runtimes() {
        let metrics = rt.metrics();
        let counts = || (metrics.io_driver_fd_registered_count(), metrics.io_driver_fd_deregistered_count());
        assert_eq!(counts(), (0, 0));
        rt.block_on(async {
            let listener = mini_tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            assert_eq!(counts(), (1, 0));
            let _peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            drop(listener.accept().await.unwrap());
            assert!(metrics.io_driver_ready_count() >= 1);
            assert_eq!(counts(), (2, 1));
        });
        assert_eq!(counts(), (2, 2));
    }
    let without = Builder::new_current_thread().build().unwrap();
    assert_eq!(without.metrics().io_driver_fd_registered_count(), 0);
}

#[test]
fn polls_are_sorted_by_their_duration_only_when_that_was_enabled() {
    let three = || HistogramConfiguration::linear(Duration::from_secs(30), 3);
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        builder.worker_threads(2).metrics_poll_time_histogram_configuration(three());
        let off = builder.build().unwrap();
        assert!(!off.metrics().poll_time_histogram_enabled());
        assert_eq!(off.metrics().poll_time_histogram_num_buckets(), 0);
        assert_eq!(off.metrics().poll_time_histogram_bucket_count(0, 0), 0);

        let on = builder.enable_metrics_poll_time_histogram().build().unwrap();
        on.block_on(async {
            for _ in 0..5 {
                task::spawn(async { spend(Duration::from_micros(10)) }).await.unwrap();
            }
        });
        let metrics = on.metrics();
        drop(on);
        assert!(metrics.poll_time_histogram_enabled());
        assert_eq!(metrics.poll_time_histogram_num_buckets(), 3);
        let counts =
            [0, 1, 2].map(|bucket| sum(&metrics, |m, worker| m.poll_time_histogram_bucket_count(worker, bucket)));
        assert_eq!(counts, [5, 0, 0]);
        assert!(
            (0..metrics.num_workers()).any(|worker| metrics.worker_mean_poll_time(worker) >= Duration::from_micros(10))
        );
    }
}

#[test]
fn the_default_histogram_and_the_three_older_settings_are_those_of_tokio() {
    let us = Duration::from_micros;
    let end = Duration::from_nanos(u64::MAX);
    let rt = Builder::new_current_thread().enable_metrics_poll_time_histogram().build().unwrap();
    let metrics = rt.metrics();
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 10);
    assert_eq!(metrics.poll_time_histogram_bucket_range(1), us(100)..us(200));
    assert_eq!(metrics.poll_time_histogram_bucket_range(9), us(900)..end);
    assert!(panic_message(|| metrics.poll_time_histogram_bucket_range(10)).contains("no bucket 10"));

    #[allow(deprecated)]
    let rt = Builder::new_current_thread()
        .enable_metrics_poll_count_histogram()
        .metrics_poll_time_histogram_configuration(HistogramConfiguration::linear(us(1), 7))
        .metrics_poll_count_histogram_scale(HistogramScale::Log)
        .metrics_poll_count_histogram_buckets(3)
        .metrics_poll_count_histogram_resolution(us(50))
        .build()
        .unwrap();
    let first = Duration::from_nanos(50_000u64.next_power_of_two());
    let metrics = rt.metrics();
    let ranges = [0, 1, 2].map(|bucket| metrics.poll_time_histogram_bucket_range(bucket));
    assert_eq!(ranges, [Duration::ZERO..first, first..2 * first, 2 * first..end]);
}

#[test]
fn a_logarithmic_histogram_has_the_buckets_that_tokio_promises() {
    let build = |log: LogHistogram| {
        let configuration = HistogramConfiguration::log(log);
        let mut builder = Builder::new_current_thread();
        builder.enable_metrics_poll_time_histogram().metrics_poll_time_histogram_configuration(configuration);
        builder.build().unwrap()
    };
    let ns = Duration::from_nanos;
    let metrics = build(LogHistogram::default()).metrics();
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 119);
    assert_eq!(metrics.poll_time_histogram_bucket_range(0), ns(0)..ns(96));
    assert_eq!(metrics.poll_time_histogram_bucket_range(1), ns(96)..ns(112));
    assert_eq!(metrics.poll_time_histogram_bucket_range(118).end, ns(u64::MAX));

    let doubling = LogHistogram::builder()
        .max_value(Duration::from_millis(4))
        .min_value(Duration::from_micros(20))
        .precision_exact(0)
        .build();
    let metrics = build(doubling).metrics();
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 10);
    for bucket in 1..9 {
        let range = metrics.poll_time_histogram_bucket_range(bucket);
        assert_eq!(range.end - range.start, ns(16_384 << (bucket - 1)));
    }
}

#[test]
fn figures_may_be_read_while_everything_runs() {
    let rt = multi_thread(4);
    let (meeting, log) = (Arc::new(Barrier::new(2)), Arc::new(Mutex::new(0)));
    let (metrics, start) = (rt.metrics(), meeting.clone());
    let reader = thread::spawn(move || {
        start.wait();
        let mut last = 0;
        for _ in 0..1000 {
            let polls = sum(&metrics, RuntimeMetrics::worker_poll_count);
            assert!(polls >= last, "a count never falls");
            last = polls;
        }
    });
    meeting.wait();
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let log = log.clone();
            rt.spawn(async move { *log.lock().unwrap() += 1 })
        })
        .collect();
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    reader.join().unwrap();
    assert_eq!(*log.lock().unwrap(), 1000);
}
