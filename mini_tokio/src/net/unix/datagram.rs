//! [`UnixDatagram`]: datagrams within the machine, each sent on its own and received whole.
//!
//! As UDP's (`udp.rs`) with three differences: nothing gets lost or overtaken, a sender waits when the *receiver's*
//! queue is full, and a socket needs no address to send from.
//!
//! That wait is the kernel's weak spot: it reports room in the receiver's queue to senders that are *connected* to it.
//! Whoever uses `send_to` without a connection and finds the queue full is woken only by chance; senders of many
//! datagrams should connect.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::BufMut;
use reactor::Direction;
use socket2::{SockAddr, SockRef};

use super::SocketAddr;
use super::socket_addr;
use crate::io::poll_evented::PollEvented;
use crate::io::{Interest, ReadBuf, Ready, spare};
use crate::leaf::at;

/// A Unix socket for datagrams.
///
/// Every method takes `&self`: share it in an `Arc` to send and receive from several tasks. Once its runtime has shut
/// down, every operation that could wait answers with an error. Dropping it does not remove the file that
/// [`bind`](Self::bind) has made.
///
/// Wherever a path is asked for, on Linux one that begins with a zero byte is an abstract name. A buffer that is shorter
/// than the datagram gets its beginning; the rest is thrown away.
pub struct UnixDatagram {
    io: PollEvented<mio::net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket at `path`, where a file is made.
    ///
    /// # Errors
    ///
    /// Those of the operating system: `AddrInUse` if there is such a file, also one that a dead socket has left.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn bind<P>(path: P) -> io::Result<UnixDatagram>
    where
        P: AsRef<Path>,
    {
        Self::new(mio::net::UnixDatagram::bind_addr(&socket_addr::of_path(path.as_ref())?)?)
    }

    /// Two sockets that are each other's peers, and have no names.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = mio::net::UnixDatagram::pair()?;
        let pair = (Self::new(one)?, Self::new(other)?);
        for socket in [&pair.0, &pair.1] {
            socket.io.assume_ready(Interest::WRITABLE); // nobody has sent yet: there is room
        }
        Ok(pair)
    }

    /// A socket without a name: it can send, and nobody can answer.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        Self::new(mio::net::UnixDatagram::unbound()?)
    }

    #[track_caller]
    pub(super) fn new(socket: mio::net::UnixDatagram) -> io::Result<UnixDatagram> {
        Ok(UnixDatagram { io: PollEvented::with_interest(socket, Interest::READABLE | Interest::WRITABLE)? })
    }

    /// Takes over a socket of the standard library, which must be in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O. In debug builds, if the socket is in blocking mode.
    #[track_caller]
    pub fn from_std(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        crate::net::assert_nonblocking(&socket)?;
        Self::new(mio::net::UnixDatagram::from_std(socket))
    }

    /// Leaves the runtime and becomes a socket of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::UnixDatagram> {
        self.io.into_inner().map(net::UnixDatagram::from)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr().map(SocketAddr)
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected` if it is not.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr().map(SocketAddr)
    }

    /// Makes the socket at `path` the peer: [`send`](Self::send) goes there, and only its datagrams are received.
    ///
    /// # Errors
    ///
    /// Those of the operating system, if there is no such socket for instance.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        SockRef::from(self).connect(&SockAddr::unix(path)?)
    }

    /// Ends receiving, sending or both, for every owner of the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.shutdown(how)
    }

    /// The error that is pending on the socket (`SO_ERROR`), which this call takes away.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
    }
}

/// Waiting. As [`TcpStream::ready`](crate::net::TcpStream::ready) and its kin.
impl UnixDatagram {
    /// Waits until something in `interest` is ready, and says what. Any number of tasks may wait. It may be wrong: then
    /// the operation answers `WouldBlock`, and that takes the readiness back.
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

    /// Waits for a datagram; see [`ready`](Self::ready).
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::READABLE).await.map(drop) })
    }

    /// Waits for room to send; see [`ready`](Self::ready).
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::WRITABLE).await.map(drop) })
    }

    /// [`readable`](Self::readable), poll-style. There is room for one waker, shared with all `poll_recv...`: the
    /// latest wins.
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(drop)
    }

    /// [`writable`](Self::writable), poll-style. There is room for one waker, shared with `poll_send...`: the latest
    /// wins.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(drop)
    }

    /// Calls `f`, which does one operation on the socket by other means, if `interest` is ready. `f` must answer
    /// `WouldBlock` if, and only if, the socket said so: that takes the readiness back.
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
}

/// Sending. A datagram goes whole or not at all; the number returned is that of its bytes.
impl UnixDatagram {
    /// Sends to the peer that the socket is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected` without a peer; `ConnectionRefused` if it is gone; others of the operating system; when the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has sent nothing.
    pub fn send(&self, buf: &[u8]) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(Interest::WRITABLE, move |socket| socket.send(buf)))
    }

    /// [`send`](Self::send), poll-style.
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, |socket, _| socket.send(buf))
    }

    /// [`send`](Self::send) without waiting: `WouldBlock` if there is no room.
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |socket| socket.send(buf))
    }

    /// Sends to the socket at `target`.
    ///
    /// # Errors
    ///
    /// Those of the operating system; when the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has sent nothing.
    pub fn send_to<P>(&self, buf: &[u8], target: P) -> impl Future<Output = io::Result<usize>>
    where
        P: AsRef<Path>,
    {
        at(self.io.async_io(Interest::WRITABLE, move |socket| send_to(socket, buf, target.as_ref())))
    }

    /// [`send_to`](Self::send_to), poll-style.
    pub fn poll_send_to<P>(&self, cx: &mut Context<'_>, buf: &[u8], target: P) -> Poll<io::Result<usize>>
    where
        P: AsRef<Path>,
    {
        self.io.poll_io(cx, Direction::Write, |socket, _| send_to(socket, buf, target.as_ref()))
    }

    /// [`send_to`](Self::send_to) without waiting: `WouldBlock` if there is no room.
    pub fn try_send_to<P>(&self, buf: &[u8], target: P) -> io::Result<usize>
    where
        P: AsRef<Path>,
    {
        self.io.try_io(Interest::WRITABLE, |socket| send_to(socket, buf, target.as_ref()))
    }
}

