//! 12,800 tasks spawned by several threads outside the runtime at once: contention on the way in.

use std::sync::mpsc;

use super::List;
use super::many::Countdown;
use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const TASKS: u32 = 12_800;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    for threads in [1, 2, 4] {
        list.add(format!("{shape}/remote_spawn_{threads}"), move |meter| spawn::<R>(meter, shape, threads));
    }
}

fn spawn<R: Rt>(meter: &mut Meter, shape: Shape, threads: u32) {
    let runtime = &R::build(shape);
    meter.repeat(TASKS, || {
        let (sender, done) = mpsc::sync_channel(1);
        let countdown = Countdown::new(TASKS, sender);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let countdown = countdown.clone();
                scope.spawn(move || {
                    for _ in 0..TASKS / threads {
                        let countdown = countdown.clone();
                        let tell = |done: mpsc::SyncSender<()>| done.send(()).expect("somebody waits");
                        drop(runtime.spawn_on(async move { countdown.one_less(tell) }));
                    }
                });
            }
            done.recv().expect("the last task tells");
        });
    });
}
