//! Tasks from outside while the workers are busy: how soon does the global queue get its turn?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::spawn_many::Countdown;
use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const STALL: Duration = Duration::from_micros(10);

fn stall() {
    let start = Instant::now();
    while start.elapsed() < STALL {
        std::hint::spin_loop();
    }
}

/// 10,000 tasks against 8 that yield and stall 10 us each.
pub(super) fn yielding<R: Rt>(meter: &mut Meter, shape: Shape) {
    const TASKS: u32 = 10_000;
    let runtime = R::build(shape);
    let busy = Arc::new(AtomicBool::new(true));
    for _ in 0..8 {
        let busy = busy.clone();
        drop(runtime.spawn_on(async move {
            while busy.load(Relaxed) {
                R::yield_now().await;
                stall();
            }
        }));
    }
    meter.repeat(TASKS, || spawn_and_wait(&runtime, TASKS));
    busy.store(false, Relaxed);
}

/// 1,000 tasks against 4 that stall 10 us and then spawn their successor.
pub(super) fn respawning<R: Rt>(meter: &mut Meter, shape: Shape) {
    const TASKS: u32 = 1_000;
    fn respawn<R: Rt>(busy: Arc<AtomicBool>) {
        if busy.load(Relaxed) {
            drop(R::spawn(async move {
                stall();
                respawn::<R>(busy);
            }));
        }
    }
    let runtime = R::build(shape);
    let busy = Arc::new(AtomicBool::new(true));
    for _ in 0..4 {
        let busy = busy.clone();
        drop(runtime.spawn_on(async move { respawn::<R>(busy) }));
    }
    meter.repeat(TASKS, || spawn_and_wait(&runtime, TASKS));
    busy.store(false, Relaxed);
}

fn spawn_and_wait<R: Rt>(runtime: &R, tasks: u32) {
    let (countdown, done) = Countdown::new(tasks);
    for _ in 0..tasks {
        let countdown = countdown.clone();
        drop(runtime.spawn_on(async move { countdown.one_less() }));
    }
    done.recv().expect("the last task tells");
}
