//! One write: `Write` from a slice, `WriteVectored` from several, `WriteFrom` from a `Buf`.

use crate::io::AsyncWrite;
use crate::leaf::placed;
use bytes::Buf;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, IoSlice};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How many chunks of a `Buf` are offered to a vectored write at once.
const CHUNKS: usize = 64;

pin_project! {
    /// The future of [`write`](crate::io::AsyncWriteExt::write).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Write<'a, W: ?Sized> {
        writer: &'a mut W,
        src: &'a [u8],
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, W: ?Sized> Write<'a, W> {
    pub(super) fn new(writer: &'a mut W, src: &'a [u8]) -> Self {
        Write { writer, src, _pin: PhantomPinned }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Write<'_, W> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        placed(Pin::new(&mut **this.writer).poll_write(cx, this.src))
    }
}

pin_project! {
    /// The future of [`write_vectored`](crate::io::AsyncWriteExt::write_vectored).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WriteVectored<'a, 'b, W: ?Sized> {
        writer: &'a mut W,
        bufs: &'a [IoSlice<'b>],
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, 'b, W: ?Sized> WriteVectored<'a, 'b, W> {
    pub(super) fn new(writer: &'a mut W, bufs: &'a [IoSlice<'b>]) -> Self {
        WriteVectored { writer, bufs, _pin: PhantomPinned }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteVectored<'_, '_, W> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        placed(Pin::new(&mut **this.writer).poll_write_vectored(cx, this.bufs))
    }
}

pin_project! {
    /// The future of [`write_buf`](crate::io::AsyncWriteExt::write_buf).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WriteFrom<'a, W, B> {
        writer: &'a mut W,
        src: &'a mut B,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, W, B> WriteFrom<'a, W, B> {
    pub(super) fn new(writer: &'a mut W, src: &'a mut B) -> Self {
        WriteFrom { writer, src, _pin: PhantomPinned }
    }
}

impl<W: AsyncWrite + Unpin, B: Buf> Future for WriteFrom<'_, W, B> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        placed(poll_write_from(Pin::new(&mut **this.writer), cx, *this.src))
    }
}

/// Writes once from `src` and advances it: all its chunks in one call where the writer makes use of that.
pub(super) fn poll_write_from<W, B>(writer: Pin<&mut W>, cx: &mut Context<'_>, src: &mut B) -> Poll<io::Result<usize>>
where
    W: AsyncWrite + ?Sized,
    B: Buf,
{
    if !src.has_remaining() {
        return Poll::Ready(Ok(0));
    }
    let n = if !writer.is_write_vectored() {
        ready!(writer.poll_write(cx, src.chunk()))?
    } else if src.chunk().len() == src.remaining() {
        ready!(writer.poll_write_vectored(cx, &[IoSlice::new(src.chunk())]))? // spares the large array below
    } else {
        let mut slices = [IoSlice::new(&[]); CHUNKS];
        let count = src.chunks_vectored(&mut slices);
        ready!(writer.poll_write_vectored(cx, &slices[..count]))?
    };
    src.advance(n);
    Poll::Ready(Ok(n))
}
