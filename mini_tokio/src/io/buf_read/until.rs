//! `ReadUntil`: reading up to a delimiter.

use crate::io::AsyncBufRead;
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`read_until`](crate::io::AsyncBufReadExt::read_until).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadUntil<'a, R: ?Sized> {
        reader: &'a mut R,
        delimiter: u8,
        buf: &'a mut Vec<u8>,
        // How long `buf` was: the answer is by how much it has grown.
        before: usize,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized> ReadUntil<'a, R> {
    pub(super) fn new(reader: &'a mut R, delimiter: u8, buf: &'a mut Vec<u8>) -> Self {
        let before = buf.len();
        ReadUntil { reader, delimiter, buf, before, _pin: PhantomPinned }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(placed(poll_until(Pin::new(&mut **this.reader), cx, *this.delimiter, this.buf)))?;
        Poll::Ready(Ok(this.buf.len() - *this.before))
    }
}

/// Appends to `buf` up to and with the next `delimiter`, or to the end of file.
///
/// Bytes leave the reader only in the moment in which they enter `buf`, so a pending or failed call loses none.
// ANCHOR: io-read-until
pub(super) fn poll_until<R: AsyncBufRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    buf: &mut Vec<u8>,
) -> Poll<io::Result<()>> {
    loop {
        let bytes = match ready!(reader.as_mut().poll_fill_buf(cx)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        let found = memchr::memchr(delimiter, bytes);
        let n = found.map_or(bytes.len(), |at| at + 1);
        buf.extend_from_slice(&bytes[..n]);
        reader.as_mut().consume(n);
        if found.is_some() || n == 0 {
            return Poll::Ready(Ok(()));
        }
    }
}
