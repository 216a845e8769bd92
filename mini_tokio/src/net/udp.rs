//! [`UdpSocket`]: datagrams, each sent on its own and received whole.
//!
//! ```text
//!   bind --> UdpSocket --send_to(anywhere), recv_from(anybody)
//!               `--connect--> one peer: send, recv            no packet is sent for that: the kernel notes the address
//! ```
//!
//! There are two ways to wait, as with streams: futures, any number at a time, from `async_io`; and `poll_...`, one
//! waker for each direction. Both are [`PollEvented`]'s. No call here reads off from a datagram's length whether there
//! are more (EVENTED-1 is about streams): so a receiver learns that the queue is empty by asking once too often.
//!
//! Datagrams have no order and no receipt. One that does not fit the receiver's buffer is cut, and the rest is lost.
//! An answer of the network that nobody listens at the peer's port shows up as an error of a *later* call, on a
//! connected socket: it is about the socket, not about the datagram in hand.
//!
//! Options are in `udp/options.rs`.

mod options;

use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll};
use std::{fmt, io};

use bytes::BufMut;
use reactor::Direction;
use socket2::{SockAddr, SockRef};

use super::addr::{self, ToSocketAddrs};
use crate::io::poll_evented::PollEvented;
use crate::io::{Interest, ReadBuf, Ready, spare};
use crate::leaf::at;

// ANCHOR: net-incoming
/// What a receiver waits for. A socket that has heard of a peer who is not there reports an error and no data.
const INCOMING: Interest = Interest::READABLE.add(Interest::ERROR);

/// A UDP socket.
///
/// Every method takes `&self`: share it in an `Arc` to send and receive from several tasks. Made by
/// [`bind`](Self::bind); once its runtime has shut down, every operation that could wait answers with an error.
///
/// A buffer that is shorter than the datagram gets its beginning; the rest is thrown away. The largest datagram is
/// 65,507 bytes over IPv4.
pub struct UdpSocket {
    io: PollEvented<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// A socket at `addr`. If that stands for several addresses, at the first that can be had. With port 0 the
    /// operating system chooses one: see [`local_addr`](Self::local_addr).
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried, of the lookup of a name, and `InvalidInput` if there was no address.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<UdpSocket>> {
        at(async move { Self::new(addr::first_of(addr, mio::net::UdpSocket::bind).await?) })
    }

    #[track_caller]
    fn new(socket: mio::net::UdpSocket) -> io::Result<UdpSocket> {
        Ok(UdpSocket { io: PollEvented::with_interest(socket, Interest::READABLE | Interest::WRITABLE)? })
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
    pub fn from_std(socket: net::UdpSocket) -> io::Result<UdpSocket> {
        super::assert_nonblocking(&socket)?;
        Self::new(mio::net::UdpSocket::from_std(socket))
    }

    /// Leaves the runtime and becomes a socket of the standard library, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_std(self) -> io::Result<net::UdpSocket> {
        self.io.into_inner().map(net::UdpSocket::from)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected` if it is not.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr()
    }

    /// Makes `addr` the peer: [`send`](Self::send) goes there, and datagrams from elsewhere are not received any more.
    /// Again, and it is another peer. If `addr` stands for several addresses, the first that can be had.
    ///
    /// No packet is sent: success does not mean that there is anybody.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> impl Future<Output = io::Result<()>> {
        at(addr::first_of(addr, |addr| self.io.connect(addr)))
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
impl UdpSocket {
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

    /// [`readable`](Self::readable), poll-style. There is room for one waker, shared with all `poll_recv...` and
    /// `poll_peek...`: the latest wins.
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
impl UdpSocket {
    /// Sends to the peer that the socket is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected` (or `DestinationAddressRequired`) without a peer; an error that an earlier datagram has met;
    /// others of the operating system; when the runtime has shut down.
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

    /// Sends to `addr`. If that stands for several addresses, to the first.
    ///
    /// # Errors
    ///
    /// Those of the lookup of a name; `InvalidInput` if there was no address; those of the operating system; when the
    /// runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has sent nothing.
    pub fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], addr: A) -> impl Future<Output = io::Result<usize>> {
        at(async move {
            let target = addr::resolve(addr).await?.next();
            let nowhere = || io::Error::new(io::ErrorKind::InvalidInput, "no addresses to send data to");
            let target = target.ok_or_else(nowhere)?;
            self.io.async_io(Interest::WRITABLE, |socket| socket.send_to(buf, target)).await
        })
    }

    /// [`send_to`](Self::send_to), poll-style.
    pub fn poll_send_to(&self, cx: &mut Context<'_>, buf: &[u8], target: SocketAddr) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, |socket, _| socket.send_to(buf, target))
    }

    /// [`send_to`](Self::send_to) without waiting: `WouldBlock` if there is no room.
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |socket| socket.send_to(buf, target))
    }
}

