//! [`TcpStream`]: one end of a connection.
//!
//! All the waiting is in [`PollEvented`]; this file gives the system calls their names. Three ways lead to every
//! operation:
//!
//! * the traits `AsyncRead` and `AsyncWrite`, for one reader and one writer;
//! * `try_...`, which never waits, after [`ready`](TcpStream::ready) or its kin;
//! * `poll_..._ready`, for code that has a `Context` and keeps no future.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, net};

use bytes::BufMut;
use reactor::Direction;
use socket2::SockRef;

use super::owned_halves::{self, OwnedReadHalf, OwnedWriteHalf};
use super::split::{self, ReadHalf, WriteHalf};
use crate::io::poll_evented::{PollEvented, ShortRead};
use crate::io::spare;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::leaf::at;
use crate::net::addr::{self, ToSocketAddrs};

/// One end of a TCP connection, made by [`connect`](Self::connect), by
/// [`TcpListener::accept`](crate::net::TcpListener::accept) or by a [`TcpSocket`](crate::net::TcpSocket).
///
/// Read and write it with `AsyncReadExt` and `AsyncWriteExt`; `shutdown` of the latter sends the end of the stream and
/// leaves the other direction open. Dropping it closes the connection. Once its runtime has shut down, every operation
/// that could wait answers with an error.
pub struct TcpStream {
    io: PollEvented<mio::net::TcpStream>,
}

impl TcpStream {
    /// Connects to `addr`. If that stands for several addresses they are tried one after the other, until one answers.
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried, of the lookup of a name, and `InvalidInput` if there was no address.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped closes the connection, made or half made.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpStream>> {
        at(async move {
            let mut last_error = None;
            for addr in addr::resolve(addr).await? {
                let attempt = match mio::net::TcpStream::connect(addr) {
                    Ok(socket) => Self::when_connected(socket).await,
                    Err(error) => Err(error),
                };
                match attempt {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last_error = Some(error),
                }
            }
            Err(last_error.unwrap_or_else(addr::no_address))
        })
    }

    /// Waits for the end of a `connect` that is in progress. The socket is then writable, and tells how it went once.
    pub(crate) async fn when_connected(socket: mio::net::TcpStream) -> io::Result<TcpStream> {
        let stream = Self::new(socket)?;
        poll_fn(|cx| stream.io.poll_ready(cx, Direction::Write)).await?;
        match stream.io.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// A stream that `accept` has returned. Most clients have written by the time they are accepted, and there is
    /// always room for an answer: so both are tried without waiting for the driver to say so.
    pub(crate) fn accepted(socket: mio::net::TcpStream) -> io::Result<TcpStream> {
        let stream = Self::new(socket)?;
        stream.io.assume_ready(Interest::READABLE | Interest::WRITABLE);
        Ok(stream)
    }

    #[track_caller]
    fn new(socket: mio::net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream { io: PollEvented::new(socket)? })
    }

    /// Takes over a stream of the standard library, which must be in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O. In debug builds, if the stream is in blocking mode: it would
    /// hold up everybody else on its worker.
    #[track_caller]
    pub fn from_std(stream: net::TcpStream) -> io::Result<TcpStream> {
        crate::net::assert_nonblocking(&stream)?;
        Self::new(mio::net::TcpStream::from_std(stream))
    }

