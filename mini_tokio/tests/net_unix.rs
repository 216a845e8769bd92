//! Unix sockets: streams, listeners and datagrams within the machine, by path, by abstract name and without a name.

mod net_support;

use std::future::poll_fn;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use mini_tokio::io::{self, AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
use mini_tokio::net::unix::UCred;
use mini_tokio::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
use mini_tokio::task;
use net_support::{Wakes, current_thread, runtimes};

/// A path at which nothing is, and from which everything is removed at the end.
struct TempPath(PathBuf);

impl TempPath {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("mini_tokio-{}-{}.sock", std::process::id(), COUNT.fetch_add(1, Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for TempPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn an_echo_by_path_returns_every_byte() {
    for rt in runtimes() {
        rt.block_on(async {
            let path = TempPath::new();
            let listener = UnixListener::bind(&path.0).unwrap();
            assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(path.0.as_path()));
            let server = task::spawn(async move {
                let (mut stream, peer) = listener.accept().await.unwrap();
                assert!(peer.is_unnamed());
                let (mut reader, mut writer) = stream.split();
                io::copy(&mut reader, &mut writer).await.unwrap()
            });
            let client = UnixStream::connect(&path.0).await.unwrap();
            assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(path.0.as_path()));
            let (mut reader, mut writer) = client.into_split();
            let sent: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(31) >> 3) as u8).collect();
            let expected = sent.clone();
            let writing = task::spawn(async move {
                writer.write_all(&sent).await.unwrap();
                writer // dropped by whoever joins: only then the stream ends
            });
            let mut received = vec![0; expected.len()];
            reader.read_exact(&mut received).await.unwrap();
            assert!(received == expected);
            drop(writing.await.unwrap());
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            assert_eq!(server.await.unwrap(), 1_000_000);
        });
    }
}

