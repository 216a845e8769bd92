//! Tests on real loopback sockets, with the turns made by hand.

mod reentry;
mod shutdown;
mod sockets;
mod table;
mod turns;
mod waiting;

use crate::wakers::Wakers;
use crate::*;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// Counts its wakes.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn new() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (count.clone(), count.into())
    }

    fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn localhost() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// A connection: our end for the reactor, the peer's end blocking.
fn connection() -> (mio::net::TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind(localhost()).unwrap();
    let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    ours.set_nonblocking(true).unwrap();
    (mio::net::TcpStream::from_std(ours), peer)
}

/// A connection registered for both directions.
struct Rig {
    // In the order of the drops that a socket type would have.
    registration: Arc<Registration>,
    ours: mio::net::TcpStream,
    peer: std::net::TcpStream,
    handle: Handle,
    reactor: Reactor,
}

fn rig() -> Rig {
    let (reactor, handle) = Reactor::new(64).unwrap();
    let (mut ours, peer) = connection();
    let registration = Arc::new(handle.register(&mut ours, Interest::READABLE | Interest::WRITABLE).unwrap());
    Rig { registration, ours, peer, handle, reactor }
}

impl Rig {
    fn ready(&self) -> Ready {
        everything(&self.registration).ready
    }

    /// Turns until the registration knows all of `wanted`.
    fn turn_until(&mut self, wanted: Ready) {
        let registration = self.registration.clone();
        turn_until(&mut self.reactor, || everything(&registration).ready & wanted == wanted);
    }

    /// Delivers a made-up event to the registration.
    fn deliver(&mut self, ready: Ready) -> usize {
        let token = self.registration.token().pack();
        self.handle.dispatch(&mut Wakers::default(), [(token, ready)].into_iter()).woken
    }
}

fn everything(registration: &Registration) -> ReadyEvent {
    let all = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY | Interest::ERROR;
    registration.ready_now(all)
}

/// Turns until `done`, which must come to pass in ten seconds.
fn turn_until(reactor: &mut Reactor, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < deadline, "what the test waits for has not come");
        reactor.turn(Some(Duration::from_millis(100))).unwrap();
    }
}

/// Runs a test that would hang, were it to fail, and fails it then.
fn within_ten_seconds(test: impl FnOnce() + Send + 'static) {
    let (done, finished) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        test();
        done.send(()).unwrap();
    });
    if let Err(std::sync::mpsc::RecvTimeoutError::Timeout) = finished.recv_timeout(Duration::from_secs(10)) {
        panic!("the test hangs");
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn the_public_types_cross_threads_and_unwinding() {
    fn shared<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    fn sent<T: Send>() {}
    shared::<Registration>();
    shared::<Handle>();
    shared::<ReadyEvent>();
    shared::<Readiness<'static>>();
    sent::<Reactor>();
}

#[test]
fn interests_and_readiness_print_as_tokio_prints_them() {
    assert_eq!(format!("{:?}", Interest::WRITABLE | Interest::READABLE), "READABLE | WRITABLE");
    assert_eq!(format!("{:?}", Interest::ERROR | Interest::PRIORITY), "PRIORITY | ERROR");
    assert_eq!(
        format!("{:?}", Ready::READ_CLOSED),
        "Ready { is_readable: true, is_writable: false, is_read_closed: true, is_write_closed: false, \
         is_error: false, is_priority: false }"
    );
}

#[test]
fn an_interest_becomes_its_own_readiness_and_the_closing_that_answers_it() {
    assert_eq!(Ready::from_interest(Interest::READABLE), Ready::READABLE | Ready::READ_CLOSED);
    assert_eq!(Ready::from_interest(Interest::WRITABLE), Ready::WRITABLE | Ready::WRITE_CLOSED);
    assert_eq!(Ready::from_interest(Interest::ERROR), Ready::ERROR);
    assert_eq!(Ready::from_interest(Interest::PRIORITY), Ready::PRIORITY | Ready::READ_CLOSED);
    assert_eq!(Interest::ERROR.to_mio(), mio::Interest::READABLE);
}
