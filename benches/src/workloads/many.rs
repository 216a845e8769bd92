//! Many tasks with hardly anything to do, from inside and from outside the runtime.

use std::sync::atomic::{AtomicU32, Ordering::AcqRel};
use std::sync::{Arc, Mutex, mpsc};

use super::{List, roots};
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    // tokio's own numbers.
    let tasks = if shape.workers.is_some() { 10_000 } else { 1_000 };
    for &root in roots(shape) {
        list.add(format!("{shape}/spawn_many_local{}", root.suffix()), move |meter| match root {
            Root::Outside if shape.workers.is_some() => blocking_local::<R>(meter, shape, tasks),
            _ => local::<R>(meter, shape, tasks, root),
        });
    }
    list.add(format!("{shape}/spawn_many_remote_idle"), move |meter| remote_idle::<R>(meter, shape, tasks));
    if shape.workers.is_none() {
        list.add(format!("{shape}/spawn_many_remote_busy"), move |meter| remote_busy::<R>(meter, shape, tasks));
    }
}

/// Counts tasks down; the last one tells whoever waits.
pub(super) struct Countdown<S> {
    left: AtomicU32,
    done: Mutex<Option<S>>,
}

impl<S> Countdown<S> {
    pub(super) fn new(count: u32, done: S) -> Arc<Self> {
        Arc::new(Self { left: AtomicU32::new(count), done: Mutex::new(Some(done)) })
    }

    pub(super) fn one_less(&self, tell: impl FnOnce(S)) {
        if self.left.fetch_sub(1, AcqRel) == 1 {
            tell(self.done.lock().expect("nothing panics under this lock").take().expect("one is the last"));
        }
    }
}

/// The root spawns, then blocks its thread until the last task is done: so tokio has it.
fn blocking_local<R: Rt>(meter: &mut Meter, shape: Shape, tasks: u32) {
    let runtime = R::build(shape);
    meter.repeat(tasks, || {
        let (sender, done) = mpsc::sync_channel(1);
        let countdown = Countdown::new(tasks, sender);
        runtime.block_on(async {
            for _ in 0..tasks {
                let countdown = countdown.clone();
                drop(R::spawn(async move { countdown.one_less(|done| done.send(()).expect("the root waits")) }));
            }
            done.recv().expect("the last task tells");
        });
    });
}

/// The same, and the root waits as a task does.
fn local<R: Rt>(meter: &mut Meter, shape: Shape, tasks: u32, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(tasks, || {
        root.run(&runtime, async move {
            let (sender, done) = R::oneshot();
            let countdown = Countdown::new(tasks, sender);
            for _ in 0..tasks {
                let countdown = countdown.clone();
                drop(R::spawn(async move { countdown.one_less(R::send) }));
            }
            R::receive(done).await;
        });
    });
}

/// A thread outside spawns while the workers have nothing else to do.
fn remote_idle<R: Rt>(meter: &mut Meter, shape: Shape, tasks: u32) {
    let runtime = R::build(shape);
    let mut handles = Vec::with_capacity(tasks as usize);
    meter.repeat(tasks, || {
        handles.extend((0..tasks).map(|_| runtime.spawn_on(async {})));
        runtime.block_on(join_all::<R>(&mut handles));
    });
}

/// As idle, while a task inside keeps the runtime busy by spawning itself again and again.
fn remote_busy<R: Rt>(meter: &mut Meter, shape: Shape, tasks: u32) {
    let runtime = R::build(shape);
    fn respawn<R: Rt>() {
        drop(R::spawn(async { respawn::<R>() }));
    }
    drop(runtime.spawn_on(async { respawn::<R>() }));
    let mut handles = Vec::with_capacity(tasks as usize);
    meter.repeat(tasks, || {
        handles.extend((0..tasks).map(|_| runtime.spawn_on(async {})));
        runtime.block_on(join_all::<R>(&mut handles));
    });
}

async fn join_all<R: Rt>(tasks: &mut Vec<R::Join<()>>) {
    for task in tasks.drain(..) {
        R::join(task).await;
    }
}
