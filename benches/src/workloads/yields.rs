//! 200 tasks that yield 1,000 times each.

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const TASKS: u32 = 200;
const YIELDS: u32 = 1_000;

pub(super) fn many<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    let mut tasks = Vec::with_capacity(TASKS as usize);
    meter.repeat(TASKS * YIELDS, || {
        let yielder = || async {
            for _ in 0..YIELDS {
                R::yield_now().await;
            }
        };
        tasks.extend((0..TASKS).map(|_| runtime.spawn_on(yielder())));
        runtime.block_on(async {
            for task in tasks.drain(..) {
                task.await.expect("the task does not fail");
            }
        });
    });
}
