//! The life of a runtime that does one thing: built, a task spawned and joined, dropped. Commands and tests live such lives.

use super::adapter::build;
use super::tokio::task;
use crate::rt::Shape;
use crate::workloads::{List, multi};

pub(super) fn list(list: &mut List) {
    for shape in [Shape::CURRENT_THREAD].into_iter().chain(multi()) {
        list.add(format!("{shape}/start_and_stop"), move |meter| {
            meter.repeat(1, || {
                let runtime = build(shape);
                runtime.block_on(async { task::spawn(async {}).await.expect("the task does not fail") });
            });
        });
    }
}
