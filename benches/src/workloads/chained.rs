//! 1,000 tasks, each spawned by the one before.

use crate::meter::Meter;
use crate::oneshot::{self, Sender};
use crate::rt::{Rt, Shape};

const TASKS: u32 = 1_000;

pub(super) fn spawn<R: Rt>(meter: &mut Meter, shape: Shape) {
    fn next<R: Rt>(done: Sender<(), R::Signal>, left: u32) {
        if left == 0 {
            done.send(());
        } else {
            drop(R::spawn(async move { next::<R>(done, left - 1) }));
        }
    }
    let runtime = R::build(shape);
    meter.repeat(TASKS, || {
        runtime.block_on(async {
            let (done, finished) = oneshot::channel();
            drop(R::spawn(async move { next::<R>(done, TASKS) }));
            finished.receive().await;
        });
    });
}
