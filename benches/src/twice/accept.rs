//! New connections: two tasks, one connects and one accepts. The value is for one connection.

use super::adapter::build;
use super::tokio::net::{TcpListener, TcpStream};
use super::tokio::task;
use crate::meter::Meter;
use crate::rt::Shape;
use crate::workloads::{List, cores};

const CONNECTIONS: u32 = 50;

pub(super) fn list(list: &mut List) {
    for shape in [Shape::CURRENT_THREAD, cores()] {
        list.add(format!("{shape}/tcp_accept"), move |meter| accept(meter, shape));
    }
}

fn accept(meter: &mut Meter, shape: Shape) {
    let runtime = build(shape);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    meter.repeat(CONNECTIONS, || {
        runtime.block_on(async {
            let connects = task::spawn(async move {
                for _ in 0..CONNECTIONS {
                    let stream = TcpStream::connect(address).await.expect("somebody listens");
                    // Ends by a reset: else the ports would wait for a minute, and run out.
                    stream.set_zero_linger().expect("sockets can be set so");
                }
            });
            for _ in 0..CONNECTIONS {
                drop(listener.accept().await.expect("somebody connects"));
            }
            connects.await.expect("the task does not fail");
        });
    });
}
