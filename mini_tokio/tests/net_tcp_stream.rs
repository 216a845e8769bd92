//! A TCP stream moves bytes in both directions, whole, split and in halves, on every scheduler.

mod net_support;

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mini_tokio::io::{self, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use mini_tokio::net::{TcpListener, TcpSocket, TcpStream};
use mini_tokio::task;
use net_support::{current_thread, pair, poll_read, runtimes, with_std_peer};

/// Serves `connections` echo clients, a task each, with the given way of echoing.
async fn echo<F>(listener: TcpListener, connections: usize, serve: fn(TcpStream) -> F)
where
    F: Future<Output = io::Result<u64>> + Send + 'static,
{
    let mut tasks = Vec::new();
    for _ in 0..connections {
        tasks.push(task::spawn(serve(listener.accept().await.unwrap().0)));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

async fn with_borrowed_halves(mut stream: TcpStream) -> io::Result<u64> {
    let (mut reader, mut writer) = stream.split();
    io::copy(&mut reader, &mut writer).await
}

async fn with_owned_halves(stream: TcpStream) -> io::Result<u64> {
    let (mut reader, mut writer) = stream.into_split();
    io::copy(&mut reader, &mut writer).await
}

async fn with_io_split(stream: TcpStream) -> io::Result<u64> {
    let (mut reader, mut writer) = io::split(stream);
    io::copy(&mut reader, &mut writer).await
}

/// Sends more than the kernel buffers, while reading it back.
async fn echo_client(addr: std::net::SocketAddr, seed: u8) {
    let sent: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(31) >> 3) as u8 ^ seed).collect();
    let (mut reader, mut writer) = TcpStream::connect(addr).await.unwrap().into_split();
    let expected = sent.clone();
    let writing = task::spawn(async move {
        writer.write_all(&sent).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    let mut received = Vec::new();
    reader.read_to_end(&mut received).await.unwrap();
    writing.await.unwrap();
    assert!(received == expected, "{} bytes came back", received.len());
}

#[test]
fn an_echo_returns_every_byte() {
    for rt in runtimes() {
        rt.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            let server = task::spawn(echo(listener, 2, with_borrowed_halves));
            let other = task::spawn(echo_client(addr, 7));
            echo_client(addr, 99).await;
            other.await.unwrap();
            server.await.unwrap();

            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            let server = task::spawn(echo(listener, 1, with_owned_halves));
            echo_client(addr, 3).await;
            server.await.unwrap();

            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            let server = task::spawn(echo(listener, 1, with_io_split));
            echo_client(addr, 4).await;
            server.await.unwrap();
        });
    }
}

#[test]
fn a_thousand_connections_are_served_at_once() {
    const CONNECTIONS: usize = 1_000;
    raise_descriptor_limit();
    for rt in runtimes() {
        rt.block_on(async {
            let listener = listen_for(CONNECTIONS);
            let addr = listener.local_addr().unwrap();
            let server = task::spawn(echo(listener, CONNECTIONS, with_borrowed_halves));
            let mut clients = Vec::new();
            for _ in 0..CONNECTIONS {
                clients.push(TcpStream::connect(addr).await.unwrap());
            }
            // All of them are open. Each says its number and hears it.
            let talks: Vec<_> = clients
                .into_iter()
                .enumerate()
                .map(|(number, mut stream)| {
                    task::spawn(async move {
                        for round in 0..3u64 {
                            let word = (number as u64 + round * 1_000_000).to_be_bytes();
                            stream.write_all(&word).await.unwrap();
                            let mut heard = [0; 8];
                            stream.read_exact(&mut heard).await.unwrap();
                            assert_eq!(heard, word);
                        }
                    })
                })
                .collect();
            for talk in talks {
                talk.await.unwrap();
            }
            server.await.unwrap();
        });
    }
}

/// A listener whose queue is long enough: a client that finds it full tries again only after a second.
fn listen_for(connections: usize) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(connections as u32).unwrap()
}

fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a pointer to a live `rlimit`.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
}

#[test]
fn halves_of_one_stream_reunite_and_others_come_back() {
    current_thread().block_on(async {
        let (a, mut a_peer) = pair().await;
        let (b, _b_peer) = pair().await;
        let a_addr = a.local_addr().unwrap();
        let (a_read, a_write) = a.into_split();
        let (b_read, b_write) = b.into_split();
        assert_eq!(a_read.local_addr().unwrap(), a_write.local_addr().unwrap());

        let error = a_read.reunite(b_write).unwrap_err();
        assert_eq!(error.to_string(), "tried to reunite halves that are not from the same socket");
        let (a_read, b_write) = (error.0, error.1);
        b_write.reunite(b_read).unwrap();
        let mut a = a_write.reunite(a_read).unwrap();
        assert_eq!(a.local_addr().unwrap(), a_addr);

        // The reunion has shut nothing down.
        a.write_all(b"hi").await.unwrap();
        let mut two = [0; 2];
        a_peer.read_exact(&mut two).await.unwrap();
        assert_eq!(&two, b"hi");
    });
}

