//! What real sockets report, and the operations on top of it.

use super::*;
use std::cell::Cell;
use std::os::fd::AsRawFd;

#[test]
fn try_io_calls_only_when_ready_and_clears_on_would_block() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    let calls = Cell::new(0);
    let read = |rig: &Rig| {
        rig.registration.try_io(Interest::READABLE, || {
            calls.set(calls.get() + 1);
            (&rig.ours).read(&mut [0; 8])
        })
    };
    assert_eq!(read(&rig).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(calls.get(), 0);
    rig.peer.write_all(b"ab").unwrap();
    rig.turn_until(Ready::READABLE);
    assert_eq!(read(&rig).unwrap(), 2);
    assert_eq!(rig.ready(), Ready::READABLE | Ready::WRITABLE, "until an attempt says otherwise");
    assert_eq!(read(&rig).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!((rig.ready(), calls.get()), (Ready::WRITABLE, 2));
    assert_eq!(read(&rig).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(calls.get(), 2);
}

#[test]
fn an_event_between_attempt_and_clear_survives_the_clear() {
    let mut rig = rig();
    rig.deliver(Ready::READABLE);
    let registration = rig.registration.clone();
    let outcome: io::Result<()> = registration.try_io(Interest::READABLE, || {
        rig.deliver(Ready::READABLE);
        Err(io::ErrorKind::WouldBlock.into())
    });
    assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(rig.ready(), Ready::READABLE);
}

#[test]
fn poll_io_tries_until_it_has_an_answer_or_must_wait() {
    let mut rig = rig();
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    rig.deliver(Ready::READABLE); // a false alarm
    let mut calls = 0;
    let mut attempt = |rig: &Rig, cx: &mut Context<'_>| {
        rig.registration.poll_io(cx, Direction::Read, || {
            calls += 1;
            (&rig.ours).read(&mut [0; 8])
        })
    };
    assert!(attempt(&rig, &mut cx).is_pending());
    rig.peer.write_all(b"abc").unwrap();
    rig.turn_until(Ready::READABLE);
    assert_eq!(count.wakes(), 1);
    let Poll::Ready(Ok(3)) = attempt(&rig, &mut cx) else { panic!("three bytes are there") };
    assert_eq!(calls, 2);
}

#[test]
fn a_half_close_by_the_peer_is_final_for_reading_alone() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    assert_eq!(rig.ready(), Ready::WRITABLE);
    rig.peer.shutdown(std::net::Shutdown::Write).unwrap();
    rig.turn_until(Ready::READ_CLOSED);
    assert_eq!(rig.ready(), Ready::READABLE | Ready::READ_CLOSED | Ready::WRITABLE);
    rig.registration.clear(everything(&rig.registration));
    assert_eq!(rig.ready(), Ready::READ_CLOSED);
    assert_eq!(rig.registration.try_io(Interest::READABLE, || (&rig.ours).read(&mut [0])).unwrap(), 0);
}

#[test]
fn a_reset_by_the_peer_ends_both_directions_and_is_an_error() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    let (count, waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_pending());
    // Data unread at the peer turn its close into a reset.
    (&rig.ours).write_all(b"unread").unwrap();
    let peer = std::mem::replace(&mut rig.peer, connection().1);
    peer.peek(&mut [0]).unwrap();
    drop(peer);
    rig.turn_until(Ready::READ_CLOSED | Ready::WRITE_CLOSED | Ready::ERROR);
    assert_eq!(count.wakes(), 1);
    let answer = rig.registration.try_io(Interest::READABLE, || (&rig.ours).read(&mut [0]));
    assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_listener_and_a_connecting_stream_are_sources() {
    let (mut reactor, handle) = Reactor::new(8).unwrap();
    let mut listener = mio::net::TcpListener::bind(localhost()).unwrap();
    let accepting = handle.register(&mut listener, Interest::READABLE).unwrap();
    let mut client = mio::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let connecting = handle.register(&mut client, Interest::READABLE | Interest::WRITABLE).unwrap();
    turn_until(&mut reactor, || {
        everything(&accepting).ready.is_readable() && everything(&connecting).ready.is_writable()
    });
    let (_stream, from) = accepting.try_io(Interest::READABLE, || listener.accept()).unwrap();
    assert_eq!(from, client.local_addr().unwrap());
    assert!(client.take_error().unwrap().is_none());
}

#[test]
fn a_raw_descriptor_is_a_source_and_a_dead_reader_closes_a_pipe_for_writing() {
    let (mut reactor, handle) = Reactor::new(8).unwrap();
    let (mut sender, mut receiver) = mio::unix::pipe::new().unwrap();
    let (read_fd, write_fd) = (receiver.as_raw_fd(), sender.as_raw_fd());
    let reading = handle.register(&mut mio::unix::SourceFd(&read_fd), Interest::READABLE).unwrap();
    let writing = handle.register(&mut mio::unix::SourceFd(&write_fd), Interest::WRITABLE).unwrap();
    turn_until(&mut reactor, || everything(&writing).ready.is_writable());
    writing.try_io(Interest::WRITABLE, || sender.write(b"x")).unwrap();
    turn_until(&mut reactor, || everything(&reading).ready.is_readable());
    assert_eq!(reading.try_io(Interest::READABLE, || receiver.read(&mut [0])).unwrap(), 1);
    reading.deregister(&mut mio::unix::SourceFd(&read_fd)).unwrap();
    drop(receiver);
    turn_until(&mut reactor, || everything(&writing).ready.is_write_closed());
    assert!(everything(&writing).ready.is_error());
}

#[test]
fn urgent_data_are_a_priority() {
    let (mut reactor, handle) = Reactor::new(8).unwrap();
    let (mut ours, peer) = connection();
    let registration = handle.register(&mut ours, Interest::PRIORITY).unwrap();
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert!(!everything(&registration).ready.is_priority());
    // SAFETY: the descriptor is open and the buffer is one byte long.
    assert_eq!(unsafe { libc::send(peer.as_raw_fd(), b"!".as_ptr().cast(), 1, libc::MSG_OOB) }, 1);
    turn_until(&mut reactor, || registration.ready_now(Interest::PRIORITY).ready.is_priority());
}

#[test]
fn an_assumed_readiness_lasts_until_an_attempt_would_block() {
    let rig = rig();
    assert!(rig.registration.ready_now(Interest::READABLE).ready.is_empty());
    rig.registration.assume_ready(Interest::READABLE);
    assert_eq!(rig.registration.ready_now(Interest::READABLE | Interest::WRITABLE).ready, Ready::READABLE);
    let mut attempts = 0;
    let attempt = rig.registration.try_io(Interest::READABLE, || {
        attempts += 1;
        (&rig.ours).read(&mut [0; 8])
    });
    assert_eq!(attempt.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(attempts, 1);
    assert!(rig.registration.ready_now(Interest::READABLE).ready.is_empty());
}
