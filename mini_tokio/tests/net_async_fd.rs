//! `AsyncFd`: any descriptor that epoll takes, the guards' two duties, and whose event it is.

mod net_support;

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::{Context, Poll};

use mini_tokio::io::unix::AsyncFd;
use mini_tokio::io::{Interest, Ready};
use mini_tokio::task;
use net_support::{Wakes, current_thread, runtimes};

fn watch<T: AsRawFd>(inner: T, interest: Interest) -> AsyncFd<T> {
    // SAFETY: all that is watched here owns its descriptor and is not exchanged.
    unsafe { AsyncFd::register_with_interest(inner, interest) }.unwrap()
}

fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
    let (ours, peer) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    (watch(ours, Interest::READABLE | Interest::WRITABLE), peer)
}

#[test]
fn a_guard_gives_the_readiness_back_when_the_attempt_would_block() {
    for rt in runtimes() {
        rt.block_on(async {
            let (fd, mut peer) = pair();
            peer.write_all(b"x").unwrap();
            let mut ready = fd.readable().await.unwrap();
            assert_eq!(ready.try_io(|fd| fd.get_ref().read(&mut [0; 8])).unwrap().unwrap(), 1);
            assert!(ready.ready().is_readable(), "an attempt that succeeded takes nothing back");
            assert!(ready.try_io(|fd| fd.get_ref().read(&mut [0; 8])).is_err());
            assert!(ready.ready().is_empty());
            let (_, waker) = Wakes::new();
            assert!(fd.poll_read_ready(&mut Context::from_waker(&waker)).is_pending());
            peer.write_all(b"y").unwrap();
            assert_eq!(fd.async_io(Interest::READABLE, |mut fd| fd.read(&mut [0; 8])).await.unwrap(), 1);
        });
    }
}

#[test]
fn a_clear_that_comes_after_the_next_event_does_nothing() {
    current_thread().block_on(async {
        let (fd, mut peer) = pair();
        peer.write_all(b"x").unwrap();
        let mut old = fd.readable().await.unwrap();
        fd.get_ref().read_exact_two();
        // News since the guard was made. That it has been delivered shows only in another registration's event.
        peer.write_all(b"y").unwrap();
        let (other, mut other_peer) = pair();
        other_peer.write_all(b"z").unwrap();
        other.readable().await.unwrap().retain_ready();
        old.clear_ready();
        assert!(fd.try_io(Interest::READABLE, |mut fd| fd.read(&mut [0; 8])).unwrap() > 0);
    });
}

trait ReadExactTwo {
    fn read_exact_two(&self);
}

impl ReadExactTwo for UnixStream {
    /// Empties the socket: one byte, and then `WouldBlock`.
    fn read_exact_two(&self) {
        let mut this = self;
        assert_eq!(this.read(&mut [0; 8]).unwrap(), 1);
        assert_eq!(this.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn one_kind_is_cleared_and_the_other_stays() {
    current_thread().block_on(async {
        let (mut fd, mut peer) = pair();
        peer.write_all(b"x").unwrap();
        fd.readable().await.unwrap().retain_ready();
        let mut ready = fd.ready_mut(Interest::READABLE | Interest::WRITABLE).await.unwrap();
        assert!(ready.ready().is_readable() && ready.ready().is_writable());
        ready.clear_ready_matching(Ready::READABLE);
        assert!(!ready.ready().is_readable() && ready.ready().is_writable());
        assert!(fd.try_io_mut(Interest::WRITABLE, |fd| fd.write(b"y")).is_ok());
        let error = fd.try_io(Interest::READABLE, |_| -> std::io::Result<()> { panic!("not ready") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn what_epoll_refuses_is_given_back() {
    current_thread().block_on(async {
        let file = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
        let number = file.as_raw_fd();
        // SAFETY: the file owns its descriptor.
        let error = unsafe { AsyncFd::register(file) }.unwrap_err();
        assert_eq!(error.to_string(), std::io::Error::from_raw_os_error(libc::EPERM).to_string());
        let (file, cause) = error.into_parts();
        assert_eq!((file.as_raw_fd(), cause.raw_os_error()), (number, Some(libc::EPERM)));
    });
}

#[test]
fn the_owner_comes_back_and_can_be_watched_again() {
    current_thread().block_on(async {
        let (fd, mut peer) = pair();
        let inner = fd.into_inner();
        let fd = watch(inner, Interest::READABLE);
        peer.write_all(b"x").unwrap();
        assert_eq!(fd.async_io(Interest::READABLE, |mut fd| fd.read(&mut [0; 8])).await.unwrap(), 1);
        drop(fd);
        assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0, "dropped with the AsyncFd");
    });
}

/// SLOTS-1: the event is in the kernel's list, or fetched, when its registration ends.
#[test]
fn a_registration_dropped_while_its_event_is_in_flight_wakes_nobody() {
    current_thread().block_on(async {
        for _ in 0..1000 {
            let (fd, mut peer) = pair();
            let (wakes, waker) = Wakes::new();
            let mut cx = Context::from_waker(&waker);
            assert!(fd.poll_read_ready(&mut cx).is_pending());
            peer.write_all(b"x").unwrap(); // the kernel has the event, and nobody has turned
            let inner = fd.into_inner(); // it ends here, the descriptor stays open
            // The same descriptor in the same slot: an event is told to it only if it is its own.
            let again = watch(inner, Interest::WRITABLE);
            again.writable().await.unwrap().retain_ready();
            assert_eq!(wakes.count(), 0);
            let known = again.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap().ready();
            assert!(!known.is_readable(), "nobody asked the kernel for that");
        }
    });
}

#[test]
fn a_reused_descriptor_never_sees_its_predecessors_event() {
    for rt in runtimes() {
        rt.block_on(async {
            let mut reused = 0;
            for _ in 0..1000 {
                let (fd, mut peer) = pair();
                let (_, waker) = Wakes::new();
                assert!(fd.poll_read_ready(&mut Context::from_waker(&waker)).is_pending());
                peer.write_all(b"x").unwrap();
                let number = fd.as_raw_fd();
                let kept = fd.get_ref().try_clone().unwrap(); // so the open file, and the kernel's interest, may live on
                drop(fd);
                // The lowest free number is the one just given up, unless another test was quicker.
                let (fd, _quiet_peer) = pair();
                reused += usize::from(fd.as_raw_fd() == number);
                let mut readable = pin!(fd.readable());
                let (new_wakes, waker) = Wakes::new();
                assert!(matches!(readable.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending));
                fd.writable().await.unwrap().retain_ready(); // a turn has been made
                task::yield_now().await;
                assert!(matches!(readable.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending));
                assert_eq!(new_wakes.count(), 0);
                drop(kept);
            }
            assert!(reused > 0);
        });
    }
}
