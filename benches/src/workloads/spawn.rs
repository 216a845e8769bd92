//! Spawn a task that yields once, and join it; one at a time, and ten.

use super::{List, roots};
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};

/// How many of them one iteration does, so that reading the clock does not count.
const BATCH: u32 = 100;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    for &root in roots(shape) {
        let suffix = root.suffix();
        list.add(format!("{shape}/spawn_join{suffix}"), move |meter| one::<R>(meter, shape, root));
        list.add(format!("{shape}/spawn_join_10{suffix}"), move |meter| ten::<R>(meter, shape, root));
    }
}

fn one<R: Rt>(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        root.run(&runtime, async {
            for _ in 0..BATCH {
                R::join(R::spawn(R::yield_now())).await;
            }
        });
    });
}

fn ten<R: Rt>(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        root.run(&runtime, async {
            for _ in 0..BATCH {
                let tasks: [_; 10] = std::array::from_fn(|_| R::spawn(R::yield_now()));
                for task in tasks {
                    R::join(task).await;
                }
            }
        });
    });
}
