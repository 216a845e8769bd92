//! `BufWriter`: many small writes become one large write below.
//!
//! ```text
//!   0        sent         len           capacity
//!   | written  | buffered   |   free       |
//! ```
//!
//! Invariant `BUFWRITER-1`: `sent <= buf.len() <= capacity`, and `buf[sent..]` is what was accepted here and not yet
//! taken by the writer below. A flush that is dropped half way leaves `sent` right, so no byte is lost or repeated.

use super::buf_reader::DEFAULT_CAPACITY;
use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, ErrorKind, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A writer with a buffer in front of it, for many small writes to a socket or file.
    ///
    /// Flush or shut it down at the end: dropping it, or [`into_inner`](Self::into_inner), loses what is buffered.
    /// Reading goes straight through.
    pub struct BufWriter<W> {
        #[pin]
        inner: W,
        buf: Vec<u8>,
        sent: usize,
        capacity: usize,
        seek: SeekStep,
    }
}

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum SeekStep {
    None,
    /// Asked for; the buffer has to be written first.
    Asked(SeekFrom),
    /// The writer below is moving.
    Moving,
}

impl<W: AsyncWrite> BufWriter<W> {
    /// Puts a buffer of 8 KiB in front of `inner`.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// Puts a buffer of `cap` bytes in front of `inner`. With 0 bytes, every write goes straight through.
    pub fn with_capacity(cap: usize, inner: W) -> Self {
        Self { inner, buf: Vec::with_capacity(cap), sent: 0, capacity: cap, seek: SeekStep::None }
    }

    /// Writes the whole buffer below, without flushing below.
    // ANCHOR: io-flush-buffer
    fn poll_empty_buffer(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        while *this.sent < this.buf.len() {
            match ready!(this.inner.as_mut().poll_write(cx, &this.buf[*this.sent..])) {
                Ok(0) => {
                    return Poll::Ready(Err(io::Error::new(
                        ErrorKind::WriteZero,
                        "the writer took no more of the buffered data",
                    )));
                }
                Ok(n) => *this.sent += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        this.buf.clear();
        *this.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Makes the buffer ready to take `n` bytes: empties it unless they fit.
    fn poll_make_room(self: Pin<&mut Self>, cx: &mut Context<'_>, n: usize) -> Poll<io::Result<()>> {
        if n <= self.capacity - self.buf.len() { Poll::Ready(Ok(())) } else { self.poll_empty_buffer(cx) }
    }
}

impl<W> BufWriter<W> {
    /// The writer below.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer below. What is written to it overtakes what is buffered.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer below, pinned. What is written to it overtakes what is buffered.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the writer below back. What is buffered is lost.
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// What is buffered and not yet written below.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.sent..]
    }

    /// Puts another writer below, keeping the buffer.
    pub(super) fn map_inner<V>(self, replace: impl FnOnce(W) -> V) -> BufWriter<V> {
        BufWriter {
            inner: replace(self.inner),
            buf: self.buf,
            sent: self.sent,
            capacity: self.capacity,
            seek: self.seek,
        }
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_make_room(cx, buf.len()))?;
        let this = self.project();
        if buf.len() >= *this.capacity {
            return this.inner.poll_write(cx, buf);
        }
        this.buf.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty_buffer(cx))?;
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty_buffer(cx))?;
        self.get_pin_mut().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.inner.is_write_vectored() {
            let total = bufs.iter().fold(0usize, |sum, buf| sum.saturating_add(buf.len()));
            ready!(self.as_mut().poll_make_room(cx, total))?;
            let this = self.project();
            if total >= *this.capacity {
                return this.inner.poll_write_vectored(cx, bufs);
            }
            bufs.iter().for_each(|buf| this.buf.extend_from_slice(buf));
            return Poll::Ready(Ok(total));
        }

        let mut bufs = bufs.iter().filter(|buf| !buf.is_empty());
        let Some(first) = bufs.next() else {
            return Poll::Ready(Ok(0));
        };
        let mut total = ready!(self.as_mut().poll_write(cx, first))?;
        if total < first.len() {
            return Poll::Ready(Ok(total)); // the rest of it comes before the next buffer
        }
        let this = self.project();
        for buf in bufs {
            if buf.len() > *this.capacity - this.buf.len() {
                break;
            }
            this.buf.extend_from_slice(buf);
            total += buf.len();
        }
        Poll::Ready(Ok(total))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

/// Writes the buffer below, then seeks there.
impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = SeekStep::Asked(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if let SeekStep::Asked(position) = self.seek {
            ready!(self.as_mut().poll_empty_buffer(cx))?;
            // The writer below refuses to begin a seek while it is busy with an earlier one.
            ready!(self.as_mut().get_pin_mut().poll_complete(cx))?;
            let this = self.as_mut().project();
            *this.seek = SeekStep::None;
            this.inner.start_seek(position)?;
            *this.seek = SeekStep::Moving;
        }
        let this = self.project();
        let result = ready!(this.inner.poll_complete(cx));
        *this.seek = SeekStep::None;
        Poll::Ready(result)
    }
}

impl<W: AsyncWrite + AsyncRead> AsyncRead for BufWriter<W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_read(cx, buf)
    }
}

impl<W: AsyncWrite + AsyncBufRead> AsyncBufRead for BufWriter<W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_pin_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_pin_mut().consume(amt);
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufWriter")
            .field("writer", &self.inner)
            .field("buffer", &format_args!("{}/{}", self.buf.len() - self.sent, self.capacity))
            .finish()
    }
}

#[cfg(test)]
mod tests;
