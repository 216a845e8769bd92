//! 12,800 tasks spawned by several threads outside the runtime at once: contention on the way in.

use super::spawn_many::Countdown;
use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const TASKS: u32 = 12_800;

pub(super) fn spawn<R: Rt>(meter: &mut Meter, shape: Shape, threads: u32) {
    let runtime = &R::build(shape);
    meter.repeat(TASKS, || {
        let (countdown, done) = Countdown::new(TASKS);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let countdown = countdown.clone();
                scope.spawn(move || {
                    for _ in 0..TASKS / threads {
                        let countdown = countdown.clone();
                        drop(runtime.spawn_on(async move { countdown.one_less() }));
                    }
                });
            }
            done.recv().expect("the last task tells");
        });
    });
}
