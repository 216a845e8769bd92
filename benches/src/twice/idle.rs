//! What a runtime costs that has nothing to do: 2 workers, sockets and timers enabled, after some activity.

use std::thread;

use super::adapter::build;
use super::tokio::runtime::Runtime;
use super::tokio::task;
use super::tokio::time::{Duration, sleep};
use crate::meter::{Meter, process_cpu};
use crate::rt::Shape;
use crate::workloads::List;

pub(super) fn list(list: &mut List) {
    list.add("mt2/idle_cpu", cpu).few_rounds().long();
    list.add("mt2/idle_wakes", wakes).few_rounds().long();
}

/// Seconds of nothing.
fn window(meter: &Meter) -> u64 {
    if meter.quick { 1 } else { 5 }
}

/// CPU time used meanwhile.
fn cpu(meter: &mut Meter) {
    let runtime = active_once();
    let before = process_cpu();
    thread::sleep(Duration::from_secs(window(meter)));
    let used = process_cpu() - before;
    drop(runtime);
    meter.report(used.as_secs_f64() * 1e6 / window(meter) as f64, "us/s");
}

/// How often some thread woke up meanwhile, the one that measures not counted.
fn wakes(meter: &mut Meter) {
    let runtime = active_once();
    let before = voluntary_switches();
    thread::sleep(Duration::from_secs(window(meter)));
    // The measuring thread's own sleep is one.
    let wakes = voluntary_switches() - before - 1;
    drop(runtime);
    meter.report(wakes as f64 / window(meter) as f64, "/s");
}

/// A runtime that spawned, slept, fired timers and used its blocking pool, and has come to rest.
fn active_once() -> Runtime {
    let runtime = build(Shape::multi_thread(2));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|i| {
                task::spawn(async move {
                    task::yield_now().await;
                    sleep(Duration::from_millis(i % 10)).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("the task does not fail");
        }
        task::spawn_blocking(|| {}).await.expect("the closure does not fail");
    });
    thread::sleep(Duration::from_millis(200));
    runtime
}

fn voluntary_switches() -> i64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a rusage; all of its fields are integers, for which zeroes are values.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    usage.ru_nvcsw
}
