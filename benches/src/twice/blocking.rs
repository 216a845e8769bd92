//! Closures for the blocking pool: 1 or 2 tasks that each have 100 batches of 16 done, one batch after the other.

use super::adapter::build;
use super::tokio::task::{self, JoinSet};
use crate::meter::Meter;
use crate::rt::Shape;
use crate::workloads::{List, multi};

const BATCHES: u32 = 100;
const JOBS: u32 = 16;

pub(super) fn list(list: &mut List) {
    for shape in multi().into_iter().chain([Shape::CURRENT_THREAD]) {
        for tasks in [1, 2] {
            list.add(format!("{shape}/spawn_blocking_{tasks}"), move |meter| batches(meter, shape, tasks));
        }
    }
}

fn batches(meter: &mut Meter, shape: Shape, tasks: u32) {
    let runtime = build(shape);
    meter.repeat(tasks * BATCHES * JOBS, || {
        runtime.block_on(async {
            let mut customers = JoinSet::new();
            for _ in 0..tasks {
                customers.spawn(async {
                    for _ in 0..BATCHES {
                        let mut jobs = JoinSet::new();
                        for i in 0..JOBS {
                            jobs.spawn_blocking(move || i);
                        }
                        while let Some(done) = jobs.join_next().await {
                            done.expect("the closure does not fail");
                        }
                        task::yield_now().await;
                    }
                });
            }
            while let Some(done) = customers.join_next().await {
                done.expect("the task does not fail");
            }
        });
    });
}
