//! A task that is asked 1,000 times, one time after the other: requests by mpsc, each with a oneshot for the reply.

use super::adapter::{Adapter, build};
use super::tokio::sync::{mpsc, oneshot};
use super::tokio::task;
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};
use crate::workloads::{List, cores, roots};

const REQUESTS: u32 = 1_000;

pub(super) fn list(list: &mut List) {
    let mut shapes = vec![Shape::CURRENT_THREAD, Shape::multi_thread(1), cores()];
    shapes.dedup();
    for shape in shapes {
        for &root in roots(shape) {
            list.add(format!("{shape}/request_reply{}", root.suffix()), move |meter| ask(meter, shape, root));
        }
    }
}

fn ask(meter: &mut Meter, shape: Shape, root: Root) {
    let runtime = Adapter::from(build(shape));
    meter.repeat(REQUESTS, || {
        root.run(&runtime, async {
            let (requests, mut asked) = mpsc::channel::<oneshot::Sender<u32>>(10);
            let answers = task::spawn(async move {
                let mut count = 0;
                while let Some(reply) = asked.recv().await {
                    count += 1;
                    reply.send(count).expect("somebody waits for it");
                }
            });
            for _ in 0..REQUESTS {
                let (reply, answer) = oneshot::channel();
                requests.send(reply).await.expect("the task answers");
                answer.await.expect("the task answers");
            }
            drop(requests);
            Adapter::join(answers).await;
        });
    });
}
