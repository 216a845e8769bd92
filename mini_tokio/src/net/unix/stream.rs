//! [`UnixStream`]: one end of a connection within the machine.
//!
//! As TCP's in all but the address (`tcp/stream.rs`), and in one point more: a read ends behind a message that carries
//! descriptors, however much room there is left. So a short read proves nothing (EVENTED-1), and only `WouldBlock` says
//! that the socket is empty.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use reactor::Direction;

use super::owned_halves::{self, OwnedReadHalf, OwnedWriteHalf};
use super::split::{self, ReadHalf, WriteHalf};
use super::{SocketAddr, UCred, socket_addr, ucred};
use crate::io::poll_evented::{PollEvented, ShortRead};
use crate::io::spare;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::leaf::at;

/// One end of a connection within the machine, made by [`connect`](Self::connect), by
/// [`UnixListener::accept`](crate::net::UnixListener::accept) or by [`pair`](Self::pair).
///
/// Read and write it with `AsyncReadExt` and `AsyncWriteExt`; `shutdown` of the latter sends the end of the stream and
/// leaves the other direction open. Dropping it closes the connection. Once its runtime has shut down, every operation
/// that could wait answers with an error.
pub struct UnixStream {
    io: PollEvented<mio::net::UnixStream>,
}

impl UnixStream {
    /// Connects to the listener at `path`. On Linux a path that begins with a zero byte is an abstract name.
    ///
    /// # Errors
    ///
    /// Those of the operating system. `WouldBlock` if the listener's queue is full: a Unix socket does not wait for
    /// room there.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped closes the connection.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    pub fn connect<P>(path: P) -> impl Future<Output = io::Result<UnixStream>>
    where
        P: AsRef<Path>,
    {
        at(async move {
            let addr = socket_addr::of_path(path.as_ref())?;
            Self::when_connected(mio::net::UnixStream::connect_addr(&addr)?).await
        })
    }

    /// Connects to the listener at an address; see [`connect`](Self::connect).
    pub fn connect_addr(socket_addr: &SocketAddr) -> impl Future<Output = io::Result<UnixStream>> {
        at(async move { Self::when_connected(mio::net::UnixStream::connect_addr(&socket_addr.0)?).await })
    }

    /// Two streams that are each other's peers, and have no names.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = mio::net::UnixStream::pair()?;
        let pair = (Self::new(one)?, Self::new(other)?);
        for stream in [&pair.0, &pair.1] {
            stream.io.assume_ready(Interest::WRITABLE); // nobody has written yet: there is room
        }
        Ok(pair)
    }

    /// Waits for the end of a `connect` that is in progress. The socket is then writable, and tells how it went once.
    pub(super) async fn when_connected(socket: mio::net::UnixStream) -> io::Result<UnixStream> {
        let stream = Self::new(socket)?;
        poll_fn(|cx| stream.io.poll_ready(cx, Direction::Write)).await?;
        match stream.io.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// A stream that `accept` has returned. As with TCP, both directions are tried without waiting for the driver.
    pub(super) fn accepted(socket: mio::net::UnixStream) -> io::Result<UnixStream> {
        let stream = Self::new(socket)?;
        stream.io.assume_ready(Interest::READABLE | Interest::WRITABLE);
        Ok(stream)
    }

    #[track_caller]
    fn new(socket: mio::net::UnixStream) -> io::Result<UnixStream> {
        Ok(UnixStream { io: PollEvented::new(socket)? })
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
    pub fn from_std(stream: net::UnixStream) -> io::Result<UnixStream> {
        crate::net::assert_nonblocking(&stream)?;
        Self::new(mio::net::UnixStream::from_std(stream))
    }

    /// Leaves the runtime and becomes a stream of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        self.io.into_inner().map(net::UnixStream::from)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr().map(SocketAddr)
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr().map(SocketAddr)
    }

    /// Who was at the other end when the connection was made.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        ucred::of_peer(&*self.io)
    }

    /// The error that is pending on the socket (`SO_ERROR`), which this call takes away.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
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

    /// [`readable`](Self::readable), poll-style. There is room for one waker, shared with `poll_read`: the
    /// latest wins.
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
        self.io.poll_recv(cx, buf, ShortRead::ProvesNothing)
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

impl AsyncRead for UnixStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_read_shared(cx, buf)
    }
}

impl AsyncWrite for UnixStream {
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

/// As [`from_std`](UnixStream::from_std).
impl TryFrom<net::UnixStream> for UnixStream {
    type Error = io::Error;

    #[track_caller]
    fn try_from(stream: net::UnixStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsRef<Self> for UnixStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
