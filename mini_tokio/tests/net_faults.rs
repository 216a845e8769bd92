//! Peers that vanish: in the middle of a read, of a write, one direction at a time, and by the hundred.

mod net_support;

use std::env;
use std::io::ErrorKind;
use std::net::SocketAddr;

use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::{TcpListener, TcpStream};
use mini_tokio::runtime::Runtime;
use mini_tokio::task::{self, JoinHandle};
use net_support::{pair, runtimes};

#[test]
fn a_reset_ends_a_pending_write() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut ours, peer) = pair().await;
            let writing = task::spawn(async move {
                // More than the kernel takes: the writer is waiting for room when the reset comes.
                let outcome = ours.write_all(&vec![7; 64 << 20]).await;
                (ours, outcome)
            });
            peer.readable().await.unwrap();
            peer.set_zero_linger().unwrap();
            drop(peer);
            let (mut ours, outcome) = writing.await.unwrap();
            let kind = outcome.unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{kind:?}");
            assert_eq!(ours.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
    }
}

#[test]
fn a_reset_in_the_middle_of_a_message_is_an_error_and_not_an_end() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut ours, mut peer) = pair().await;
            let reading = task::spawn(async move { ours.read_exact(&mut [0; 100]).await });
            peer.write_all(&[1; 50]).await.unwrap();
            peer.set_zero_linger().unwrap();
            drop(peer);
            assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionReset);
        });
    }
}

#[test]
fn each_end_may_close_its_half_first_and_still_read() {
    for rt in runtimes() {
        rt.block_on(async {
            for client_first in [true, false] {
                let (client, server) = pair().await;
                let (mut first, mut second) = if client_first { (client, server) } else { (server, client) };
                first.write_all(b"question").await.unwrap();
                first.shutdown().await.unwrap();
                assert_eq!(first.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
                let mut heard = Vec::new();
                second.read_to_end(&mut heard).await.unwrap();
                assert_eq!(heard, b"question");
                // More than fits into the kernel's buffers: the closed half does not disturb waiting in the other.
                let reading = task::spawn(async move {
                    let mut heard = Vec::new();
                    first.read_to_end(&mut heard).await.map(|_| heard.len())
                });
                second.write_all(&vec![3; 8 << 20]).await.unwrap();
                second.shutdown().await.unwrap();
                assert_eq!(second.read(&mut [0; 8]).await.unwrap(), 0);
                assert_eq!(reading.await.unwrap().unwrap(), 8 << 20);
            }
        });
    }
}

#[test]
fn both_ends_may_close_at_once() {
    for rt in runtimes() {
        rt.block_on(async {
            let (one, other) = pair().await;
            let [one, other] = [one, other].map(|mut stream| {
                task::spawn(async move {
                    stream.write_all(b"last word").await.unwrap();
                    stream.shutdown().await.unwrap();
                    let mut heard = Vec::new();
                    stream.read_to_end(&mut heard).await.unwrap();
                    heard
                })
            });
            assert_eq!((one.await.unwrap(), other.await.unwrap()), (b"last word".to_vec(), b"last word".to_vec()));
        });
    }
}

/// The generator of Numerical Recipes: a seed names a run.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

async fn echo(mut stream: TcpStream) {
    let mut buf = [0; 256];
    while let Ok(n @ 1..) = stream.read(&mut buf).await {
        if stream.write_all(&buf[..n]).await.is_err() {
            return;
        }
    }
}

/// A client that leaves at some point of a conversation, in one of four ways. True if it heard all it asked for.
async fn fickle_client(addr: SocketAddr, seed: u64) -> bool {
    let mut dice = Lcg(seed);
    let connecting = TcpStream::connect(addr);
    let mut stream = connecting.await.unwrap();
    for _ in 0..dice.below(4) {
        stream.write_all(&[9; 200]).await.unwrap();
        stream.read_exact(&mut [0; 200]).await.unwrap();
    }
    match dice.below(4) {
        0 => {
            stream.shutdown().await.unwrap();
            return stream.read(&mut [0; 8]).await.unwrap() == 0;
        }
        1 => stream.set_zero_linger().unwrap(),
        2 => {
            let _ = stream.write(&[9; 100]).await;
        }
        _ => {
            // Leaves in the middle of a read, by abort.
            let reading: JoinHandle<_> = task::spawn(async move { stream.read(&mut [0; 8]).await });
            task::yield_now().await;
            reading.abort();
            assert!(reading.await.unwrap_err().is_cancelled());
        }
    }
    true
}

/// Serves `clients` fickle clients, fifty at a time.
async fn serve_fickle_clients(clients: u64, seed: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = task::spawn(async move {
        let mut tasks = Vec::new();
        for _ in 0..clients {
            tasks.push(task::spawn(echo(listener.accept().await.unwrap().0)));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    for wave in 0..clients / 50 {
        let wave: Vec<_> = (0..50).map(|i| task::spawn(fickle_client(addr, seed + wave * 50 + i))).collect();
        for client in wave {
            assert!(client.await.unwrap());
        }
    }
    server.await.unwrap();
}

fn assert_nothing_left(rt: &Runtime) {
    let metrics = rt.metrics();
    assert_eq!(metrics.num_alive_tasks(), 0);
    assert_eq!(metrics.io_driver_fd_registered_count(), metrics.io_driver_fd_deregistered_count());
}

/// `CONNECTIONS=250000 cargo test --release -p mini_tokio --test net_faults at_random` keeps a machine busy for minutes.
#[test]
fn connections_opened_and_dropped_at_random_leave_nothing_behind() {
    let connections = env::var("CONNECTIONS").map_or(600, |number| number.parse().expect("CONNECTIONS is a number"));
    for rt in runtimes() {
        for served in (0..connections).step_by(600) {
            rt.block_on(serve_fickle_clients(600, served));
            assert_nothing_left(&rt);
        }
    }
}