#[test]
fn a_write_half_that_is_dropped_ends_the_stream_and_one_that_is_forgotten_does_not() {
    current_thread().block_on(async {
        for forget in [false, true] {
            let (stream, mut peer) = with_std_peer().await;
            let (mut reader, mut writer) = stream.into_split();
            writer.write_all(b"last").await.unwrap();
            if forget {
                writer.forget();
            } else {
                drop(writer);
            }
            let mut buf = [0; 8];
            peer.read_exact(&mut buf[..4]).unwrap();
            assert_eq!(&buf[..4], b"last");
            // A round trip of the other direction: an end of stream would have overtaken nothing.
            peer.write_all(b"x").unwrap();
            assert_eq!(reader.read(&mut buf).await.unwrap(), 1);
            peer.set_nonblocking(true).unwrap();
            let end = peer.read(&mut buf);
            if forget {
                assert_eq!(end.unwrap_err().kind(), ErrorKind::WouldBlock);
            } else {
                assert_eq!(end.unwrap(), 0);
            }
        }
    });
}

#[test]
fn each_direction_closes_by_itself() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut client, mut server) = pair().await;
            client.write_all(b"question").await.unwrap();
            client.shutdown().await.unwrap();
            client.shutdown().await.unwrap(); // again is harmless
            let mut text = String::new();
            server.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "question");
            // The other direction is still open.
            server.write_all(b"answer").await.unwrap();
            drop(server);
            let mut text = String::new();
            client.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "answer");
            assert_eq!(client.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
    }
}

#[test]
fn the_end_of_the_stream_is_read_again_and_again() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut ours, mut peer) = with_std_peer().await;
            peer.write_all(b"x").unwrap();
            drop(peer);
            let mut buf = [0; 64];
            assert_eq!(ours.read(&mut buf).await.unwrap(), 1); // short: the readiness is cleared
            for _ in 0..3 {
                assert_eq!(ours.read(&mut buf).await.unwrap(), 0);
            }
            assert!(ours.ready(Interest::READABLE).await.unwrap().is_read_closed());
        });
    }
}

#[test]
fn a_vectored_write_takes_all_buffers_and_a_vectored_read_fills_them() {
    current_thread().block_on(async {
        let (mut ours, mut peer) = pair().await;
        assert!(ours.is_write_vectored());
        let bufs = [IoSlice::new(b"one"), IoSlice::new(b""), IoSlice::new(b"three")];
        assert_eq!(ours.write_vectored(&bufs).await.unwrap(), 8);
        ours.writable().await.unwrap();
        assert_eq!(ours.try_write_vectored(&bufs).unwrap(), 8);
        let mut first = [0; 8];
        peer.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"onethree");
        peer.readable().await.unwrap();
        let (mut a, mut b) = ([0; 5], [0; 5]);
        let n = peer.try_read_vectored(&mut [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)]).unwrap();
        assert_eq!((n, &a, &b[..3]), (8, b"oneth", &b"ree"[..]));
    });
}

#[test]
fn a_vectored_write_cut_short_by_the_number_of_buffers_does_not_wait_for_room() {
    current_thread().block_on(async {
        let (mut ours, _peer) = with_std_peer().await;
        let bufs = vec![IoSlice::new(b"x"); 5_000];
        let mut cx = Context::from_waker(Waker::noop());
        let mut write = || Pin::new(&mut ours).poll_write_vectored(&mut cx, &bufs);
        assert!(matches!(write(), Poll::Ready(Ok(1_024))));
        assert!(write().is_ready());
    });
}

#[test]
fn a_peek_takes_nothing_away() {
    current_thread().block_on(async {
        let (mut ours, mut peer) = with_std_peer().await;
        peer.write_all(b"hello").unwrap();
        let mut buf = [0; 16];
        for _ in 0..3 {
            assert_eq!(ours.peek(&mut buf).await.unwrap(), 5);
        }
        let mut bytes = [0; 16];
        let mut read_buf = ReadBuf::new(&mut bytes);
        assert_eq!(poll_fn(|cx| ours.poll_peek(cx, &mut read_buf)).await.unwrap(), 5);
        assert_eq!(read_buf.filled(), b"hello");
        let (mut reader, _writer) = ours.split();
        assert_eq!(reader.peek(&mut buf).await.unwrap(), 5);
        assert_eq!(reader.read(&mut buf).await.unwrap(), 5);
        assert_eq!(&buf[..5], b"hello");
    });
}

