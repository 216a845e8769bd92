//! What sockets do when something goes wrong: addresses, runtimes and peers that are not as they should be.

mod net_support;

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use mini_tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use mini_tokio::net::{TcpListener, TcpSocket, TcpStream};
use mini_tokio::runtime::Builder;
use mini_tokio::task;
use net_support::{Wakes, current_thread, pair, poll_read, runtimes, with_std_peer};

const SHUTTING_DOWN: &str = "A Tokio 1.x context was found, but it is being shutdown.";

/// An address at which nobody listens, and nobody else can as long as the socket lives.
fn dead_address() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

/// The message and the file of the panic of `f`.
fn panic_of(f: impl FnOnce()) -> (String, String) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    static FILE: Mutex<String> = Mutex::new(String::new());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|info| *FILE.lock().unwrap() = info.location().unwrap().file().to_owned()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(f));
    panic::set_hook(usual);
    let payload = outcome.expect_err("it panics");
    let message =
        payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string()));
    (message.unwrap(), FILE.lock().unwrap().clone())
}

#[test]
fn an_address_in_use_is_refused_and_the_next_one_tried() {
    for rt in runtimes() {
        rt.block_on(async {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let taken = first.local_addr().unwrap();
            assert_eq!(TcpListener::bind(taken).await.unwrap_err().kind(), ErrorKind::AddrInUse);
            let free: SocketAddr = "127.0.0.1:0".parse().unwrap();
            let second = TcpListener::bind(&[taken, free][..]).await.unwrap();
            assert_ne!(second.local_addr().unwrap(), taken);
            assert_eq!(TcpListener::bind(&[][..]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        });
    }
}

#[test]
fn a_refused_connection_is_an_error_and_the_next_address_tried() {
    for rt in runtimes() {
        rt.block_on(async {
            let (_socket, dead) = dead_address();
            assert_eq!(TcpStream::connect(dead).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
            let socket = TcpSocket::new_v4().unwrap();
            assert_eq!(socket.connect(dead).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let alive = listener.local_addr().unwrap();
            let stream = TcpStream::connect(&[dead, alive][..]).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), alive);
            assert_eq!(TcpStream::connect(&[][..]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        });
    }
}

#[test]
fn outside_a_runtime_a_socket_panics_where_it_was_made() {
    let no_runtime = "there is no reactor running, must be called from the context of a Tokio 1.x runtime";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let (message, file) = panic_of(|| drop(TcpListener::from_std(listener)));
    assert_eq!((message.as_str(), file.as_str()), (no_runtime, file!()));
    let (message, _) = panic_of(|| drop(futures::executor::block_on(TcpStream::connect(addr))));
    assert_eq!(message, no_runtime);
}

#[test]
fn without_io_a_socket_panics_where_it_was_made() {
    let disabled = "A Tokio 1.x context was found, but IO is disabled. \
                    Call `enable_io` on the runtime builder to enable IO.";
    let without_io = [
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap(),
    ];
    for rt in without_io {
        let _entered = rt.enter();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let (message, file) = panic_of(|| drop(TcpStream::from_std(stream)));
        assert_eq!((message.as_str(), file.as_str()), (disabled, file!()));
        let (message, file) = panic_of(|| drop(TcpSocket::new_v4().unwrap().listen(1)));
        assert_eq!((message.as_str(), file.as_str()), (disabled, file!()));
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_blocking_socket_is_refused_in_debug_builds() {
    let rt = current_thread();
    let _entered = rt.enter();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (message, file) = panic_of(|| drop(TcpListener::from_std(listener)));
    assert!(message.starts_with("Registering a blocking socket with the tokio runtime is unsupported"), "{message}");
    assert_eq!(file, file!());
}

#[test]
fn a_reset_ends_a_pending_read() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut ours, peer) = pair().await;
            let reading = task::spawn(async move {
                let outcome = ours.read(&mut [0; 8]).await;
                (ours, outcome)
            });
            task::yield_now().await;
            peer.set_zero_linger().unwrap();
            drop(peer);
            let (mut ours, outcome) = reading.await.unwrap();
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ConnectionReset);
            // The error was told once; what is left is a connection that has ended.
            assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
            assert_eq!(ours.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            ours.shutdown().await.unwrap();
        });
    }
}

#[test]
fn bytes_before_a_reset_may_be_lost_but_a_read_never_hangs() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut ours, mut peer) = with_std_peer().await;
            peer.write_all(b"abc").unwrap();
            ours.read_exact(&mut [0; 2]).await.unwrap();
            socket2::SockRef::from(&peer).set_linger(Some(std::time::Duration::ZERO)).unwrap();
            drop(peer);
            loop {
                match ours.read(&mut [0; 8]).await {
                    Ok(0) => break,
                    Ok(n) => assert_eq!(n, 1),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
                }
            }
        });
    }
}

