//! `Lines`: a reader, line by line.

use super::until::poll_until;
use crate::io::AsyncBufRead;
use crate::leaf::at;
use pin_project_lite::pin_project;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The lines of a reader, made by [`lines`](crate::io::AsyncBufReadExt::lines).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        // The begun line. It lives here and not in the future of `next_line`: that makes `next_line` cancel safe.
        line: Vec<u8>,
    }
}

impl<R> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Lines { reader, line: Vec::new() }
    }
}

impl<R: AsyncBufRead> Lines<R> {
    /// The next line without its `\n` or `\r\n`, or `None` at the end of file. A last line may lack the newline.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the line is not UTF-8; the error holds a `FromUtf8Error` with its bytes, and the next call goes
    /// on behind it. Else the error of the reader; a line begun before is kept and goes on with the next call.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a line begun by a dropped call is finished by the next one.
    pub fn next_line(&mut self) -> impl Future<Output = io::Result<Option<String>>>
    where
        R: Unpin,
    {
        at(poll_fn(move |cx| Pin::new(&mut *self).poll_next_line(cx)))
    }

    /// The reader. What is read through it is missing from the lines.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// Gives the reader back. A begun line is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// Polls for the next line; see [`next_line`](Self::next_line). The task of the latest `cx` is woken.
    pub fn poll_next_line(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Option<String>>> {
        let this = self.project();
        ready!(poll_until(this.reader, cx, b'\n', this.line))?;
        if this.line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut line = mem::take(this.line);
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        let text = String::from_utf8(line).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        Poll::Ready(Ok(Some(text)))
    }
}
