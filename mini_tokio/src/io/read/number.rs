//! `ReadNumber`: reading an integer or a float.
//!
//! One future for all 22 methods: `B` is an array as long as the number, and the decoder (`u16::from_be_bytes` …) is a
//! plain function pointer. A type per number, made by a macro, would say the same 22 times and could not be stepped
//! through.

use super::exact::poll_read_full;
use crate::io::{AsyncRead, ReadBuf};
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`read_u16`](crate::io::AsyncReadExt::read_u16) and its siblings.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadNumber<'a, R: ?Sized, T, B> {
        reader: &'a mut R,
        bytes: B,
        filled: usize,
        decode: fn(B) -> T,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized, T, B> ReadNumber<'a, R, T, B> {
    pub(super) fn new(reader: &'a mut R, bytes: B, decode: fn(B) -> T) -> Self {
        ReadNumber { reader, bytes, filled: 0, decode, _pin: PhantomPinned }
    }
}

impl<R, T, B> Future for ReadNumber<'_, R, T, B>
where
    R: AsyncRead + Unpin + ?Sized,
    B: AsMut<[u8]> + Copy,
{
    type Output = io::Result<T>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut buf = ReadBuf::new(this.bytes.as_mut());
        buf.set_filled(*this.filled);
        let result = poll_read_full(Pin::new(&mut **this.reader), cx, &mut buf);
        *this.filled = buf.filled().len();
        ready!(placed(result))?;
        Poll::Ready(Ok((this.decode)(*this.bytes)))
    }
}
