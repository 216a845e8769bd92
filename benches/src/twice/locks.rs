//! `Mutex`, `RwLock` and `Semaphore`: alone, and with 6 tasks that want the same.

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;

use super::adapter::build;
use super::tokio::sync::{Mutex, RwLock, Semaphore};
use super::tokio::task::{self, JoinSet};
use crate::meter::Meter;
use crate::rt::Shape;
use crate::workloads::{List, cores};

const TASKS: u32 = 6;
const BATCH: u32 = 1_000;

pub(super) fn list(list: &mut List) {
    list.add("ct/mutex_alone", |meter| {
        let mutex = Mutex::new(0);
        alone(meter, async || *mutex.lock().await += black_box(1));
    });
    list.add("ct/rwlock_read_alone", |meter| {
        let lock = RwLock::new(0);
        alone(meter, async || _ = black_box(*lock.read().await));
    });
    list.add("ct/rwlock_write_alone", |meter| {
        let lock = RwLock::new(0);
        alone(meter, async || *lock.write().await += black_box(1));
    });
    list.add("ct/semaphore_alone", |meter| {
        let semaphore = Semaphore::new(10);
        alone(meter, async || drop(black_box(semaphore.acquire().await)));
    });
    for shape in [Shape::CURRENT_THREAD, cores()] {
        list.add(format!("{shape}/mutex_contended"), move |meter| {
            contended(meter, shape, Arc::new(Mutex::new(0)), |mutex: Arc<Mutex<u32>>| async move {
                let mut guard = mutex.lock().await;
                task::yield_now().await;
                *guard += 1;
            });
        });
        list.add(format!("{shape}/rwlock_read"), move |meter| {
            contended(meter, shape, Arc::new(RwLock::new(0)), |lock: Arc<RwLock<u32>>| async move {
                let guard = lock.read().await;
                task::yield_now().await;
                black_box(*guard);
            });
        });
        list.add(format!("{shape}/semaphore_contended"), move |meter| {
            contended(meter, shape, Arc::new(Semaphore::new(5)), |semaphore: Arc<Semaphore>| async move {
                let permit = semaphore.acquire_many(2).await;
                task::yield_now().await;
                drop(permit);
            });
        });
    }
}

/// One task, and nobody to wait for.
fn alone(meter: &mut Meter, turn: impl AsyncFn()) {
    let runtime = build(Shape::CURRENT_THREAD);
    meter.repeat(BATCH, || {
        runtime.block_on(async {
            for _ in 0..BATCH {
                turn().await;
            }
        });
    });
}

/// 6 tasks that each take their turn 100 times, and yield while they have it.
fn contended<L, F>(meter: &mut Meter, shape: Shape, lock: Arc<L>, turn: fn(Arc<L>) -> F)
where
    L: Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    const TURNS: u32 = 100;
    let runtime = build(shape);
    meter.repeat(TASKS * TURNS, || {
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for _ in 0..TASKS {
                let lock = lock.clone();
                tasks.spawn(async move {
                    for _ in 0..TURNS {
                        turn(lock.clone()).await;
                    }
                });
            }
            while let Some(done) = tasks.join_next().await {
                done.expect("the task does not fail");
            }
        });
    });
}
