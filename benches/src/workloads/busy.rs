//! Tasks from outside while the workers are busy: how soon does the global queue get its turn?

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::List;
use super::many::Countdown;
use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const STALL: Duration = Duration::from_micros(10);

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    list.add(format!("{shape}/spawn_many_remote_busy1"), move |meter| yielding::<R>(meter, shape)).long();
    list.add(format!("{shape}/spawn_many_remote_busy2"), move |meter| respawning::<R>(meter, shape)).long();
}

fn stall() {
    let start = Instant::now();
    while start.elapsed() < STALL {
        std::hint::spin_loop();
    }
}

/// 10,000 tasks against 8 that yield and stall 10 us each.
fn yielding<R: Rt>(meter: &mut Meter, shape: Shape) {
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
fn respawning<R: Rt>(meter: &mut Meter, shape: Shape) {
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
    let (sender, done) = mpsc::sync_channel(1);
    let countdown = Countdown::new(tasks, sender);
    for _ in 0..tasks {
        let countdown = countdown.clone();
        drop(runtime.spawn_on(async move { countdown.one_less(|done| done.send(()).expect("somebody waits")) }));
    }
    done.recv().expect("the last task tells");
}
