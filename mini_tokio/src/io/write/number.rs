//! `WriteNumber`: writing an integer or a float, which is writing the array of its bytes.

use super::all::poll_write_full;
use crate::io::AsyncWrite;
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The future of [`write_u16`](crate::io::AsyncWriteExt::write_u16) and its siblings.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WriteNumber<'a, W: ?Sized, B> {
        writer: &'a mut W,
        bytes: B,
        written: usize,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, W: ?Sized, B> WriteNumber<'a, W, B> {
    pub(super) fn new(writer: &'a mut W, bytes: B) -> Self {
        WriteNumber { writer, bytes, written: 0, _pin: PhantomPinned }
    }
}

impl<W, B> Future for WriteNumber<'_, W, B>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: AsRef<[u8]>,
{
    type Output = io::Result<()>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (result, taken) = poll_write_full(Pin::new(&mut **this.writer), cx, &this.bytes.as_ref()[*this.written..]);
        *this.written += taken;
        placed(result)
    }
}
