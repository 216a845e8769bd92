//! `io::copy` from memory to memory; and through a pipe in memory, from one task to another.

use std::hint::black_box;

use super::adapter::build;
use super::tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use super::tokio::task;
use crate::rt::Shape;
use crate::workloads::List;

const BYTES: usize = 64 << 10;

pub(super) fn list(list: &mut List) {
    list.add("ct/copy_64KiB", |meter| {
        let runtime = build(Shape::CURRENT_THREAD);
        let from = vec![7_u8; BYTES];
        let mut to = Vec::with_capacity(BYTES);
        meter.repeat(1, || {
            to.clear();
            let copied =
                runtime.block_on(async { io::copy(&mut &*from, &mut to).await.expect("memory does not fail") });
            assert_eq!(black_box(copied), BYTES as u64);
        });
    });
    list.add("ct/duplex_64KiB", |meter| {
        let runtime = build(Shape::CURRENT_THREAD);
        meter.repeat(1, || {
            runtime.block_on(async {
                let (mut near, mut far) = io::duplex(4 << 10);
                let writes = task::spawn(async move { near.write_all(&[7; BYTES]).await });
                let mut read = Vec::with_capacity(BYTES);
                far.read_to_end(&mut read).await.expect("memory does not fail");
                assert_eq!(read.len(), BYTES);
                writes.await.expect("the task does not fail").expect("memory does not fail");
            });
        });
    });
}
