//! [`TcpListener`]: a port at which connections arrive.
//!
//! The kernel makes the connections and queues them; `accept` takes one off the queue. A failure to take one, for lack
//! of a descriptor for instance, is the caller's to handle and loses nothing: the readiness stays, the connection stays
//! queued, and the next `accept` tries again at once. A server's loop should therefore not end at an error, and not
//! spin on it.

use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use reactor::Direction;

use super::stream::TcpStream;
use crate::io::Interest;
use crate::io::poll_evented::PollEvented;
use crate::leaf::at;
use crate::net::addr::{self, ToSocketAddrs};

/// A socket that listens for connections.
///
/// Any number of tasks may [`accept`](Self::accept) at once. Dropping it closes the port and resets what was not
/// accepted.
pub struct TcpListener {
    io: PollEvented<mio::net::TcpListener>,
}

impl TcpListener {
    /// Listens at `addr`. If that stands for several addresses, at the first that can be had. With port 0 the operating
    /// system chooses one: see [`local_addr`](Self::local_addr).
    ///
    /// A port that connections of a former listener still linger at may be used (`SO_REUSEADDR`); one that is listened
    /// at may not. 128 connections may wait to be accepted (on Linux), as with the standard library; a
    /// [`TcpSocket`](crate::net::TcpSocket) leaves both to the caller.
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried, of the lookup of a name, and `InvalidInput` if there was no address.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpListener>> {
        at(async move { Self::new(addr::first_of(addr, mio::net::TcpListener::bind).await?) })
    }

    #[track_caller]
    pub(crate) fn new(socket: mio::net::TcpListener) -> io::Result<TcpListener> {
        // A listener is never written.
        Ok(TcpListener { io: PollEvented::with_interest(socket, Interest::READABLE)? })
    }

    /// Waits for a connection and takes it. Returns the stream and the peer's address.
    ///
    /// # Errors
    ///
    /// Those of the operating system, which may concern this connection (it was given up meanwhile) or the process (no
    /// descriptors left); the listener stays usable. When the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has taken no connection.
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        at(async move {
            let (socket, addr) = self.io.async_io(Interest::READABLE, |listener| listener.accept()).await?;
            Ok((TcpStream::accepted(socket)?, addr))
        })
    }

    /// [`accept`](Self::accept), poll-style. There is room for one waker: the latest caller's wins.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let (socket, addr) = ready!(self.io.poll_io(cx, Direction::Read, |listener, _| listener.accept()))?;
        Poll::Ready(TcpStream::accepted(socket).map(|stream| (stream, addr)))
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
    pub fn from_std(listener: net::TcpListener) -> io::Result<TcpListener> {
        crate::net::assert_nonblocking(&listener)?;
        Self::new(mio::net::TcpListener::from_std(listener))
    }

    /// Leaves the runtime and becomes a listener of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::TcpListener> {
        self.io.into_inner().map(net::TcpListener::from)
    }

    /// The address that is listened at, with the port that the operating system has chosen.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// How many routers a packet of this socket may pass (`IP_TTL`).
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.ttl()
    }

    /// Sets how many routers a packet of this socket may pass.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.set_ttl(ttl)
    }
}

/// As [`from_std`](TcpListener::from_std).
impl TryFrom<net::TcpListener> for TcpListener {
    type Error = io::Error;

    #[track_caller]
    fn try_from(listener: net::TcpListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
