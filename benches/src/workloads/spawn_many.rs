//! Many tasks with hardly anything to do, from inside and from outside the runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::AcqRel};
use std::sync::mpsc;

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const MANY: u32 = 10_000;
const FEW: u32 = 1_000;

/// Counts tasks down; the last one tells the thread that waits.
#[derive(Clone)]
pub(super) struct Countdown {
    left: Arc<AtomicU32>,
    done: mpsc::SyncSender<()>,
}

impl Countdown {
    pub(super) fn new(count: u32) -> (Self, mpsc::Receiver<()>) {
        let (done, receiver) = mpsc::sync_channel(1);
        (Self { left: Arc::new(AtomicU32::new(count)), done }, receiver)
    }

    pub(super) fn one_less(&self) {
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.done.send(()).expect("the other end waits");
        }
    }
}

/// The root spawns, then blocks its thread until the last task is done.
pub(super) fn local<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(MANY, || {
        let (countdown, done) = Countdown::new(MANY);
        runtime.block_on(async {
            for _ in 0..MANY {
                let countdown = countdown.clone();
                drop(R::spawn(async move { countdown.one_less() }));
            }
            done.recv().expect("the last task tells");
        });
    });
}

/// A thread outside spawns while the workers have nothing else to do.
pub(super) fn remote_idle<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    let mut tasks = Vec::with_capacity(MANY as usize);
    meter.repeat(MANY, || {
        tasks.extend((0..MANY).map(|_| runtime.spawn_on(async {})));
        runtime.block_on(join_all::<R>(&mut tasks));
    });
}

async fn join_all<R: Rt>(tasks: &mut Vec<R::Join<()>>) {
    for task in tasks.drain(..) {
        task.await.expect("the task does not fail");
    }
}

pub(super) fn current_thread_local<R: Rt>(meter: &mut Meter) {
    let runtime = R::build(Shape::CURRENT_THREAD);
    let mut tasks = Vec::with_capacity(FEW as usize);
    meter.repeat(FEW, || {
        runtime.block_on(async {
            tasks.extend((0..FEW).map(|_| R::spawn(async {})));
            join_all::<R>(&mut tasks).await;
        });
    });
}

pub(super) fn current_thread_remote_idle<R: Rt>(meter: &mut Meter) {
    let runtime = R::build(Shape::CURRENT_THREAD);
    let mut tasks = Vec::with_capacity(FEW as usize);
    meter.repeat(FEW, || {
        tasks.extend((0..FEW).map(|_| runtime.spawn_on(async {})));
        runtime.block_on(join_all::<R>(&mut tasks));
    });
}

/// As idle, while a task inside keeps the runtime busy by spawning itself again and again.
pub(super) fn current_thread_remote_busy<R: Rt>(meter: &mut Meter) {
    let runtime = R::build(Shape::CURRENT_THREAD);
    fn respawn<R: Rt>() {
        drop(R::spawn(async { respawn::<R>() }));
    }
    drop(runtime.spawn_on(async { respawn::<R>() }));
    let mut tasks = Vec::with_capacity(FEW as usize);
    meter.repeat(FEW, || {
        tasks.extend((0..FEW).map(|_| runtime.spawn_on(async {})));
        runtime.block_on(join_all::<R>(&mut tasks));
    });
}
