//! The standard streams of the process.
//!
//! They may be a terminal, a pipe or a file, and belong to other processes as well: putting them into non-blocking mode
//! would do so for the shell that started us. So they are read and written blocking, on the blocking pool, by the same
//! machine that files use (`blocking/shuttle.rs`): one call at a time for each value, in order, with a buffer.
//!
//! Two things follow from this, and are tokio's behaviour, too:
//!
//! * A read of the standard input cannot be called off. A program that ends while one waits has to wait for it, unless it
//!   ends with `Runtime::shutdown_background`. For a dialogue with a user a thread of one's own is the better way.
//! * What was written may not be out when the program ends. Flush.
//!
//! Several values for one stream are each in order, and come in any order among one another.

use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{AsyncRead, AsyncWrite, ReadBuf};
use crate::blocking::shuttle::{Device, Shuttle};

/// The standard input; made by [`stdin`].
///
/// It reads through the buffer that [`std::io::stdin`] has for the whole process. Each read blocks a thread of the pool
/// until there is something, and the runtime's shutdown waits for it.
#[derive(Debug)]
pub struct Stdin(Shuttle<io::Stdin>);

/// The standard output; made by [`stdout`].
///
/// A write is ready when the bytes are in a buffer; they are written in the background. Flush before the program ends.
/// Its errors are reported by the next write or flush.
#[derive(Debug)]
pub struct Stdout(Shuttle<io::Stdout>);

/// The standard error; made by [`stderr`]. As [`Stdout`].
#[derive(Debug)]
pub struct Stderr(Shuttle<io::Stderr>);

/// The standard input of the process. Reading it outside a runtime panics.
pub fn stdin() -> Stdin {
    Stdin(Shuttle::new(Arc::new(io::stdin())))
}

/// The standard output of the process. Writing to it outside a runtime panics.
pub fn stdout() -> Stdout {
    Stdout(Shuttle::new(Arc::new(io::stdout())))
}

/// The standard error of the process. Writing to it outside a runtime panics.
pub fn stderr() -> Stderr {
    Stderr(Shuttle::new(Arc::new(io::stderr())))
}

impl Device for io::Stdin {
    fn read(&self, into: &mut Vec<u8>, room: usize) -> io::Result<()> {
        into.resize(room, 0);
        let outcome = self.lock().read(into);
        into.truncate(*outcome.as_ref().unwrap_or(&0));
        outcome.map(drop)
    }
}

impl Device for io::Stdout {
    /// The rest of a line.
    const HOLDS_BACK: bool = true;

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        self.lock().write_all(bytes)
    }

    fn flush(&self) -> io::Result<()> {
        self.lock().flush()
    }
}

impl Device for io::Stderr {
    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        self.lock().write_all(bytes)
    }
}

impl AsyncRead for Stdin {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read(cx, buf)
    }
}

impl AsRawFd for Stdin {
    fn as_raw_fd(&self) -> RawFd {
        self.0.device().as_raw_fd()
    }
}

impl AsFd for Stdin {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.device().as_fd()
    }
}

macro_rules! output {
    ($stream:ty) => {
        impl AsyncWrite for $stream {
            fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                self.0.poll_write(cx, buf)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.0.poll_flush(cx)
            }

            /// Flushes. The stream stays open: it is not ours alone.
            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_flush(cx)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_write_vectored(cx, bufs)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }
        }

        impl AsRawFd for $stream {
            fn as_raw_fd(&self) -> RawFd {
                self.0.device().as_raw_fd()
            }
        }

        impl AsFd for $stream {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.0.device().as_fd()
            }
        }
    };
}

output!(Stdout);
output!(Stderr);
