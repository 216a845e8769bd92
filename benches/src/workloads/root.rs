//! `block_on` of a future that is ready: what entering a runtime costs.

use std::hint::black_box;

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const BATCH: u32 = 1_000;

pub(super) fn ready<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        for i in 0..BATCH {
            black_box(runtime.block_on(async { black_box(i) }));
        }
    });
}