/// Receiving. All futures are cancel safe: a dropped one has taken no datagram. All may answer with the errors of the
/// operating system, and with an error when the runtime has shut down.
impl UnixDatagram {
    /// Receives a datagram; from the peer, if the socket is connected. Returns how many bytes are in `buf`.
    pub fn recv(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(Interest::READABLE, move |socket| socket.recv(buf)))
    }

    /// [`recv`](Self::recv), poll-style.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let outcome = self.io.poll_io(cx, Direction::Read, |socket, _| spare::fill(buf, |room| room.recv(socket)));
        outcome.map_ok(drop)
    }

    /// [`recv`](Self::recv) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |socket| socket.recv(buf))
    }

    /// [`recv`](Self::recv) to the end of `buf`, into the room that it has or, if it has none, makes.
    pub fn recv_buf<B: BufMut>(&self, buf: &mut B) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(Interest::READABLE, move |socket| spare::append(buf, |room| room.recv(socket))))
    }

    /// [`recv_buf`](Self::recv_buf) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |socket| spare::append(buf, |room| room.recv(socket)))
    }

    /// Receives a datagram, and says who has sent it: often somebody without a name.
    pub fn recv_from(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        at(async move {
            let (n, sender) = self.io.async_io(Interest::READABLE, |socket| socket.recv_from(buf)).await?;
            Ok((n, SocketAddr(sender)))
        })
    }

    /// [`recv_from`](Self::recv_from), poll-style. Returns the sender.
    pub fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, |socket, _| {
            let (_, sender) = spare::fill_from(buf, |room| room.recv_from(socket))?;
            socket_addr::of_sender(&sender).map(SocketAddr)
        })
    }

    /// [`recv_from`](Self::recv_from) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (n, sender) = self.io.try_io(Interest::READABLE, |socket| socket.recv_from(buf))?;
        Ok((n, SocketAddr(sender)))
    }

    /// [`recv_from`](Self::recv_from) to the end of `buf`, into the room that it has or, if it has none, makes.
    pub fn recv_buf_from<B: BufMut>(&self, buf: &mut B) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        at(self.io.async_io(Interest::READABLE, move |socket| append_from(socket, buf)))
    }

    /// [`recv_buf_from`](Self::recv_buf_from) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, |socket| append_from(socket, buf))
    }
}

fn send_to(socket: &mio::net::UnixDatagram, buf: &[u8], target: &Path) -> io::Result<usize> {
    SockRef::from(socket).send_to(buf, &SockAddr::unix(target)?)
}

fn append_from(socket: &mio::net::UnixDatagram, buf: &mut impl BufMut) -> io::Result<(usize, SocketAddr)> {
    let (count, sender) = spare::append_from(buf, |room| room.recv_from(socket))?;
    Ok((count, SocketAddr(socket_addr::of_sender(&sender)?)))
}

/// As [`from_std`](UnixDatagram::from_std).
impl TryFrom<net::UnixDatagram> for UnixDatagram {
    type Error = io::Error;

    #[track_caller]
    fn try_from(socket: net::UnixDatagram) -> io::Result<Self> {
        Self::from_std(socket)
    }
}

impl AsRawFd for UnixDatagram {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for UnixDatagram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
