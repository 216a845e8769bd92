//! `block_on` of a future that is ready: what entering a runtime costs.

use std::hint::black_box;

use super::List;
use crate::rt::{Rt, Shape};

const BATCH: u32 = 1_000;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    list.add(format!("{shape}/block_on_ready"), move |meter| {
        let runtime = R::build(shape);
        meter.repeat(BATCH, || {
            for i in 0..BATCH {
                black_box(runtime.block_on(async { black_box(i) }));
            }
        });
    });
}