#[test]
fn what_waits_when_the_runtime_ends_is_woken_and_told() {
    for rt in runtimes() {
        let (mut ours, peer, listener) = rt.block_on(async {
            let (ours, peer) = pair().await;
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            (ours, peer, listener)
        });
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        assert!(poll_read(&mut ours, &mut cx, 8).is_pending());
        assert!(listener.poll_accept(&mut cx).is_pending());
        // The accepted end is assumed to be ready until a try finds it empty, and a try during which the driver delivers
        // the socket's first event clears nothing: its view is a stale one.
        while pin!(peer.ready(Interest::READABLE)).poll(&mut cx).is_ready() {
            assert_eq!(peer.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        let mut readable = pin!(peer.ready(Interest::READABLE));
        assert!(readable.as_mut().poll(&mut cx).is_pending());
        assert_eq!(wakes.count(), 0);

        let handle = rt.handle().clone();
        drop(rt);
        assert_eq!(wakes.count(), 3);
        told(poll_read(&mut ours, &mut cx, 8));
        told(listener.poll_accept(&mut cx));
        told(readable.as_mut().poll(&mut cx));
        told(pin!(ours.write(b"x")).poll(&mut cx));
        told(pin!(listener.accept()).poll(&mut cx));
        told(Poll::Ready(peer.try_read(&mut [0; 8])));
        assert_eq!(peer.local_addr().unwrap(), ours.peer_addr().unwrap(), "what needs no reactor still works");

        let _entered = handle.enter();
        told(pin!(TcpStream::connect(ours.local_addr().unwrap())).poll(&mut cx));
        told(pin!(TcpListener::bind("127.0.0.1:0")).poll(&mut cx));
    }

    fn told<T: std::fmt::Debug>(answer: Poll<io::Result<T>>) {
        let Poll::Ready(answer) = answer else { panic!("still waiting") };
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Other, SHUTTING_DOWN));
    }
}

#[test]
fn a_runtime_ends_although_its_tasks_read() {
    for rt in runtimes() {
        let (peer, reading) = rt.block_on(async {
            let (mut ours, peer) = with_std_peer().await;
            let reading = task::spawn(async move { ours.read(&mut [0; 8]).await });
            task::yield_now().await;
            (peer, reading)
        });
        drop(rt);
        assert!(futures::executor::block_on(reading).unwrap_err().is_cancelled());
        // The stream was closed with its task.
        let mut peer = peer;
        assert_eq!(std::io::Read::read(&mut peer, &mut [0; 8]).unwrap(), 0);
    }
}

#[test]
fn a_connect_that_is_dropped_closes_its_socket() {
    current_thread().block_on(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut connecting = Box::pin(TcpStream::connect(listener.local_addr().unwrap()));
        let (_wakes, waker) = Wakes::new();
        // The reactor is not turned in between, so the first poll cannot know that the connection is made.
        assert!(connecting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(connecting);
        let (mut peer, _) = listener.accept().unwrap();
        assert_eq!(std::io::Read::read(&mut peer, &mut [0; 8]).unwrap(), 0);
    });
}
