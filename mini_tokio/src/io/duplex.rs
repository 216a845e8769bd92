//! `duplex`: two pipes in memory, crosswise, as a pair of connected sockets.
//!
//! ```text
//!   a.outgoing == b.incoming     a --> [ pipe ] --> b
//!   a.incoming == b.outgoing     a <-- [ pipe ] <-- b
//! ```
//!
//! Each pipe has its own lock, and no call holds both. What must not happen under a lock is in `pipe.rs`.

use super::pipe::{Pipe, poll_pipe};
use super::{AsyncRead, AsyncWrite, ReadBuf};
use parking_lot::Mutex;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// One end of a connection in memory, made by [`duplex`].
///
/// When one end is dropped or shut down, the other reads what is left and then the end of file. When one end is
/// dropped, writing to the other fails with `BrokenPipe`, also where it was waiting.
#[derive(Debug)]
pub struct DuplexStream {
    incoming: Arc<Mutex<Pipe>>,
    outgoing: Arc<Mutex<Pipe>>,
}

/// Two ends of a connection in memory that holds at most `max_buf_size` bytes in each direction.
///
/// # Panics
///
/// If `max_buf_size` is 0.
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    let there = Arc::new(Mutex::new(Pipe::new(max_buf_size)));
    let back = Arc::new(Mutex::new(Pipe::new(max_buf_size)));
    let a = DuplexStream { incoming: back.clone(), outgoing: there.clone() };
    let b = DuplexStream { incoming: there, outgoing: back };
    (a, b)
}

impl AsyncRead for DuplexStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_pipe(cx, |waker, clone| self.incoming.lock().read(buf, waker, clone))
    }
}

impl AsyncWrite for DuplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let aftermath = self.outgoing.lock().close_writer();
        aftermath.settle();
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_pipe(cx, |waker, clone| self.outgoing.lock().write(bufs, waker, clone))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl Drop for DuplexStream {
    fn drop(&mut self) {
        let end_of_file = self.outgoing.lock().close_writer();
        end_of_file.settle();
        let broken_pipe = self.incoming.lock().close_reader();
        broken_pipe.settle();
    }
}

#[cfg(test)]
mod tests;
