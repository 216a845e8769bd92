//! The workloads: what a runtime is measured with.
//!
//! Their parameters are those of tokio's own benchmarks, so that numbers can be compared with what is published; names and
//! counts are the same, the code is ours. `ct` is the current-thread runtime, `mt4` the multi-thread one with 4 workers, as
//! tokio's benchmarks have it. As many workers as this machine has cores come beside it, where that is another number.

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

mod blocking;
mod busy;
mod chained;
mod idle;
mod memory;
mod ping_pong;
mod remote;
mod root;
mod spawn;
mod spawn_many;
mod timers;
mod yields;

/// One measurement on one runtime.
pub struct Workload {
    pub name: String,
    /// No more rounds than this: what it measures hardly varies, or takes long.
    pub max_rounds: usize,
    pub run: Box<dyn Fn(&mut Meter)>,
}

impl Workload {
    fn new(name: impl Into<String>, run: impl Fn(&mut Meter) + 'static) -> Self {
        Self { name: name.into(), max_rounds: usize::MAX, run: Box::new(run) }
    }

    fn max_rounds(self, max_rounds: usize) -> Self {
        Self { max_rounds, ..self }
    }
}

/// All of them, on runtime `R`.
pub fn all<R: Rt>() -> Vec<Workload> {
    let ct = Shape::CURRENT_THREAD;
    let one = Shape::multi_thread(1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut multi = vec![Shape::multi_thread(4)];
    if cores != 4 {
        multi.push(Shape::multi_thread(cores));
    }
    let mut list = Vec::new();
    for shape in [ct, one] {
        list.push(Workload::new(format!("{shape}/spawn_join"), move |meter| spawn::one::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/spawn_join_10"), move |meter| spawn::ten::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/block_on_ready"), move |meter| root::ready::<R>(meter, shape)));
    }
    list.push(Workload::new("ct/spawn_many_local", spawn_many::current_thread_local::<R>));
    list.push(Workload::new("ct/spawn_many_remote_idle", spawn_many::current_thread_remote_idle::<R>));
    list.push(Workload::new("ct/spawn_many_remote_busy", spawn_many::current_thread_remote_busy::<R>));
    for shape in multi.iter().copied() {
        list.push(Workload::new(format!("{shape}/spawn_many_local"), move |meter| {
            spawn_many::local::<R>(meter, shape)
        }));
        list.push(Workload::new(format!("{shape}/spawn_many_remote_idle"), move |meter| {
            spawn_many::remote_idle::<R>(meter, shape);
        }));
        list.push(Workload::new(format!("{shape}/spawn_many_remote_busy1"), move |meter| {
            busy::yielding::<R>(meter, shape);
        }));
        list.push(Workload::new(format!("{shape}/spawn_many_remote_busy2"), move |meter| {
            busy::respawning::<R>(meter, shape);
        }));
        for threads in [1, 4] {
            list.push(Workload::new(format!("{shape}/remote_spawn_{threads}"), move |meter| {
                remote::spawn::<R>(meter, shape, threads);
            }));
        }
    }
    for shape in multi.iter().copied().chain([ct]) {
        list.push(Workload::new(format!("{shape}/ping_pong"), move |meter| ping_pong::pairs::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/request_reply"), move |meter| {
            ping_pong::request_reply::<R>(meter, shape);
        }));
        list.push(Workload::new(format!("{shape}/yield_many"), move |meter| yields::many::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/chained_spawn"), move |meter| chained::spawn::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/spawn_blocking"), move |meter| blocking::batches::<R>(meter, shape)));
    }
    for shape in [ct, multi[multi.len() - 1]] {
        list.push(Workload::new(format!("{shape}/sleep_made"), move |meter| timers::made::<R>(meter, shape)));
        list.push(Workload::new(format!("{shape}/sleep_armed"), move |meter| timers::armed::<R>(meter, shape)));
        list.push(
            Workload::new(format!("{shape}/sleep_million"), move |meter| timers::million::<R>(meter, shape))
                .max_rounds(4),
        );
        list.push(
            Workload::new(format!("{shape}/task_bytes"), move |meter| memory::bytes::<R>(meter, shape)).max_rounds(2),
        );
        list.push(
            Workload::new(format!("{shape}/task_bytes_burst"), move |meter| memory::burst::<R>(meter, shape))
                .max_rounds(2),
        );
        list.push(
            Workload::new(format!("{shape}/task_rss"), move |meter| memory::resident::<R>(meter, shape)).max_rounds(4),
        );
    }
    list.push(Workload::new("mt2/idle_cpu", idle::cpu::<R>).max_rounds(3));
    list.push(Workload::new("mt2/idle_wakes", idle::wakes::<R>).max_rounds(2));
    list
}
