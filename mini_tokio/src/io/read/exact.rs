//! `ReadExact`: reading until a slice is full.

use crate::io::{AsyncRead, ReadBuf};
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`read_exact`](crate::io::AsyncReadExt::read_exact).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadExact<'a, R: ?Sized> {
        reader: &'a mut R,
        buf: ReadBuf<'a>,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized> ReadExact<'a, R> {
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        ReadExact { reader, buf: ReadBuf::new(buf), _pin: PhantomPinned }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadExact<'_, R> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(placed(poll_read_full(Pin::new(&mut **this.reader), cx, this.buf)))?;
        Poll::Ready(Ok(this.buf.capacity()))
    }
}

/// Reads until `buf` is full. What a pending or failed call has read is in `buf`.
// ANCHOR: io-read-exact
pub(super) fn poll_read_full<R: AsyncRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    while buf.remaining() > 0 {
        let before = buf.remaining();
        match ready!(reader.as_mut().poll_read(cx, buf)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        if buf.remaining() == before {
            return Poll::Ready(Err(io::Error::new(ErrorKind::UnexpectedEof, "early eof")));
        }
    }
    Poll::Ready(Ok(()))
}