/// Receiving. The `peek` kind leaves the datagram where it is. All futures are cancel safe: a dropped one has taken no
/// datagram. All may answer with the errors of the operating system, one of which an earlier `send` may have caused,
/// and with an error when the runtime has shut down.
impl UdpSocket {
    /// Receives a datagram; from the peer, if the socket is connected. Returns how many bytes are in `buf`.
    pub fn recv(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(INCOMING, move |socket| socket.recv(buf)))
    }

    /// [`recv`](Self::recv), poll-style.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let outcome = self.io.poll_io(cx, Direction::Read, |socket, _| spare::fill(buf, |room| room.recv(socket)));
        outcome.map_ok(drop)
    }

    /// [`recv`](Self::recv) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(INCOMING, |socket| socket.recv(buf))
    }

    /// [`recv`](Self::recv) to the end of `buf`, into the room that it has or, if it has none, makes.
    pub fn recv_buf<B: BufMut>(&self, buf: &mut B) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(INCOMING, move |socket| spare::append(buf, |room| room.recv(socket))))
    }

    /// [`recv_buf`](Self::recv_buf) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io.try_io(INCOMING, |socket| spare::append(buf, |room| room.recv(socket)))
    }

    /// Receives a datagram, and says who has sent it.
    pub fn recv_from(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        at(self.io.async_io(INCOMING, move |socket| socket.recv_from(buf)))
    }

    /// [`recv_from`](Self::recv_from), poll-style. Returns the sender.
    pub fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, |socket, _| {
            let (_, sender) = spare::fill_from(buf, |room| room.recv_from(socket))?;
            internet(sender)
        })
    }

    /// [`recv_from`](Self::recv_from) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(INCOMING, |socket| socket.recv_from(buf))
    }

    /// [`recv_from`](Self::recv_from) to the end of `buf`, into the room that it has or, if it has none, makes.
    pub fn recv_buf_from<B: BufMut>(&self, buf: &mut B) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        at(self.io.async_io(INCOMING, move |socket| append_from(socket, buf)))
    }

    /// [`recv_buf_from`](Self::recv_buf_from) without waiting: `WouldBlock` if nothing is there.
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(INCOMING, |socket| append_from(socket, buf))
    }

    /// [`recv`](Self::recv) of a datagram that stays.
    pub fn peek(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        at(self.io.async_io(INCOMING, move |socket| socket.peek(buf)))
    }

    /// [`peek`](Self::peek), poll-style.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let outcome = self.io.poll_io(cx, Direction::Read, |socket, _| spare::fill(buf, |room| room.peek(socket)));
        outcome.map_ok(drop)
    }

    /// [`peek`](Self::peek) without waiting: `WouldBlock` if nothing is there.
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(INCOMING, |socket| socket.peek(buf))
    }

    /// [`recv_from`](Self::recv_from) of a datagram that stays.
    pub fn peek_from(&self, buf: &mut [u8]) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        at(self.io.async_io(INCOMING, move |socket| socket.peek_from(buf)))
    }

    /// [`peek_from`](Self::peek_from), poll-style. Returns the sender.
    pub fn poll_peek_from(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, |socket, _| {
            let (_, sender) = spare::fill_from(buf, |room| room.peek_from(socket))?;
            internet(sender)
        })
    }

    /// [`peek_from`](Self::peek_from) without waiting: `WouldBlock` if nothing is there.
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(INCOMING, |socket| socket.peek_from(buf))
    }

    /// Who has sent the datagram that the next `recv` will return.
    pub fn peek_sender(&self) -> impl Future<Output = io::Result<SocketAddr>> {
        at(self.io.async_io(INCOMING, sender_of_next))
    }

    /// [`peek_sender`](Self::peek_sender), poll-style.
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, |socket, _| sender_of_next(socket))
    }

    /// [`peek_sender`](Self::peek_sender) without waiting: `WouldBlock` if nothing is there.
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.io.try_io(INCOMING, sender_of_next)
    }
}

fn append_from(socket: &mio::net::UdpSocket, buf: &mut impl BufMut) -> io::Result<(usize, SocketAddr)> {
    let (count, sender) = spare::append_from(buf, |room| room.recv_from(socket))?;
    Ok((count, internet(sender)?))
}

fn sender_of_next(socket: &mio::net::UdpSocket) -> io::Result<SocketAddr> {
    internet(SockRef::from(socket).peek_sender()?)
}

fn internet(addr: SockAddr) -> io::Result<SocketAddr> {
    addr.as_socket().ok_or_else(|| io::Error::other("sender not available"))
}

/// As [`from_std`](UdpSocket::from_std).
impl TryFrom<net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    #[track_caller]
    fn try_from(socket: net::UdpSocket) -> io::Result<Self> {
        Self::from_std(socket)
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
