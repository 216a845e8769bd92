//! What tokio has behind `--cfg tokio_unstable`, and mini_tokio without: `tests/fixtures/notes_unstable` runs this on tokio.

use crate::notes::{block_thread, panic_of};
use crate::rt;
use crate::rt::runtime::{Builder, HistogramScale, RngSeed, UnhandledPanic};
use crate::rt::sync::mpsc as channel;
use crate::rt::task::{self, JoinSet, LocalSet};
use crate::rt::time::Duration;
use std::future::{pending, ready};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

/// C3.6, C3.12: without a LIFO slot what a worker spawns runs in the order of the queue
#[test]
fn the_lifo_slot_can_be_disabled() {
    let runtime = Builder::new_multi_thread().worker_threads(1).disable_lifo_slot().build().unwrap();
    let (ran, runs) = mpsc::channel();
    runtime.spawn(async move {
        for name in ["first", "second", "third"] {
            let ran = ran.clone();
            task::spawn(async move { ran.send(name).unwrap() });
        }
    });
    assert_eq!([block_thread(&runs), block_thread(&runs), block_thread(&runs)], ["first", "second", "third"]);
}

/// B3, B18, C3.5: a thief takes half of the queue at a time: 64 tasks change hands in about seven raids
#[test]
fn a_thief_takes_half() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let metrics = runtime.metrics();
    let stolen = move || -> (u64, u64) {
        let count = (0..2).map(|worker| metrics.worker_steal_count(worker)).sum();
        (count, (0..2).map(|worker| metrics.worker_steal_operations(worker)).sum())
    };
    let (entered, inside) = mpsc::channel();
    let (open, gate) = mpsc::channel::<()>();
    // The other worker stands at the gate until the queue is full.
    runtime.spawn(async move {
        entered.send(()).unwrap();
        block_thread(&gate);
    });
    block_thread(&inside);
    let raided = runtime.spawn(async move {
        let (ran, runs) = mpsc::channel();
        for _ in 0..65 {
            let ran = ran.clone();
            task::spawn(async move { ran.send(()).unwrap() });
        }
        let before = stolen();
        open.send(()).unwrap();
        (0..64).for_each(|_| block_thread(&runs));
        // A worker of tokio publishes what it counted when it goes to sleep, which may be after its last task has told.
        let began = Instant::now();
        while stolen().0 - before.0 < 64 && began.elapsed().as_secs() < 60 {
            thread::yield_now();
        }
        let after = stolen();
        (after.0 - before.0, after.1 - before.1)
    });
    let (count, raids) = runtime.block_on(raided).unwrap();
    assert_eq!(count, 64);
    assert!((5..=8).contains(&raids), "{raids} raids");
}

/// C3.12: `unhandled_panic` makes one task's panic everybody's
#[test]
fn a_panic_can_end_the_runtime() {
    let runtime = Builder::new_current_thread().unhandled_panic(UnhandledPanic::ShutdownRuntime).build().unwrap();
    drop(runtime.spawn(async { panic!("boom") }));
    assert_eq!(
        panic_of(|| runtime.block_on(pending::<()>())),
        "a spawned task panicked and the runtime is configured to shut down on unhandled panic"
    );
    let ignoring = Builder::new_current_thread().unhandled_panic(UnhandledPanic::Ignore).build().unwrap();
    drop(ignoring.spawn(async { panic!("boom") }));
    assert_eq!(ignoring.block_on(async { task::spawn(async { 5 }).await.unwrap() }), 5);
}

/// C4.9: a `LocalSet` has the same choice
#[test]
fn a_panic_can_end_a_local_set() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mut local = LocalSet::new();
    local.unhandled_panic(UnhandledPanic::ShutdownRuntime);
    drop(local.spawn_local(async { panic!("boom") }));
    assert_eq!(
        panic_of(|| runtime.block_on(local.run_until(pending::<()>()))),
        "a spawned task panicked and the LocalSet is configured to shutdown on unhandled panic"
    );
}

/// C3.12: with the same seed `select!` makes the same choices
#[test]
fn a_seed_repeats_the_choices() {
    let choices = |seed: &str| -> Vec<u8> {
        let seed = RngSeed::from_bytes(seed.as_bytes());
        let runtime = Builder::new_current_thread().rng_seed(seed).build().unwrap();
        runtime.block_on(async {
            let mut choices = Vec::new();
            for _ in 0..64 {
                choices.push(rt::select! { _ = ready(()) => 0, _ = ready(()) => 1 });
            }
            choices
        })
    };
    assert_eq!(choices("place RNG seed here"), choices("place RNG seed here"));
    assert_ne!(choices("place RNG seed here"), choices("another"));
}

/// C3.12: a histogram of how long polls take, in buckets as one likes them
#[test]
#[allow(deprecated, reason = "the notes have the old names")]
fn polls_are_counted_in_buckets() {
    let runtime = Builder::new_current_thread()
        .enable_metrics_poll_count_histogram()
        .metrics_poll_count_histogram_scale(HistogramScale::Linear)
        .metrics_poll_count_histogram_resolution(Duration::from_micros(100))
        .metrics_poll_count_histogram_buckets(3)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    assert!(metrics.poll_count_histogram_enabled());
    let ranges: Vec<_> =
        (0..metrics.poll_count_histogram_num_buckets()).map(|n| metrics.poll_count_histogram_bucket_range(n)).collect();
    let micros = Duration::from_micros;
    assert_eq!(ranges, [micros(0)..micros(100), micros(100)..micros(200), micros(200)..Duration::from_nanos(u64::MAX)]);
    runtime.block_on(async {
        for _ in 0..10 {
            task::spawn(async {}).await.unwrap();
        }
        while (0..3).map(|n| metrics.poll_count_histogram_bucket_count(0, n)).sum::<u64>() < 10 {
            task::yield_now().await;
        }
    });
}

/// C4.6: a task of a set can be built with a name
#[test]
fn a_set_builds_named_tasks() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        let handle = set.build_task().name("my_task").spawn(async { 5 }).unwrap();
        assert_eq!((set.len(), handle.is_finished()), (1, false));
        assert_eq!(set.join_next().await.unwrap().unwrap(), 5);
    });
}

/// C4.5: the runtime counts the yields that it has forced
#[test]
fn forced_yields_are_counted() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let greedy = async {
            let (sender, mut receiver) = channel::unbounded_channel();
            for _ in 0..1_000 {
                sender.send(()).unwrap();
                receiver.recv().await;
            }
        };
        task::spawn(greedy).await.unwrap();
    });
    assert_eq!(runtime.metrics().budget_forced_yield_count(), 7);
}
