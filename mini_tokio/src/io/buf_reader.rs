//! `BufReader`: one large read from below serves many small ones.
//!
//! ```text
//!   0     taken        end         capacity
//!   | gone  | buffered   |   free     |
//! ```
//!
//! Invariant `BUFREADER-1`: `taken <= end <= buf.len()`, and `buf[taken..end]` is what the reader below has given and
//! nobody has consumed yet. So the reader below is `end - taken` bytes ahead of this one, which a relative seek has to
//! undo.

use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Capacity of the buffers of [`BufReader`], [`BufWriter`](super::BufWriter) and the copying functions.
pub(super) const DEFAULT_CAPACITY: usize = 8 * 1024;

pin_project! {
    /// A reader with a buffer in front of it, for many small reads from a socket or file.
    ///
    /// Dropping it, or [`into_inner`](Self::into_inner), loses what is buffered. Writing goes straight through.
    pub struct BufReader<R> {
        #[pin]
        inner: R,
        buf: Box<[u8]>,
        taken: usize,
        end: usize,
        seek: SeekStep,
    }
}

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum SeekStep {
    None,
    /// Asked for; the reader below may still be busy with something else.
    Asked(SeekFrom),
    /// The reader below is moving back to where this one is, to go on by the given distance from there.
    MovingBack(i64),
    /// The reader below is moving to its final position.
    Moving,
}

impl<R: AsyncRead> BufReader<R> {
    /// Puts a buffer of 8 KiB in front of `inner`.
    pub fn new(inner: R) -> Self {
        Self::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// Puts a buffer of `capacity` bytes in front of `inner`.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    #[track_caller]
    pub fn with_capacity(capacity: usize, inner: R) -> Self {
        assert!(capacity > 0, "capacity must be greater than zero");
        Self { inner, buf: vec![0; capacity].into_boxed_slice(), taken: 0, end: 0, seek: SeekStep::None }
    }
}

impl<R> BufReader<R> {
    /// The reader below.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader below. What is read from it is missing here.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader below, pinned. What is read from it is missing here.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader below back. What is buffered is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What is buffered. Reads nothing.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.taken..self.end]
    }

    /// Puts another reader below, keeping the buffer.
    pub(super) fn map_inner<S>(self, replace: impl FnOnce(R) -> S) -> BufReader<S> {
        BufReader { inner: replace(self.inner), buf: self.buf, taken: self.taken, end: self.end, seek: self.seek }
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.buffer().is_empty() && buf.remaining() >= self.buf.len() {
            // The caller's buffer is the larger one: a detour through ours would only copy.
            return self.get_pin_mut().poll_read(cx, buf);
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..n]);
        self.consume(n);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    // ANCHOR: io-fill-buf
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.project();
        if *this.taken == *this.end {
            let mut buf = ReadBuf::new(this.buf);
            ready!(this.inner.poll_read(cx, &mut buf))?;
            *this.end = buf.filled().len();
            *this.taken = 0;
        }
        Poll::Ready(Ok(&this.buf[*this.taken..*this.end]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let this = self.project();
        *this.taken = (*this.taken + amt).min(*this.end);
    }
}

/// Seeks in the reader below, relative to what has been read from here, and empties the buffer.
///
/// The buffer is always emptied, even if the new position lies in it: the reader that `into_inner` gives back then has
/// the same position as this one. If `SeekFrom::Current(n)` with the buffered bytes subtracted is no `i64`, two seeks
/// are made; if the second fails, the position is as after `SeekFrom::Current(0)`.
impl<R: AsyncRead + AsyncSeek> AsyncSeek for BufReader<R> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = SeekStep::Asked(position);
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let mut this = self.project();
        loop {
            // Each step begins by waiting for what the reader below is doing; `start_seek` there would fail otherwise.
            let result = ready!(this.inner.as_mut().poll_complete(cx));
            let step = std::mem::replace(this.seek, SeekStep::None);
            let at = result?;
            match step {
                SeekStep::None => return Poll::Ready(Ok(at)),
                SeekStep::Asked(SeekFrom::Current(distance)) => {
                    let ahead = (*this.end - *this.taken) as i64;
                    match distance.checked_sub(ahead) {
                        Some(distance) => {
                            this.inner.as_mut().start_seek(SeekFrom::Current(distance))?;
                            *this.seek = SeekStep::Moving;
                        }
                        None => {
                            this.inner.as_mut().start_seek(SeekFrom::Current(-ahead))?;
                            *this.seek = SeekStep::MovingBack(distance);
                        }
                    }
                }
                SeekStep::Asked(position) => {
                    this.inner.as_mut().start_seek(position)?;
                    *this.seek = SeekStep::Moving;
                }
                SeekStep::MovingBack(distance) => {
                    (*this.taken, *this.end) = (0, 0);
                    this.inner.as_mut().start_seek(SeekFrom::Current(distance))?;
                    *this.seek = SeekStep::Moving;
                }
                SeekStep::Moving => {
                    (*this.taken, *this.end) = (0, 0);
                    return Poll::Ready(Ok(at));
                }
            }
        }
    }
}

impl<R: AsyncRead + AsyncWrite> AsyncWrite for BufReader<R> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_pin_mut().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_pin_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufReader")
            .field("reader", &self.inner)
            .field("buffer", &format_args!("{}/{}", self.end - self.taken, self.buf.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests;
