//! Reading straight into the spare room of a growable buffer, without zeroing it first.
//!
//! The danger is a reader in safe code that puts another `ReadBuf` in the place of ours and says "filled": those bytes
//! would be counted as ours. So whoever turns "filled" into a length first checks `SPARE-1`: the `ReadBuf` that comes
//! back lies over the memory that was handed out.

use crate::io::{AsyncRead, ReadBuf};
use bytes::BufMut;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads once into `buf` and says how many bytes came. Polls nothing if `buf` has no room.
pub(in crate::io) fn read_into_spare<R, B>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<io::Result<usize>>
where
    R: AsyncRead + ?Sized,
    B: BufMut + ?Sized,
{
    if !buf.has_remaining_mut() {
        return Poll::Ready(Ok(0));
    }
    // SAFETY: `ReadBuf` never makes a byte uninitialised (READBUF-3).
    let spare = unsafe { buf.chunk_mut().as_uninit_slice_mut() };
    let start = spare.as_ptr();
    let mut read_buf = ReadBuf::uninit(spare);
    ready!(reader.poll_read(cx, &mut read_buf))?;
    let filled = read_buf.filled();
    assert!(std::ptr::eq(filled.as_ptr(), start.cast()), "the reader replaced the buffer it was given");
    let n = filled.len();
    // SAFETY: SPARE-1 was just checked, so the first `n` bytes of the chunk are the filled ones (READBUF-2).
    unsafe { buf.advance_mut(n) };
    Poll::Ready(Ok(n))
}
