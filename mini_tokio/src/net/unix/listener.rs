//! [`UnixListener`]: a path, or an abstract name, at which connections arrive. As [`TcpListener`](crate::net::TcpListener)
//! in everything but the address.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use reactor::Direction;

use super::SocketAddr;
use super::socket_addr;
use super::stream::UnixStream;
use crate::io::Interest;
use crate::io::poll_evented::PollEvented;
use crate::leaf::at;

/// A Unix socket that listens for connections.
///
/// Any number of tasks may [`accept`](Self::accept) at once. Dropping it does not remove the file that
/// [`bind`](Self::bind) has made.
pub struct UnixListener {
    io: PollEvented<mio::net::UnixListener>,
}

impl UnixListener {
    /// Listens at `path`, where a file is made. On Linux a path that begins with a zero byte is an abstract name.
    ///
    /// # Errors
    ///
    /// Those of the operating system: `AddrInUse` if there is such a file, also one that a dead listener has left.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn bind<P>(path: P) -> io::Result<UnixListener>
    where
        P: AsRef<Path>,
    {
        Self::new(mio::net::UnixListener::bind_addr(&socket_addr::of_path(path.as_ref())?)?)
    }

    /// Listens at an address.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    ///
    /// # Panics
    ///
    /// As for [`bind`](Self::bind).
    #[track_caller]
    pub fn bind_addr(socket_addr: &SocketAddr) -> io::Result<UnixListener> {
        Self::new(mio::net::UnixListener::bind_addr(&socket_addr.0)?)
    }

    #[track_caller]
    pub(super) fn new(socket: mio::net::UnixListener) -> io::Result<UnixListener> {
        Ok(UnixListener { io: PollEvented::with_interest(socket, Interest::READABLE)? })
    }

    /// Takes over a listener of the standard library, which must be in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O. In debug builds, if the listener is in blocking mode.
    #[track_caller]
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        crate::net::assert_nonblocking(&listener)?;
        Self::new(mio::net::UnixListener::from_std(listener))
    }

    /// Leaves the runtime and becomes a listener of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        self.io.into_inner().map(net::UnixListener::from)
    }

    /// The address that is listened at.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr().map(SocketAddr)
    }

    /// The error that is pending on the socket (`SO_ERROR`), which this call takes away.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
    }

    /// Waits for a connection and takes it. Returns the stream and the peer's address, which is mostly none.
    ///
    /// # Errors
    ///
    /// Those of the operating system, for lack of a descriptor for instance; the listener stays usable, and the
    /// connection stays queued. When the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has taken no connection.
    pub fn accept(&self) -> impl Future<Output = io::Result<(UnixStream, SocketAddr)>> {
        at(async move {
            let (socket, addr) = self.io.async_io(Interest::READABLE, |listener| listener.accept()).await?;
            Ok((UnixStream::accepted(socket)?, SocketAddr(addr)))
        })
    }

    /// [`accept`](Self::accept), poll-style. There is room for one waker: the latest caller's wins.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let (socket, addr) = ready!(self.io.poll_io(cx, Direction::Read, |listener, _| listener.accept()))?;
        Poll::Ready(UnixStream::accepted(socket).map(|stream| (stream, SocketAddr(addr))))
    }
}

/// As [`from_std`](UnixListener::from_std).
impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    #[track_caller]
    fn try_from(listener: net::UnixListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl AsRawFd for UnixListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
