//! 1,000 tasks one after the other, each spawned by the one before.

use super::{List, roots};
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};

const LENGTH: u32 = 1_000;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    for &root in roots(shape) {
        list.add(format!("{shape}/chained_spawn{}", root.suffix()), move |meter| spawn::<R>(meter, shape, root));
    }
}

fn link<R: Rt>(left: u32, done: R::Sender) {
    if left == 0 {
        R::send(done);
    } else {
        drop(R::spawn(async move { link::<R>(left - 1, done) }));
    }
}

fn spawn<R: Rt>(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(LENGTH, || {
        root.run(&runtime, async {
            let (sender, done) = R::oneshot();
            link::<R>(LENGTH, sender);
            R::receive(done).await;
        });
    });
}
