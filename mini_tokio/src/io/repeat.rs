//! `repeat`: one byte, without end.

use super::{AsyncRead, ReadBuf};
use crate::coop::poll_proceed;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A reader of one byte without end, made by [`repeat`].
#[derive(Debug)]
pub struct Repeat {
    byte: u8,
}

/// A reader that fills every buffer with `byte` and never ends.
pub fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

impl AsyncRead for Repeat {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(poll_proceed(cx)).made_progress();
        // `put_bytes` of `BufMut` writes without zeroing first.
        bytes::BufMut::put_bytes(buf, self.byte, buf.remaining());
        Poll::Ready(Ok(()))
    }
}
