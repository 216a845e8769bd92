//! `Take`: the first bytes of a reader as a reader of their own.

use crate::io::{AsyncBufRead, AsyncRead, ReadBuf};
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A reader with a limit, made by [`take`](crate::io::AsyncReadExt::take).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless you `.await` or poll them"]
    pub struct Take<R> {
        #[pin]
        inner: R,
        limit: u64,
    }
}

impl<R> Take<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Take { inner, limit }
    }
}

impl<R: AsyncRead> Take<R> {
    /// How many bytes may still be read; the reader may end before.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets how many bytes may be read from now on, whatever was read before.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader. What is read through it does not count.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader, pinned. What is read through it does not count.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the reader back.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

/// `value`, or `limit` if that is less.
fn at_most(value: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(value, |limit| value.min(limit))
}

impl<R: AsyncRead> AsyncRead for Take<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        if *this.limit == 0 {
            return Poll::Ready(Ok(()));
        }
        let room = at_most(buf.remaining(), *this.limit);
        let mut window = buf.take(room);
        let start = window.initialized().as_ptr();
        ready!(this.inner.poll_read(cx, &mut window))?;
        assert!(std::ptr::eq(window.filled().as_ptr(), start), "the reader replaced the buffer it was given");
        let (filled, initialized) = (window.filled().len(), window.initialized().len());
        // SAFETY: SPARE-1 (see `spare.rs`) was just checked, so the window's bytes are the first unfilled ones of
        // `buf`, and READBUF-2 held for the window.
        unsafe { buf.assume_init(initialized) };
        buf.advance(filled);
        *this.limit -= filled as u64;
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncBufRead> AsyncBufRead for Take<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.project();
        if *this.limit == 0 {
            return Poll::Ready(Ok(&[]));
        }
        let bytes = ready!(this.inner.poll_fill_buf(cx))?;
        Poll::Ready(Ok(&bytes[..at_most(bytes.len(), *this.limit)]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let this = self.project();
        let amt = at_most(amt, *this.limit);
        *this.limit -= amt as u64;
        this.inner.consume(amt);
    }
}
