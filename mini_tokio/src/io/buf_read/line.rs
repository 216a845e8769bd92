//! `ReadLine`: reading a line into a `String`.

use super::until::poll_until;
use crate::io::AsyncBufRead;
use crate::io::read::TextGuard;
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`read_line`](crate::io::AsyncBufReadExt::read_line).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadLine<'a, R: ?Sized> {
        reader: &'a mut R,
        text: TextGuard<'a>,
        before: usize,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized> ReadLine<'a, R> {
    pub(super) fn new(reader: &'a mut R, buf: &'a mut String) -> Self {
        let before = buf.len();
        ReadLine { reader, text: TextGuard::new(buf), before, _pin: PhantomPinned }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(placed(poll_until(Pin::new(&mut **this.reader), cx, b'\n', &mut this.text.bytes)));
        let n = this.text.bytes.len() - *this.before;
        let kept = this.text.keep();
        // The reader's error is the one to report, even if what came before it was no text either.
        Poll::Ready(result.and(kept).map(|()| n))
    }
}
