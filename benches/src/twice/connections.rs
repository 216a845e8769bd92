//! Connections on which nothing happens: what each costs in memory, with the task that waits for it. The other ends are in a
//! process of their own, which has its own descriptors and its own memory.

use super::adapter::build;
use super::echo;
use super::tokio::io::AsyncReadExt;
use super::tokio::net::{TcpListener, TcpSocket};
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

/// Fewer than the listener's backlog.
const AT_ONCE: usize = 1_000;

/// Connections of which this process has one end. The fields go in this order: the far ends close first.
#[derive(Default)]
struct Connected {
    far_ends: Vec<FarEnd>,
    tasks: JoinSet<()>,
}

impl Connected {
    /// Makes `count` more; a task waits for each to say something.
    fn grow(&mut self, runtime: &Runtime, listener: &TcpListener, count: usize) {
        let address = listener.local_addr().expect("it is bound");
        for first in (0..count).step_by(AT_ONCE) {
            let count = AT_ONCE.min(count - first);
            self.far_ends.push(FarEnd::start(address, count));
            runtime.block_on(self.accept(listener, count));
        }
    }

    async fn accept(&mut self, listener: &TcpListener, count: usize) {
        for _ in 0..count {
            let (mut stream, _) = listener.accept().await.expect("the far end connects");
            self.tasks.spawn(async move { while let Ok(1..) = stream.read(&mut [0; 64]).await {} });
        }
        // Let all wait.
        for _ in 0..100 {
            task::yield_now().await;
        }
    }
}

/// `TcpListener::bind` asks for a short queue; connections beyond it would be tried again a second later.
fn listen(runtime: &Runtime) -> TcpListener {
    let _entered = runtime.enter();
    let socket = TcpSocket::new_v4().expect("a socket can be made");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
    socket.listen(AT_ONCE as u32 + 24).expect("it is bound")
}

fn memory(meter: &mut Meter, shape: Shape, level: impl Fn() -> f64) {
    let count = far_end::room_for(if meter.quick { 1_000 } else { 10_000 });
    let runtime = build(shape);
    let (listener, mut connected) = (listen(&runtime), Connected::default());
    // What is made once, at the first connections, is not counted.
    connected.grow(&runtime, &listener, 10);
    let before = level();
    connected.grow(&runtime, &listener, count);
    let after = level();
    meter.report((after - before) / count as f64, "B");
}

/// For the curve over the number of connections: a round trip on one more, while so many are silent.
fn echo_among(meter: &mut Meter, count: usize) {
    let count = far_end::room_for(count);
    let runtime = build(cores());
    let (listener, mut silent) = (listen(&runtime), Connected::default());
    silent.grow(&runtime, &listener, count);
    echo::trips(meter, runtime, Root::Task);
}
