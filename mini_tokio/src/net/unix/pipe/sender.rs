//! [`Sender`]: the end of a pipe that is written.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use reactor::Direction;

use super::End;
use crate::io::poll_evented::PollEvented;
use crate::io::{AsyncWrite, Interest, Ready};
use crate::leaf::at;

/// The writing end of a pipe. Dropping it ends the pipe, if it was the last one.
///
/// Writes of up to 4,096 bytes (`PIPE_BUF`) are not mixed with those of other senders.
#[derive(Debug)]
pub struct Sender {
    io: PollEvented<mio::unix::pipe::Sender>,
}

impl Sender {
    #[track_caller]
    pub(super) fn new(sender: mio::unix::pipe::Sender) -> io::Result<Sender> {
        Ok(Sender { io: PollEvented::with_interest(sender, Interest::WRITABLE)? })
    }

    /// Takes over the writing end of a pipe, and puts it into non-blocking mode.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is none; those of the operating system; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Sender> {
        Self::from_owned_fd(file.into())
    }

    /// As [`from_file`](Self::from_file), from a descriptor.
    #[track_caller]
    pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<Sender> {
        Self::from_owned_fd_unchecked(super::checked(owned_fd, End::Sender)?)
    }

    /// As [`from_file`](Self::from_file), but believes the caller: that it is the writing end of a pipe, in non-blocking
    /// mode.
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Sender> {
        Self::from_owned_fd_unchecked(file.into())
    }

    /// As [`from_file_unchecked`](Self::from_file_unchecked), from a descriptor.
    #[track_caller]
    pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<Sender> {
        Self::new(mio::unix::pipe::Sender::from(owned_fd))
    }

    /// Waits until something in `interest` is ready, and says what. That the last receiver has gone counts as writable.
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

    /// Waits for room to write; see [`ready`](Self::ready).
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        at(async move { self.ready(Interest::WRITABLE).await.map(drop) })
    }

    /// [`writable`](Self::writable), poll-style. There is room for one waker, shared with `poll_write`: the latest
    /// wins.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(drop)
    }

    /// Writes as much of `buf` as there is room for. Up to 4,096 bytes are written all or not at all.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; `BrokenPipe` if there is no receiver; when the runtime has shut down.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |mut pipe| pipe.write(buf))
    }

    /// [`try_write`](Self::try_write) from several buffers, as if they were joined.
    pub fn try_write_vectored(&self, buf: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |mut pipe| pipe.write_vectored(buf))
    }

    /// Calls `f`, which does one write by other means, if the pipe is ready. `f` must answer `WouldBlock` if, and only
    /// if, the pipe said so: that takes the readiness back.
    ///
    /// # Errors
    ///
    /// `WouldBlock` without a call of `f` if it is not ready; those of `f`; when the runtime has shut down.
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.io.try_io(Interest::WRITABLE, |_| f())
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

impl AsyncWrite for Sender {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: the pipe ends when the sender is dropped.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsRawFd for Sender {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}
