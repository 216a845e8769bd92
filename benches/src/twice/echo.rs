//! TCP round trips: a task that says something, and one that says it again.

use super::adapter::{Adapter, build};
use super::tokio::io::{AsyncReadExt, AsyncWriteExt};
use super::tokio::net::{TcpListener, TcpStream};
use super::tokio::runtime::Runtime;
use super::tokio::task;
use crate::meter::Meter;
use crate::rt::{Root, Shape};
use crate::workloads::{List, cores, roots};

const TRIPS: u32 = 100;

pub(super) fn list(list: &mut List) {
    let mut shapes = vec![Shape::CURRENT_THREAD, Shape::multi_thread(2), cores()];
    shapes.dedup();
    for shape in shapes {
        for &root in roots(shape) {
            list.add(format!("{shape}/tcp_echo{}", root.suffix()), move |meter| echo(meter, shape, root));
        }
    }
}

/// Two ends of one connection.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let near = TcpStream::connect(address).await.expect("somebody listens");
    let (far, _) = listener.accept().await.expect("somebody connects");
    near.set_nodelay(true).and(far.set_nodelay(true)).expect("sockets can be set so");
    (near, far)
}

fn echo(meter: &mut Meter, shape: Shape, root: Root) {
    trips(meter, build(shape), root);
}

/// Round trips on one connection, whatever else the runtime has.
pub(super) fn trips(meter: &mut Meter, runtime: Runtime, root: Root) {
    let (near, mut far) = runtime.block_on(connection());
    runtime.spawn(async move {
        let mut buffer = [0; 64];
        // Ends when the other end is dropped.
        while far.read_exact(&mut buffer).await.is_ok() {
            far.write_all(&buffer).await.expect("the other end is there");
        }
    });
    let runtime = Adapter::from(runtime);
    let mut near = Some(near);
    meter.repeat(TRIPS, || {
        let mut stream = near.take().expect("each iteration gives it back");
        let stream = root.run(&runtime, async move {
            let mut buffer = [7; 64];
            for _ in 0..TRIPS {
                stream.write_all(&buffer).await.expect("the other end is there");
                stream.read_exact(&mut buffer).await.expect("the other end answers");
            }
            task::yield_now().await;
            stream
        });
        near = Some(stream);
    });
}
