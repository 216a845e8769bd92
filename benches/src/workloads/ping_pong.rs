//! Tasks that answer one another.

use super::many::Countdown;
use super::{List, roots};
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};

const PAIRS: u32 = 1_000;

pub(super) fn list<R: Rt>(list: &mut List, shape: Shape) {
    for &root in roots(shape) {
        let suffix = root.suffix();
        list.add(format!("{shape}/ping_pong{suffix}"), move |meter| pairs::<R>(meter, shape, root));
        list.add(format!("{shape}/hops{suffix}"), move |meter| hops::<R>(meter, shape, root));
    }
}

/// 1,000 tasks that each spawn another and exchange a message with it, all at once.
fn pairs<R: Rt>(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(PAIRS, || {
        root.run(&runtime, async {
            let (sender, done) = R::oneshot();
            let countdown = Countdown::new(PAIRS, sender);
            drop(R::spawn(async move {
                for _ in 0..PAIRS {
                    let countdown = countdown.clone();
                    drop(R::spawn(async move {
                        ping::<R>().await;
                        countdown.one_less(R::send);
                    }));
                }
            }));
            R::receive(done).await;
        });
    });
}

async fn ping<R: Rt>() {
    let (ping, pinged) = R::oneshot();
    let (pong, ponged) = R::oneshot();
    drop(R::spawn(async move {
        R::receive(pinged).await;
        R::send(pong);
    }));
    R::send(ping);
    R::receive(ponged).await;
}

/// The root has a new task answer it, 1,000 times one after the other: the cost of a hop, with nothing else going on.
fn hops<R: Rt>(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = R::build(shape);
    meter.repeat(PAIRS, || {
        root.run(&runtime, async {
            for _ in 0..PAIRS {
                ping::<R>().await;
            }
        });
    });
}
