//! What a runtime costs that has nothing to do: 2 workers, sockets and timers enabled, after some activity.

use std::thread;
use std::time::Duration;

use crate::meter::{Meter, process_cpu};
use crate::rt::{Rt, Shape};

/// CPU time used in 10 s of nothing.
pub(super) fn cpu<R: Rt>(meter: &mut Meter) {
    let runtime = active_once::<R>();
    let window = if meter.quick { 1 } else { 10 };
    let before = process_cpu();
    thread::sleep(Duration::from_secs(window));
    let used = process_cpu() - before;
    drop(runtime);
    meter.report(used.as_secs_f64() * 1e6, &format!("us/{window}s"));
}

/// How often some thread woke up in that time, the one that measures not counted.
pub(super) fn wakes<R: Rt>(meter: &mut Meter) {
    let runtime = active_once::<R>();
    let window = if meter.quick { 1 } else { 10 };
    let before = voluntary_switches();
    thread::sleep(Duration::from_secs(window));
    // The measuring thread's own sleep is one.
    let wakes = voluntary_switches() - before - 1;
    drop(runtime);
    meter.report(wakes as f64, &format!("/{window}s"));
}

/// A runtime that spawned, slept, fired timers and used its blocking pool, and has come to rest.
fn active_once<R: Rt>() -> R {
    let runtime = R::build(Shape::multi_thread(2));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|i| {
                R::spawn(async move {
                    R::yield_now().await;
                    R::sleep(Duration::from_millis(i % 10)).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("the task does not fail");
        }
        R::spawn_blocking(|| {}).await.expect("the closure does not fail");
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
