//! Tasks that answer one another.

use super::spawn_many::Countdown;
use crate::meter::Meter;
use crate::oneshot;
use crate::rt::{Rt, Shape};

const PAIRS: u32 = 1_000;

/// 1,000 tasks that each spawn another and exchange a message with it, all at once.
pub(super) fn pairs<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(PAIRS, || {
        let (countdown, done) = Countdown::new(PAIRS);
        runtime.block_on(async {
            let all = R::spawn(async move {
                for _ in 0..PAIRS {
                    let countdown = countdown.clone();
                    drop(R::spawn(async move {
                        ping::<R>().await;
                        countdown.one_less();
                    }));
                }
            });
            all.await.expect("the task does not fail");
            // On a current-thread runtime the root must not block: the tasks run on its thread.
            if shape.workers.is_some() {
                done.recv().expect("the last pair tells");
            } else {
                while done.try_recv().is_err() {
                    R::yield_now().await;
                }
            }
        });
    });
}

async fn ping<R: Rt>() {
    let (ping, pinged) = oneshot::channel::<(), R::Signal>();
    let (pong, ponged) = oneshot::channel::<(), R::Signal>();
    drop(R::spawn(async move {
        pinged.receive().await;
        pong.send(());
    }));
    ping.send(());
    ponged.receive().await;
}

/// One task answers another 1,000 times, with the root spawned onto a worker: the cost of a hop, nothing else going on.
pub(super) fn request_reply<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(PAIRS, || {
        let root = runtime.spawn_on(async {
            for _ in 0..PAIRS {
                ping::<R>().await;
            }
        });
        runtime.block_on(root).expect("the task does not fail");
    });
}
