//! `split`: one stream as two owners, one that reads and one that writes.
//!
//! The stream sits behind a lock that is held for one poll at a time, never while a task sleeps: a pending half leaves
//! the stream free. So the lock is a plain one, and two tasks that use the halves at once wait for each other only as
//! long as one `poll_read` or `poll_write` takes. A `TcpStream` has a `split` of its own that needs no lock at all.
//!
//! The stream is polled under the lock, and with it what the stream itself does during a poll. A stream that wakes a
//! task from within its poll must not do so with a waker that polls the other half on the spot; no executor's waker
//! does.
//!
//! Invariant `HALVES-1`: the stream is pinned from `split` to `unsplit` or to its drop. It lives in an `Arc`, is
//! reached only as `Pin<&mut T>`, and leaves again only if `T` is `Unpin`.

use super::{AsyncRead, AsyncWrite, ReadBuf};
use parking_lot::Mutex;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The half of a stream that reads, made by [`split`].
pub struct ReadHalf<T> {
    shared: Arc<Shared<T>>,
}

/// The half of a stream that writes, made by [`split`].
pub struct WriteHalf<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    /// Does not change: may be asked without the lock.
    is_write_vectored: bool,
    stream: Mutex<T>,
}

/// Splits `stream` into a half that reads and a half that writes, for two tasks or two branches of one.
///
/// [`unsplit`](ReadHalf::unsplit) joins them again. Dropping one half closes nothing; when both are gone, so is the
/// stream.
pub fn split<T>(stream: T) -> (ReadHalf<T>, WriteHalf<T>)
where
    T: AsyncRead + AsyncWrite,
{
    let is_write_vectored = stream.is_write_vectored();
    let shared = Arc::new(Shared { is_write_vectored, stream: Mutex::new(stream) });
    (ReadHalf { shared: shared.clone() }, WriteHalf { shared })
}

impl<T> Shared<T> {
    fn with_stream<R>(&self, poll: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let mut stream = self.stream.lock();
        // SAFETY: HALVES-1.
        poll(unsafe { Pin::new_unchecked(&mut *stream) })
    }
}

impl<T> ReadHalf<T> {
    /// Whether this half and `other` come from the same `split`.
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        other.is_pair_of(self)
    }

    /// Joins the halves to the stream again.
    ///
    /// # Panics
    ///
    /// If they do not come from the same `split`; see [`is_pair_of`](Self::is_pair_of).
    #[track_caller]
    pub fn unsplit(self, wr: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(self.is_pair_of(&wr), "the halves of two different streams cannot be joined");
        drop(wr);
        match Arc::try_unwrap(self.shared) {
            Ok(shared) => shared.stream.into_inner(),
            Err(_) => unreachable!("a split stream has two owners, and both were here"),
        }
    }
}

impl<T> WriteHalf<T> {
    /// Whether this half and `other` come from the same `split`.
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.shared.with_stream(|stream| stream.poll_read(cx, buf))
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.with_stream(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.with_stream(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.with_stream(|stream| stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.shared.with_stream(|stream| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.shared.is_write_vectored
    }
}

impl<T: fmt::Debug> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("split::ReadHalf").finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("split::WriteHalf").finish()
    }
}

#[cfg(test)]
mod tests;
