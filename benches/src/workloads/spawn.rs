//! Spawn a task that yields once, and join it; one at a time, and ten.

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

/// How many of them one iteration does, so that reading the clock does not count.
const BATCH: u32 = 100;

pub(super) fn one<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        for _ in 0..BATCH {
            runtime.block_on(async {
                let task = R::spawn(R::yield_now());
                task.await.expect("the task does not fail");
            });
        }
    });
}

pub(super) fn ten<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        for _ in 0..BATCH {
            runtime.block_on(async {
                let tasks: [_; 10] = std::array::from_fn(|_| R::spawn(R::yield_now()));
                for task in tasks {
                    task.await.expect("the task does not fail");
                }
            });
        }
    });
}
