//! Connections on which nothing happens: what each costs in memory, with the task that waits for it. The other ends are in a
//! process of their own, which has its own descriptors and its own memory.

use super::adapter::build;
use super::echo;
use super::tokio::io::AsyncReadExt;
use super::tokio::net::TcpListener;
use super::tokio::runtime::Runtime;
use super::tokio::task::{self, JoinSet};
use crate::allocator;
use crate::far_end::{self, FarEnd};
use crate::meter::{Meter, resident_bytes};
use crate::rt::{Root, Shape};
use crate::workloads::{List, cores};

pub(super) fn list(list: &mut List) {
    for shape in [Shape::CURRENT_THREAD, cores()] {
        list.add(format!("{shape}/connection_bytes"), move |meter| {
            allocator::start_counting();
            memory(meter, shape, || allocator::live().bytes as f64);
        })
        .few_rounds()
        .long();
        list.add(format!("{shape}/connection_rss"), move |meter| memory(meter, shape, || resident_bytes() as f64))
            .few_rounds()
            .long();
    }
    for count in [100, 1_000, 10_000] {
        list.add(format!("scale/connections_{count}"), move |meter| echo_among(meter, count)).scale();
    }
}

/// Accepts `count` connections; a task waits for each to say something.
async fn serve(listener: &TcpListener, count: usize) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (mut stream, _) = listener.accept().await.expect("the far end connects");
        tasks.spawn(async move { while let Ok(1..) = stream.read(&mut [0; 64]).await {} });
    }
    // Let all wait.
    for _ in 0..100 {
        task::yield_now().await;
    }
    tasks
}

fn listen(runtime: &Runtime) -> (TcpListener, std::net::SocketAddr) {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

fn memory(meter: &mut Meter, shape: Shape, level: impl Fn() -> f64) {
    let count = far_end::room_for(if meter.quick { 1_000 } else { 10_000 });
    let runtime = build(shape);
    let (listener, address) = listen(&runtime);
    // What is made once, at the first connections, is not counted.
    let first = FarEnd::start(address, 10);
    let _tasks = runtime.block_on(serve(&listener, 10));
    let before = level();
    let rest = FarEnd::start(address, count);
    let _more = runtime.block_on(serve(&listener, count));
    let after = level();
    drop((first, rest));
    meter.report((after - before) / count as f64, "B");
}

/// For the curve over the number of connections: a round trip on one more, while so many are silent.
fn echo_among(meter: &mut Meter, count: usize) {
    let count = far_end::room_for(count);
    let runtime = build(cores());
    let (listener, address) = listen(&runtime);
    let silent = FarEnd::start(address, count);
    let tasks = runtime.block_on(serve(&listener, count));
    echo::trips(meter, runtime, Root::Task);
    drop((silent, tasks));
}
