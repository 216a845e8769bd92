//! `Split`: a reader, cut at a delimiter.

use super::until::poll_until;
use crate::io::AsyncBufRead;
use crate::leaf::at;
use pin_project_lite::pin_project;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The pieces of a reader, made by [`split`](crate::io::AsyncBufReadExt::split).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        // The begun piece; here, so that `next_segment` is cancel safe.
        segment: Vec<u8>,
        delimiter: u8,
    }
}

impl<R> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Split { reader, segment: Vec::new(), delimiter }
    }
}

impl<R: AsyncBufRead> Split<R> {
    /// The next piece without the delimiter, or `None` at the end of file.
    ///
    /// # Errors
    ///
    /// That of the reader; a piece begun before is kept and goes on with the next call.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a piece begun by a dropped call is finished by the next one.
    pub fn next_segment(&mut self) -> impl Future<Output = io::Result<Option<Vec<u8>>>>
    where
        R: Unpin,
    {
        at(poll_fn(move |cx| Pin::new(&mut *self).poll_next_segment(cx)))
    }

    /// Polls for the next piece; see [`next_segment`](Self::next_segment). The task of the latest `cx` is woken.
    pub fn poll_next_segment(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Option<Vec<u8>>>> {
        let this = self.project();
        ready!(poll_until(this.reader, cx, *this.delimiter, this.segment))?;
        if this.segment.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut segment = mem::take(this.segment);
        if segment.last() == Some(this.delimiter) {
            segment.pop();
        }
        Poll::Ready(Ok(Some(segment)))
    }
}
