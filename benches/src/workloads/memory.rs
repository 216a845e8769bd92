//! What a task costs in memory, beside its future: 100,000 tasks that were polled once and wait for ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use crate::counter;
use crate::meter::{Meter, resident_bytes};
use crate::rt::{Rt, Shape};

const TASKS: usize = 100_000;
/// So many are spawned before the spawner lets them run.
const SLICE: usize = 100;

/// Waits for ever, and is as large as a small handler of a connection.
struct Waits {
    polled: Arc<AtomicUsize>,
    _state: [u64; 15],
}

const FUTURE_BYTES: usize = size_of::<Waits>();

impl Future for Waits {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.polled.fetch_add(1, Relaxed);
        Poll::Pending
    }
}

/// Bytes asked of the allocator for each task, less the future's own; spawned little by little, by a task.
pub(super) fn bytes<R: Rt>(meter: &mut Meter, shape: Shape) {
    counter::start();
    let (per_task, _runtime) = grown::<R>(shape, SLICE, || counter::live().bytes as f64);
    meter.report(per_task, "B");
}

/// The same, spawned all at once: with what the queues keep of it.
pub(super) fn burst<R: Rt>(meter: &mut Meter, shape: Shape) {
    counter::start();
    let (per_task, _runtime) = grown::<R>(shape, TASKS, || counter::live().bytes as f64);
    meter.report(per_task, "B");
}

/// As the kernel sees it: with what the allocator adds.
pub(super) fn resident<R: Rt>(meter: &mut Meter, shape: Shape) {
    let (per_task, _runtime) = grown::<R>(shape, SLICE, || resident_bytes() as f64);
    meter.report(per_task, "B");
}

/// By how much `level` is higher for each task that waits, beside the size of its future.
fn grown<R: Rt>(shape: Shape, slice: usize, level: impl Fn() -> f64) -> (f64, R) {
    let runtime = R::build(shape);
    let polled = Arc::new(AtomicUsize::new(0));
    // What is made once, at the first tasks, is not counted.
    spawn(&runtime, &polled, SLICE, SLICE);
    let before = level();
    spawn(&runtime, &polled, TASKS, slice);
    let after = level();
    ((after - before) / TASKS as f64 - FUTURE_BYTES as f64, runtime)
}

/// Returns when every task was polled.
fn spawn<R: Rt>(runtime: &R, polled: &Arc<AtomicUsize>, tasks: usize, slice: usize) {
    let polled = polled.clone();
    let before = polled.load(Relaxed);
    let spawner = runtime.spawn_on(async move {
        for done in (0..tasks).step_by(slice) {
            for _ in 0..slice {
                drop(R::spawn(Waits { polled: polled.clone(), _state: [0; 15] }));
            }
            while polled.load(Relaxed) < before + done + slice {
                R::yield_now().await;
            }
        }
    });
    runtime.block_on(spawner).expect("the task does not fail");
}
