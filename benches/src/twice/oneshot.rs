//! A oneshot channel: made, sent to, received from, on one thread.

use std::hint::black_box;

use super::adapter::build;
use super::tokio::sync::oneshot;
use crate::rt::Shape;
use crate::workloads::List;

const BATCH: u32 = 1_000;

pub(super) fn list(list: &mut List) {
    list.add("ct/oneshot", |meter| {
        let runtime = build(Shape::CURRENT_THREAD);
        meter.repeat(BATCH, || {
            runtime.block_on(async {
                for i in 0..BATCH {
                    let (sender, receiver) = oneshot::channel();
                    sender.send(black_box(i)).expect("the receiver is there");
                    black_box(receiver.await.expect("it was sent"));
                }
            });
        });
    });
}
