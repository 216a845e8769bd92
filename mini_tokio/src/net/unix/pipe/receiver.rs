//! [`Receiver`]: the end of a pipe that is read.

use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use reactor::Direction;

use super::End;
use crate::io::poll_evented::PollEvented;
use crate::io::{AsyncRead, Interest, ReadBuf, Ready, spare};
use crate::leaf::at;

/// The reading end of a pipe. Dropping it breaks the pipe, if it was the last one.
#[derive(Debug)]
pub struct Receiver {
    io: PollEvented<mio::unix::pipe::Receiver>,
}

impl Receiver {
    #[track_caller]
    pub(super) fn new(receiver: mio::unix::pipe::Receiver) -> io::Result<Receiver> {
        Ok(Receiver { io: PollEvented::with_interest(receiver, Interest::READABLE)? })
    }

    /// Takes over the reading end of a pipe, and puts it into non-blocking mode.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is none; those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Receiver> {
        Self::from_owned_fd(file.into())
    }

    /// As [`from_file`](Self::from_file), from a descriptor.
    #[track_caller]
    pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<Receiver> {
        Self::from_owned_fd_unchecked(super::checked(owned_fd, End::Receiver)?)
    }

    /// As [`from_file`](Self::from_file), but believes the caller: that it is the reading end of a pipe, in non-blocking
    /// mode.
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Receiver> {
        Self::from_owned_fd_unchecked(file.into())
    }

    /// As [`from_file_unchecked`](Self::from_file_unchecked), from a descriptor.
    #[track_caller]
    pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<Receiver> {
        Self::new(mio::unix::pipe::Receiver::from(owned_fd))
    }

    /// Waits until something in `interest` is ready, and says what. That the last sender has gone counts as readable.
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

    /// Waits for something to read, or the end of the pipe; see [`ready`](Self::ready).
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::READABLE).await.map(drop) })
    }

    /// [`readable`](Self::readable), poll-style. There is room for one waker, shared with `poll_read`: the latest wins.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(drop)
    }

    /// Reads what is there. 0 means the end of the pipe, or a `buf` without room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there yet; those of the operating system; when the runtime has shut down.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |mut pipe| pipe.read(buf))
    }

    /// [`try_read`](Self::try_read) into several buffers, one after the other.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |mut pipe| pipe.read_vectored(bufs))
    }

    /// [`try_read`](Self::try_read) to the end of `buf`, which grows.
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |pipe| spare::append(buf, |room| room.read(pipe)))
    }

    /// Calls `f`, which does one read by other means, if the pipe is ready. `f` must answer `WouldBlock` if, and only if,
    /// the pipe said so: that takes the readiness back.
    ///
    /// # Errors
    ///
    /// `WouldBlock` without a call of `f` if it is not ready; those of `f`; when the runtime has shut down.
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.io.try_io(Interest::READABLE, |_| f())
    }

    /// Leaves the runtime, in blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        let fd = self.into_nonblocking_fd()?;
        super::set_nonblocking(&fd, false)?;
        Ok(fd)
    }

    /// Leaves the runtime, still in non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        self.io.into_inner().map(OwnedFd::from)
    }
}

impl AsyncRead for Receiver {
    /// A pipe may be in packet mode, in which reads end at the ends of writes: a short one proves nothing.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read(cx, buf)
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}
