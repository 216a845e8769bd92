//! `ReadToString`, and the guard under which bytes are appended to a `String` before anyone knows that they are UTF-8.
//!
//! The string's memory is taken out as a `Vec`, filled, checked, and given back. Whatever happens between (an error,
//! bytes that are no text, a dropped future, a panic in the reader), `TextGuard`'s drop gives the original text back.
//!
//! Invariant `TEXT-1`: the first `original` bytes of the `Vec` are the string as it was. Only appending methods ever
//! see it.

use super::to_end::Progress;
use crate::io::AsyncRead;
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`read_to_string`](crate::io::AsyncReadExt::read_to_string).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadToString<'a, R: ?Sized> {
        reader: &'a mut R,
        text: TextGuard<'a>,
        progress: Progress,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    pub(super) fn new(reader: &'a mut R, dst: &'a mut String) -> Self {
        let text = TextGuard::new(dst);
        let progress = Progress::new(&text.bytes);
        ReadToString { reader, text, progress, _pin: PhantomPinned }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToString<'_, R> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(placed(this.progress.poll_to_end(Pin::new(&mut **this.reader), cx, &mut this.text.bytes)));
        Poll::Ready(match result {
            Ok(n) => this.text.keep().map(|()| n),
            Err(error) => {
                this.text.give_up();
                Err(error)
            }
        })
    }
}

/// A `String` on loan as bytes.
#[derive(Debug)]
pub(in crate::io) struct TextGuard<'a> {
    owner: &'a mut String,
    /// Append only (TEXT-1).
    pub(in crate::io) bytes: Vec<u8>,
    original: usize,
}

impl<'a> TextGuard<'a> {
    pub(in crate::io) fn new(owner: &'a mut String) -> Self {
        let bytes = mem::take(owner).into_bytes();
        let original = bytes.len();
        TextGuard { owner, bytes, original }
    }

    /// Ends the loan: the owner gets the text with all that was appended, or, if that is not UTF-8, as it was.
    ///
    /// The error is that of the whole text, so that its `valid_up_to` counts from the start of the owner's string.
    pub(in crate::io) fn keep(&mut self) -> io::Result<()> {
        if str::from_utf8(&self.bytes[self.original..]).is_err() {
            // Text, then something that is no text: it cannot become text as a whole.
            let error = str::from_utf8(&self.bytes).expect_err("the appended bytes are not UTF-8");
            self.give_up();
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        self.original = self.bytes.len();
        self.give_up();
        Ok(())
    }

    /// Ends the loan: the owner gets the text as it was.
    pub(in crate::io) fn give_up(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(self.original);
        self.original = 0;
        // SAFETY: TEXT-1, or `keep` has just found the rest to be text as well, and text after text is text.
        *self.owner = unsafe { String::from_utf8_unchecked(bytes) };
    }

    /// Whether the loan is still running.
    fn is_running(&self) -> bool {
        self.original > 0 || self.bytes.capacity() > 0
    }
}

impl Drop for TextGuard<'_> {
    fn drop(&mut self) {
        if self.is_running() {
            self.give_up();
        }
    }
}
