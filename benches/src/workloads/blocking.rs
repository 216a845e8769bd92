//! Batches of 16 closures for the blocking pool, one batch after the other.

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const BATCHES: u32 = 100;
const JOBS: u32 = 16;

pub(super) fn batches<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCHES * JOBS, || {
        let root = runtime.spawn_on(async {
            for _ in 0..BATCHES {
                let jobs: Vec<_> = (0..JOBS).map(|i| R::spawn_blocking(move || i)).collect();
                for job in jobs {
                    job.await.expect("the closure does not fail");
                }
            }
        });
        runtime.block_on(root).expect("the task does not fail");
    });
}
