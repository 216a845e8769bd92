//! 200 tasks that yield 1,000 times each; and one that is alone in doing so.

use super::List;
use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const TASKS: u32 = 200;
const YIELDS: u32 = 1_000;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    list.add(format!("{shape}/yield_many"), move |meter| yields::<R>(meter, shape, TASKS));
    list.add(format!("{shape}/yield_alone"), move |meter| yields::<R>(meter, shape, 1));
}

fn yields<R: Rt>(meter: &mut Meter, shape: Shape, tasks: u32) {
    let runtime = R::build(shape);
    let mut handles = Vec::with_capacity(tasks as usize);
    meter.repeat(tasks * YIELDS, || {
        let yielder = || async {
            for _ in 0..YIELDS {
                R::yield_now().await;
            }
        };
        handles.extend((0..tasks).map(|_| runtime.spawn_on(yielder())));
        runtime.block_on(async {
            for task in handles.drain(..) {
                R::join(task).await;
            }
        });
    });
}