    /// Leaves the runtime and becomes a stream of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::TcpStream> {
        self.io.into_inner().map(net::TcpStream::from)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of the operating system: a connection that was reset has no other end.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr()
    }

    /// The error that is pending on the socket (`SO_ERROR`), which this call takes away.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
    }

    /// Reads into `buf` what the next read will find too. Returns how many bytes; 0 at the end of the stream.
    ///
    /// # Errors
    ///
    /// Those of the operating system, and when the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub fn peek(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(Interest::READABLE, move |socket| socket.peek(buf)))
    }

    /// [`peek`](Self::peek), poll-style. Shares its waker with `poll_read` and
    /// [`poll_read_ready`](Self::poll_read_ready): the latest wins.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |socket, _| spare::fill(buf, |room| room.peek(socket)))
    }

    /// Waits until something in `interest` is ready, and says what. Any number of tasks may wait.
    ///
    /// It may be wrong: then the operation answers `WouldBlock`, and that takes the readiness back. Only that does:
    /// until an operation has answered `WouldBlock`, this returns at once.
    ///
    /// # Errors
    ///
    /// When the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        at(self.io.ready(interest))
    }

    /// Waits for something to read, or the end of the stream; see [`ready`](Self::ready).
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::READABLE).await.map(drop) })
    }

    /// Waits for room to write; see [`ready`](Self::ready).
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::WRITABLE).await.map(drop) })
    }

    /// [`readable`](Self::readable), poll-style. There is room for one waker, shared with `poll_read` and
    /// [`poll_peek`](Self::poll_peek): the latest wins.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(drop)
    }

    /// [`writable`](Self::writable), poll-style. There is room for one waker, shared with `poll_write`: the latest
    /// wins.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(drop)
    }

    /// Reads what is there. 0 means the end of the stream, or a `buf` without room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there yet; those of the operating system; when the runtime has shut down.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |mut socket| socket.read(buf))
    }

    /// [`try_read`](Self::try_read) into several buffers, one after the other.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |mut socket| socket.read_vectored(bufs))
    }

    /// [`try_read`](Self::try_read) to the end of `buf`, which grows.
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |socket| spare::append(buf, |room| room.recv(socket)))
    }

    /// Writes as much of `buf` as there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; those of the operating system; when the runtime has shut down.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |mut socket| socket.write(buf))
    }

    /// [`try_write`](Self::try_write) from several buffers, as if they were joined.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |mut socket| socket.write_vectored(bufs))
    }

    /// Calls `f`, which does one operation on the socket by other means, if `interest` is ready.
    ///
    /// `f` must answer `WouldBlock` if, and only if, the socket said so: that takes the readiness back. `interest`
    /// should be of one kind.
    ///
    /// # Errors
    ///
    /// `WouldBlock` without a call of `f` if nothing is ready; those of `f`; when the runtime has shut down.
    pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.io.try_io(interest, |_| f())
    }

    /// Waits for `interest` and calls `f`, until it answers something other than `WouldBlock`; see
    /// [`try_io`](Self::try_io).
    ///
    /// # Errors
    ///
    /// Those of `f`; when the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if a call of `f` that answers `WouldBlock` has done nothing.
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        at(self.io.async_io(interest, move |_| f()))
    }

    /// Whether small segments are sent at once (`TCP_NODELAY`).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.io.nodelay()
    }

    /// Sends small segments at once, or collects them while others are on their way (Nagle's algorithm).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.set_nodelay(nodelay)
    }

    /// Whether acknowledgements are sent at once (`TCP_QUICKACK`).
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self).tcp_quickack()
    }

    /// Sends acknowledgements at once. Not for ever: the kernel goes back to delaying them when it sees fit.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self).set_tcp_quickack(quickack)
    }

    /// How long closing the socket waits for what has not been sent (`SO_LINGER`).
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self).linger()
    }

    /// Sets how long closing the socket waits for what has not been sent. That wait blocks the thread which drops the
    /// stream.
    #[deprecated = "`SO_LINGER` causes the socket to block the thread on drop"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        SockRef::from(self).set_linger(dur)
    }

    /// Makes closing the socket reset the connection: what has not been sent is thrown away, and the peer gets an
    /// error.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        SockRef::from(self).set_linger(Some(Duration::ZERO))
    }

    /// How many routers a packet of this connection may pass (`IP_TTL`).
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.ttl()
    }

    /// Sets how many routers a packet of this connection may pass.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.set_ttl(ttl)
    }

    /// The two directions, borrowed: for two futures of one task. Costs nothing.
    // The lifetime has a name because it has one in tokio, where callers may spell it out.
    #[allow(clippy::needless_lifetimes)]
    pub fn split<'a>(&'a mut self) -> (ReadHalf<'a>, WriteHalf<'a>) {
        split::split(self)
    }

    /// The two directions, owned: for two tasks. Dropping the writing half shuts its direction down; the connection
    /// closes when both are gone.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        owned_halves::split(self)
    }

    // The traits take `&mut self` to say "one reader, one writer". The halves know that they are, and share the stream.

    pub(super) fn poll_read_shared(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io.poll_recv(cx, buf, ShortRead::MeansEmpty)
    }

    pub(super) fn poll_write_shared(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_write(cx, buf)
    }

    pub(super) fn poll_write_vectored_shared(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_write_vectored(cx, bufs)
    }

    /// Sends the end of the stream behind what was written. A connection that is gone already has been shut down well
    /// enough.
    pub(super) fn shut_write_down(&self) -> io::Result<()> {
        match self.io.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            outcome => outcome,
        }
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_read_shared(cx, buf)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_shared(cx, buf)
    }

    /// There is no buffer on this side of the kernel.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_write_down())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored_shared(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

/// As [`from_std`](TcpStream::from_std).
impl TryFrom<net::TcpStream> for TcpStream {
    type Error = io::Error;

    #[track_caller]
    fn try_from(stream: net::TcpStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsRef<Self> for TcpStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
