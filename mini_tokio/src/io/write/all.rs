//! `WriteAll`: writing a whole slice.

use crate::io::AsyncWrite;
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The future of [`write_all`](crate::io::AsyncWriteExt::write_all).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WriteAll<'a, W: ?Sized> {
        writer: &'a mut W,
        src: &'a [u8],
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, W: ?Sized> WriteAll<'a, W> {
    pub(super) fn new(writer: &'a mut W, src: &'a [u8]) -> Self {
        WriteAll { writer, src, _pin: PhantomPinned }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (result, taken) = poll_write_full(Pin::new(&mut **this.writer), cx, this.src);
        *this.src = &this.src[taken..];
        placed(result)
    }
}

/// Writes from `src` until all of it is written, and says beside the result how many bytes this call took.
///
/// The count is no part of the `Poll`, since pending and failed calls have one too.
// ANCHOR: io-write-all
pub(super) fn poll_write_full<W: AsyncWrite + ?Sized>(
    mut writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    src: &[u8],
) -> (Poll<io::Result<()>>, usize) {
    let mut taken = 0;
    while taken < src.len() {
        match writer.as_mut().poll_write(cx, &src[taken..]) {
            Poll::Ready(Ok(0)) => return (Poll::Ready(Err(ErrorKind::WriteZero.into())), taken),
            Poll::Ready(Ok(n)) => taken += n,
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
            Poll::Ready(Err(error)) => return (Poll::Ready(Err(error)), taken),
            Poll::Pending => return (Poll::Pending, taken),
        }
    }
    (Poll::Ready(Ok(())), taken)
}
