//! Reading a file that has no end and no disk: 1,000 times 4 KiB of `/dev/zero`. The value is for one read.

use super::adapter::build;
use super::tokio::fs::File;
use super::tokio::io::AsyncReadExt;
use crate::rt::Shape;
use crate::workloads::{List, multi};

const READS: u32 = 1_000;

pub(super) fn list(list: &mut List) {
    for shape in [Shape::CURRENT_THREAD].into_iter().chain(multi()) {
        list.add(format!("{shape}/file_read_4KiB"), move |meter| {
            let runtime = build(shape);
            meter.repeat(READS, || {
                runtime.block_on(async {
                    let mut file = File::open("/dev/zero").await.expect("every Linux has it");
                    let mut buffer = [7; 4 << 10];
                    for _ in 0..READS {
                        file.read_exact(&mut buffer).await.expect("it never ends");
                    }
                });
            });
        });
    }
}
