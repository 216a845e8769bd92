//! What a task costs in memory, beside its future: 100,000 tasks that were polled once and wait for ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use super::adapter::build;
use super::tokio::runtime::Runtime;
use super::tokio::task;
use crate::allocator;
use crate::meter::{Meter, resident_bytes};
use crate::rt::Shape;
use crate::workloads::{List, cores};

const TASKS: usize = 100_000;
/// So many are spawned before the spawner lets them run.
const SLICE: usize = 100;

pub(super) fn list(list: &mut List) {
    for shape in [Shape::CURRENT_THREAD, cores()] {
        // Asked of the allocator; spawned little by little, by a task.
        list.add(format!("{shape}/task_bytes"), move |meter| measure(meter, shape, SLICE, allocated)).few_rounds();
        // Spawned all at once: with what the queues keep of it.
        list.add(format!("{shape}/task_bytes_burst"), move |meter| measure(meter, shape, TASKS, allocated))
            .few_rounds()
            .long();
        // As the kernel sees it: with what the allocator adds.
        list.add(format!("{shape}/task_rss"), move |meter| measure(meter, shape, SLICE, || resident_bytes() as f64))
            .few_rounds();
    }
}

fn allocated() -> f64 {
    allocator::start_counting();
    allocator::live().bytes as f64
}

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

/// By how much `level` is higher for each task that waits, beside the size of its future.
fn measure(meter: &mut Meter, shape: Shape, slice: usize, level: impl Fn() -> f64) {
    let runtime = build(shape);
    let polled = Arc::new(AtomicUsize::new(0));
    // What is made once, at the first tasks, is not counted.
    spawn(&runtime, &polled, SLICE, SLICE);
    let before = level();
    spawn(&runtime, &polled, TASKS, slice);
    let after = level();
    meter.report((after - before) / TASKS as f64 - FUTURE_BYTES as f64, "B");
}

/// Returns when every task was polled.
fn spawn(runtime: &Runtime, polled: &Arc<AtomicUsize>, tasks: usize, slice: usize) {
    let polled = polled.clone();
    let before = polled.load(Relaxed);
    let spawner = runtime.spawn(async move {
        for done in (0..tasks).step_by(slice) {
            for _ in 0..slice {
                drop(task::spawn(Waits { polled: polled.clone(), _state: [0; 15] }));
            }
            while polled.load(Relaxed) < before + done + slice {
                task::yield_now().await;
            }
        }
    });
    runtime.block_on(spawner).expect("the task does not fail");
}
