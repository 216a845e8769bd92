//! The standard streams of a child, as far as they are pipes: [`ChildStdin`], [`ChildStdout`] and [`ChildStderr`].
//!
//! Only our end of each is in non-blocking mode; the child's is as it expects it. A short read proves nothing here
//! (EVENTED-1): the child may have put its pipe into packet mode, and what is handed to `from_std` need not be a pipe.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::process::{self, Stdio};
use std::task::{Context, Poll};

use mio::unix::pipe::{Receiver, Sender};

use crate::io::poll_evented::PollEvented;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

/// What a child process reads from. Closed when it is dropped, and then the child reads the end of its input.
#[derive(Debug)]
pub struct ChildStdin {
    io: PollEvented<Sender>,
}

/// What a child process writes to.
#[derive(Debug)]
pub struct ChildStdout {
    io: PollEvented<Receiver>,
}

/// Where a child process complains.
#[derive(Debug)]
pub struct ChildStderr {
    io: PollEvented<Receiver>,
}

macro_rules! pipe {
    ($pipe:ty, $std:ty, $end:ty, $interest:expr) => {
        impl $pipe {
            /// Takes over a stream of the standard library, and puts it into non-blocking mode.
            ///
            /// # Errors
            ///
            /// Those of the operating system; if the runtime has shut down.
            ///
            /// # Panics
            ///
            /// Outside a runtime, or if it was built without I/O.
            #[track_caller]
            pub fn from_std(inner: $std) -> io::Result<Self> {
                let end = <$end>::from(inner);
                end.set_nonblocking(true)?;
                Ok(Self { io: PollEvented::with_interest(end, $interest)? })
            }

            /// Leaves the runtime and becomes a descriptor in blocking mode, fit for another child.
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
                let end = self.io.into_inner()?;
                end.set_nonblocking(false)?;
                Ok(end.into())
            }
        }

        /// As [`into_owned_fd`](Self::into_owned_fd).
        #[allow(clippy::from_over_into)] // what tokio offers
        impl TryInto<Stdio> for $pipe {
            type Error = io::Error;

            fn try_into(self) -> io::Result<Stdio> {
                self.into_owned_fd().map(Stdio::from)
            }
        }

        impl AsRawFd for $pipe {
            fn as_raw_fd(&self) -> RawFd {
                self.io.as_raw_fd()
            }
        }

        impl AsFd for $pipe {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.io.as_fd()
            }
        }
    };
}

pipe!(ChildStdin, process::ChildStdin, Sender, Interest::WRITABLE);
pipe!(ChildStdout, process::ChildStdout, Receiver, Interest::READABLE);
pipe!(ChildStderr, process::ChildStderr, Receiver, Interest::READABLE);

impl AsyncRead for ChildStdout {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read(cx, buf)
    }
}

impl AsyncRead for ChildStderr {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read(cx, buf)
    }
}

impl AsyncWrite for ChildStdin {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: a pipe is closed by dropping it.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