#[test]
fn tries_never_wait_and_readiness_says_when_to_try_again() {
    for rt in runtimes() {
        rt.block_on(async {
            let (ours, peer) = pair().await;
            let mut buf = [0; 16];
            assert_eq!(ours.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
            let ready = ours.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
            assert!(ready.is_writable() && !ready.is_readable());

            peer.writable().await.unwrap();
            assert_eq!(peer.try_write(b"hello world").unwrap(), 11);
            assert!(ours.ready(Interest::READABLE).await.unwrap().is_readable());
            assert_eq!(ours.try_read(&mut buf[..5]).unwrap(), 5);
            let mut rest = Vec::with_capacity(64);
            assert_eq!(ours.try_read_buf(&mut rest).unwrap(), 6);
            assert_eq!((&buf[..5], &rest[..]), (&b"hello"[..], &b" world"[..]));
            assert_eq!(ours.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);

            // Until the kernel is full, and again when the peer has made room.
            let mut sent = 0;
            let full = loop {
                match ours.try_write(&[7; 65_536]) {
                    Ok(n) => sent += n,
                    Err(error) => break error,
                }
            };
            assert_eq!(full.kind(), ErrorKind::WouldBlock);
            let drain = task::spawn(async move {
                let mut taken = 0;
                while taken < sent {
                    peer.readable().await.unwrap();
                    match peer.try_read(&mut [0; 65_536]) {
                        Ok(n) => taken += n,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                    }
                }
                peer
            });
            poll_fn(|cx| ours.poll_write_ready(cx)).await.unwrap();
            drop(drain.await.unwrap());
            poll_fn(|cx| ours.poll_read_ready(cx)).await.unwrap();
            assert_eq!(ours.try_read(&mut buf).unwrap(), 0);
        });
    }
}

#[test]
fn other_means_can_do_the_operation() {
    current_thread().block_on(async {
        let (ours, mut peer) = with_std_peer().await;
        let socket = socket2::SockRef::from(&ours);
        let mut buf = [0; 8];
        let mut calls = 0;
        let untried = ours.try_io(Interest::READABLE, || {
            calls += 1;
            (&*socket).read(&mut buf)
        });
        assert_eq!((untried.unwrap_err().kind(), calls), (ErrorKind::WouldBlock, 0));
        peer.write_all(b"ab").unwrap();
        let n = ours.async_io(Interest::READABLE, || (&*socket).read(&mut buf)).await.unwrap();
        assert_eq!(&buf[..n], b"ab");
        // Only an attempt that would block takes the readiness back.
        let again = ours.try_io(Interest::READABLE, || {
            calls += 1;
            (&*socket).read(&mut buf)
        });
        assert_eq!((again.unwrap_err().kind(), calls), (ErrorKind::WouldBlock, 1));
        assert!(ours.try_io(Interest::READABLE, || -> io::Result<()> { unreachable!("cleared") }).is_err());
    });
}

#[test]
fn a_short_read_is_known_to_have_emptied_the_socket() {
    // On one thread the reactor is turned only while the root waits: between the two polls nothing can light the bit.
    current_thread().block_on(async {
        let (mut ours, mut peer) = with_std_peer().await;
        let mut cx = Context::from_waker(Waker::noop());
        peer.write_all(b"12345").unwrap();
        ours.readable().await.unwrap();
        assert!(matches!(poll_read(&mut ours, &mut cx, 5), Poll::Ready(Ok(bytes)) if bytes == b"12345"));
        assert!(ours.poll_read_ready(&mut cx).is_ready(), "a full buffer proves nothing");
        assert!(poll_read(&mut ours, &mut cx, 5).is_pending());

        peer.write_all(b"123").unwrap();
        ours.readable().await.unwrap();
        assert!(matches!(poll_read(&mut ours, &mut cx, 5), Poll::Ready(Ok(bytes)) if bytes == b"123"));
        assert!(ours.poll_read_ready(&mut cx).is_pending());

        // And the next byte is an edge of its own.
        peer.write_all(b"4").unwrap();
        assert_eq!(ours.read_u8().await.unwrap(), b'4');
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_that_stops_at_urgent_data_goes_on_behind_it() {
    current_thread().block_on(async {
        let (mut ours, mut peer) = with_std_peer().await;
        peer.write_all(b"ab").unwrap();
        // SAFETY: the pointer and the length are those of a live array.
        let sent = unsafe { libc::send(peer.as_raw_fd(), b"!".as_ptr().cast(), 1, libc::MSG_OOB) };
        assert_eq!(sent, 1);
        peer.write_all(b"cd").unwrap();
        let mut buf = [0; 64];
        assert_eq!(ours.read(&mut buf).await.unwrap(), 2);
        // Believed to have emptied the socket, the first read would make this one wait for ever.
        assert_eq!(ours.read(&mut buf).await.unwrap(), 2);
        assert_eq!(&buf[..2], b"cd");
    });
}

#[test]
fn reading_and_accepting_cost_budget() {
    current_thread().block_on(async {
        let listener = listen_for(140);
        let addr = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..140).map(|_| std::net::TcpStream::connect(addr).unwrap()).collect();
        let (mut ours, mut peer) = with_std_peer().await;
        peer.write_all(&[1; 1_000]).unwrap();
        while ours.peek(&mut [0; 1_000]).await.unwrap() < 200 {
            task::yield_now().await;
        }
        task::spawn(async move {
            task::yield_now().await;
            let reads = poll_fn(|cx| Poll::Ready(std::iter::from_fn(|| ready(poll_read(&mut ours, cx, 1))).count()));
            assert_eq!(reads.await, 128);
            task::yield_now().await;
            let accepts = poll_fn(|cx| Poll::Ready(std::iter::from_fn(|| ready(listener.poll_accept(cx))).count()));
            assert_eq!(accepts.await, 128);
        })
        .await
        .unwrap();
        drop(clients);
    });

    fn ready<T>(poll: Poll<io::Result<T>>) -> Option<T> {
        match poll {
            Poll::Ready(outcome) => Some(outcome.unwrap()),
            Poll::Pending => None,
        }
    }
}

#[test]
fn streams_and_listeners_come_from_std_and_go_back() {
    for rt in runtimes() {
        rt.block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.set_nonblocking(true).unwrap();
            let listener = TcpListener::from_std(listener).unwrap();
            let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            stream.set_nonblocking(true).unwrap();
            let mut stream = TcpStream::try_from(stream).unwrap();
            let (mut accepted, _) = listener.accept().await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            let mut five = [0; 5];
            accepted.read_exact(&mut five).await.unwrap();
            assert_eq!(&five, b"hello");

            let mut accepted = accepted.into_std().unwrap();
            assert_eq!(accepted.read(&mut five).unwrap_err().kind(), ErrorKind::WouldBlock, "still non-blocking");
            accepted.write_all(b"again").unwrap();
            stream.read_exact(&mut five).await.unwrap();
            assert_eq!(&five, b"again");
            // It has left the reactor, and may come in again.
            let accepted = TcpStream::from_std(accepted).unwrap();
            stream.write_all(b"third").await.unwrap();
            accepted.readable().await.unwrap();

            let listener = listener.into_std().unwrap();
            assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        });
    }
}

#[test]
fn options_are_those_of_the_socket() {
    current_thread().block_on(async {
        let (stream, _peer) = pair().await;
        assert!(!stream.nodelay().unwrap());
        stream.set_nodelay(true).unwrap();
        assert!(stream.nodelay().unwrap());
        stream.set_ttl(42).unwrap();
        assert_eq!(stream.ttl().unwrap(), 42);
        assert_eq!(stream.linger().unwrap(), None);
        stream.set_zero_linger().unwrap();
        assert_eq!(stream.linger().unwrap(), Some(Duration::ZERO));
        #[cfg(target_os = "linux")]
        {
            stream.set_quickack(true).unwrap();
            assert!(stream.quickack().unwrap());
        }
        assert!(stream.take_error().unwrap().is_none());
        assert_eq!(stream.as_ref().as_raw_fd(), stream.as_raw_fd());
    });
}

/// Never called: that it compiles is the test.
#[allow(dead_code)]
mod auto_traits {
    use mini_tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
    use mini_tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
    use std::net::SocketAddr;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    fn value<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    fn future(_: impl Future + Send + Sync) {}

    fn types() {
        value::<TcpListener>();
        value::<TcpStream>();
        value::<TcpSocket>();
        value::<OwnedReadHalf>();
        value::<OwnedWriteHalf>();
        value::<ReadHalf<'_>>();
        value::<WriteHalf<'_>>();
        value::<ReuniteError>();
    }

    fn futures(addr: SocketAddr, listener: TcpListener, stream: TcpStream, socket: TcpSocket, half: &mut ReadHalf<'_>) {
        future(TcpListener::bind(addr));
        future(TcpStream::connect("localhost:1"));
        future(lookup_host((String::new(), 1)));
        future(socket.connect(addr));
        future(listener.accept());
        future(stream.peek(&mut []));
        future(stream.readable());
        future(stream.writable());
        future(half.peek(&mut []));
    }
}