#[test]
fn the_kernel_says_who_is_at_the_other_end() {
    current_thread().block_on(async {
        let (one, other) = UnixStream::pair().unwrap();
        let cred: UCred = one.peer_cred().unwrap();
        assert_eq!(cred, other.peer_cred().unwrap());
        // SAFETY: these calls cannot fail and touch no memory.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        assert_eq!((cred.uid(), cred.gid()), (uid, gid));
        assert_eq!(cred.pid(), Some(std::process::id() as i32));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_name_leaves_no_file() {
    current_thread().block_on(async {
        let name = format!("\0mini_tokio-test-{}", std::process::id());
        let listener = UnixListener::bind(&name).unwrap();
        let addr = listener.local_addr().unwrap();
        assert_eq!(addr.as_abstract_name(), Some(&name.as_bytes()[1..]));
        let (client, accepted) = (UnixStream::connect(&name).await.unwrap(), listener.accept().await.unwrap().0);
        assert_eq!(client.peer_addr().unwrap().as_abstract_name(), accepted.local_addr().unwrap().as_abstract_name());
        let _ = (UnixStream::connect_addr(&addr).await.unwrap(), listener.accept().await.unwrap().0);
        drop(listener);
        let listener = UnixListener::bind_addr(&addr).unwrap(); // the name is free again
        drop(listener);

        let receiver = UnixDatagram::bind(&name).unwrap();
        let sender = UnixDatagram::bind(format!("{name}-sender")).unwrap();
        sender.send_to(b"x", &name).await.unwrap();
        let mut bytes = Vec::with_capacity(8);
        let (n, from) = receiver.recv_buf_from(&mut bytes).await.unwrap();
        assert_eq!((n, from.as_abstract_name()), (1, Some(format!("{name}-sender").as_bytes()[1..].as_ref())));
    });
}

#[test]
fn nobody_at_the_path_is_an_error() {
    current_thread().block_on(async {
        let path = TempPath::new();
        assert_eq!(UnixStream::connect(&path.0).await.unwrap_err().kind(), ErrorKind::NotFound);
        drop(UnixListener::bind(&path.0).unwrap());
        assert_eq!(UnixStream::connect(&path.0).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(UnixListener::bind(&path.0).unwrap_err().kind(), ErrorKind::AddrInUse);
    });
}

#[test]
fn halves_find_each_other_and_a_writing_half_ends_its_direction() {
    current_thread().block_on(async {
        let (one, mut other) = UnixStream::pair().unwrap();
        let (reader, writer) = one.into_split();
        let (stranger, _writer) = UnixStream::pair().unwrap().0.into_split();
        let error = writer.reunite(stranger).unwrap_err();
        assert_eq!(error.to_string(), "tried to reunite halves that are not from the same socket");
        let (reader, writer) = reader.reunite(error.1).unwrap().into_split();
        drop(writer);
        assert_eq!(other.read(&mut [0; 8]).await.unwrap(), 0);
        other.write_all(b"still").await.unwrap();
        let mut bytes = [0; 5];
        let mut reader = reader;
        reader.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"still");
    });
}

#[test]
fn a_stream_comes_from_the_standard_library_and_goes_back() {
    current_thread().block_on(async {
        let (ours, mut peer) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let mut ours = UnixStream::from_std(ours).unwrap();
        peer.write_all(b"to you").unwrap();
        let mut bytes = Vec::with_capacity(2);
        ours.readable().await.unwrap();
        assert_eq!(ours.try_read_buf(&mut bytes).unwrap(), 2);
        ours.read_exact(&mut [0; 4]).await.unwrap();
        assert_eq!(ours.try_read(&mut [0; 4]).unwrap_err().kind(), ErrorKind::WouldBlock);
        ours.write_all(b"and back").await.unwrap();
        let mut back = ours.into_std().unwrap();
        let mut bytes = [0; 8];
        peer.read_exact(&mut bytes).unwrap();
        back.set_nonblocking(false).unwrap();
        peer.write_all(b"!").unwrap();
        back.read_exact(&mut bytes[..1]).unwrap();
        assert_eq!(&bytes, b"!nd back");
    });
}

#[test]
fn a_socket_becomes_what_it_was_made_for_and_nothing_else() {
    current_thread().block_on(async {
        let path = TempPath::new();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&path.0).unwrap();
        let listener = socket.listen(8).unwrap();
        let _client = UnixSocket::new_stream().unwrap().connect(&path.0).await.unwrap();
        listener.accept().await.unwrap();
        for (error, message) in [
            (
                UnixSocket::new_datagram().unwrap().listen(8).unwrap_err(),
                "listen cannot be called on a datagram socket",
            ),
            (
                UnixSocket::new_datagram().unwrap().connect(&path.0).await.unwrap_err(),
                "connect cannot be called on a datagram socket",
            ),
            (UnixSocket::new_stream().unwrap().datagram().unwrap_err(), "datagram cannot be called on a stream socket"),
        ] {
            assert_eq!(error.to_string(), message);
        }
        let path = TempPath::new();
        let socket = UnixSocket::new_datagram().unwrap();
        socket.bind(&path.0).unwrap();
        let bound = socket.datagram().unwrap();
        UnixDatagram::unbound().unwrap().send_to(b"x", &path.0).await.unwrap();
        assert_eq!(bound.recv(&mut [0; 4]).await.unwrap(), 1);
    });
}

#[test]
fn every_way_of_receiving_a_datagram_gets_the_same_bytes() {
    for rt in runtimes() {
        rt.block_on(async {
            let (to, from) = (TempPath::new(), TempPath::new());
            let receiver = UnixDatagram::bind(&to.0).unwrap();
            let sender = UnixDatagram::bind(&from.0).unwrap();
            for way in 0..8 {
                assert_eq!(sender.send_to(b"datagram", &to.0).await.unwrap(), 8);
                receiver.readable().await.unwrap();
                let mut buf = [0; 16];
                let mut vec = Vec::new();
                let name = match way {
                    0 => receiver.recv(&mut buf).await.map(|_| None),
                    1 => receiver.recv_from(&mut buf).await.map(|(_, from)| Some(from)),
                    2 => receiver.try_recv_from(&mut buf).map(|(_, from)| Some(from)),
                    3 => receiver.recv_buf(&mut vec).await.map(|_| None),
                    4 => receiver.recv_buf_from(&mut vec).await.map(|(_, from)| Some(from)),
                    5 => receiver.try_recv_buf(&mut vec).map(|_| None),
                    6 => receiver.try_recv_buf_from(&mut vec).map(|(_, from)| Some(from)),
                    _ => {
                        let mut room = ReadBuf::new(&mut buf);
                        poll_fn(|cx| receiver.poll_recv_from(cx, &mut room)).await.map(Some)
                    }
                };
                if let Some(name) = name.unwrap() {
                    assert_eq!(name.as_pathname(), Some(from.0.as_path()));
                }
                assert!(buf.starts_with(b"datagram") || vec == b"datagram", "way {way}");
            }
        });
    }
}

#[test]
fn a_connected_sender_waits_for_room_in_the_receivers_queue() {
    for rt in runtimes() {
        rt.block_on(async {
            let (a, b) = UnixDatagram::pair().unwrap();
            a.writable().await.unwrap();
            while a.try_send(&[7; 1000]).is_ok() {}
            let (wakes, waker) = Wakes::new();
            let mut sending = pin!(a.send(b"one more"));
            assert!(sending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            let mut buf = [0; 1000];
            while wakes.count() == 0 {
                let _ = b.try_recv(&mut buf); // may find nothing, or not know yet that there is something
                task::yield_now().await;
            }
            assert!(matches!(sending.poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(8))));
        });
    }
}

#[test]
fn sending_to_a_datagram_socket_that_is_shut_down_or_gone_is_an_error() {
    current_thread().block_on(async {
        let (a, b) = UnixDatagram::pair().unwrap();
        b.shutdown(Shutdown::Read).unwrap();
        assert_eq!(a.send(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        let path = TempPath::new();
        let receiver = UnixDatagram::bind(&path.0).unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        sender.connect(&path.0).unwrap();
        assert_eq!(sender.peer_addr().unwrap().as_pathname(), Some(path.0.as_path()));
        drop(receiver);
        assert_eq!(sender.send(b"x").await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    });
}

/// Linux reports such a socket as readable and closed, and answers `WouldBlock`: READY-3.
#[test]
fn a_receiver_that_is_shut_down_for_reading_waits_and_does_not_spin() {
    current_thread().block_on(async {
        let (_a, b) = UnixDatagram::pair().unwrap();
        b.shutdown(Shutdown::Read).unwrap();
        b.readable().await.unwrap();
        let mut bytes = [0; 8];
        let mut room = ReadBuf::new(&mut bytes);
        assert!(poll_fn(|cx| Poll::Ready(b.poll_recv(cx, &mut room).is_pending())).await);
    });
}

#[test]
fn what_waits_when_the_runtime_ends_is_woken_and_told() {
    for rt in runtimes() {
        let (stream, _peer) = rt.block_on(async { UnixStream::pair().unwrap() });
        let (datagram, _other) = rt.block_on(async { UnixDatagram::pair().unwrap() });
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        let mut byte = [0];
        let mut receiving = pin!(datagram.recv(&mut byte));
        let mut readable = pin!(stream.ready(Interest::READABLE));
        assert!(receiving.as_mut().poll(&mut cx).is_pending());
        assert!(readable.as_mut().poll(&mut cx).is_pending());
        drop(rt);
        assert_eq!(wakes.count(), 2);
        assert!(matches!(receiving.poll(&mut cx), Poll::Ready(Err(_))));
        assert!(matches!(readable.poll(&mut cx), Poll::Ready(Err(_))));
    }
}
