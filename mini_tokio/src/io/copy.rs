//! `copy`, and the pump that it and `copy_bidirectional` run on.
//!
//! ```text
//!   reader --> | taken by writer | buffered |  free  | --> writer
//!              0               start       len    capacity
//! ```
//!
//! Invariants:
//! - `PUMP-1`: `start <= buf.len() <= capacity`, and `buf[start..]` has been read and not yet been written.
//! - `PUMP-2`: the pump never sleeps with unflushed bytes below while it waits for the reader. Otherwise two programs
//!   that answer each other through a buffering writer would wait for good.
//!
//! The buffer is on the heap, so that a task that copies stays small, and is allocated at the first poll. It is not zeroed:
//! most readers write to it without a look. (One that wants it initialised zeroes what it is given, at each read.)

use super::buf_reader::DEFAULT_CAPACITY;
use super::read::read_into_spare;
use super::{AsyncRead, AsyncWrite};
use crate::coop::proceed;
use crate::leaf::at;
use bytes::BufMut;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads all of `reader`, writes it to `writer`, flushes, and says how many bytes there were.
///
/// Uses a buffer of 8 KiB on the heap; [`copy_buf`](crate::io::copy_buf) does without.
///
/// # Errors
///
/// The first error of the reader, of the writer (`WriteZero` if it takes no more) or of the flush. `Interrupted` reads
/// and writes are tried again.
///
/// # Cancel safety
///
/// Not cancel safe: what a dropped call has read and not yet written is lost.
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> impl Future<Output = io::Result<u64>>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    at(async move {
        let mut pump = Pump::new(DEFAULT_CAPACITY);
        poll_fn(|cx| pump.poll(cx, Pin::new(&mut *reader), Pin::new(&mut *writer))).await
    })
}

/// One direction of copying.
#[derive(Debug)]
pub(super) struct Pump {
    buf: Vec<u8>,
    capacity: usize,
    start: usize,
    copied: u64,
    reader_ended: bool,
    unflushed: bool,
}

impl Pump {
    pub(super) fn new(capacity: usize) -> Self {
        let buf = Vec::with_capacity(capacity);
        Pump { buf, capacity, start: 0, copied: 0, reader_ended: false, unflushed: false }
    }

    /// Copies until the reader has ended and everything is written and flushed; says how many bytes that were.
    // ANCHOR: io-copy-pump
    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            // One unit for a read and the write that follows it.
            let permit = ready!(proceed(cx, || "io::copy".into()));
            if self.start == self.buf.len() && !self.reader_ended {
                self.start = 0;
                self.buf.clear();
                match self.poll_read(cx, reader.as_mut())? {
                    Poll::Ready(()) => permit.made_progress(),
                    Poll::Pending => return self.flush_and_wait(cx, writer),
                }
            }
            if self.start < self.buf.len() {
                match self.poll_write(cx, writer.as_mut())? {
                    Poll::Ready(()) => permit.made_progress(),
                    Poll::Pending => return self.read_ahead(cx, reader),
                }
            } else {
                ready!(writer.poll_flush(cx))?;
                permit.made_progress();
                return Poll::Ready(Ok(self.copied));
            }
        }
    }

    /// One read to the end of what is buffered; notes the end of file.
    fn poll_read<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
    ) -> Poll<io::Result<()>> {
        let room = self.capacity - self.buf.len();
        let n = loop {
            match ready!(read_into_spare(reader.as_mut(), cx, &mut (&mut self.buf).limit(room))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.reader_ended = n == 0;
        Poll::Ready(Ok(()))
    }

    /// One write from the front of what is buffered.
    fn poll_write<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>> {
        let buffered = &self.buf[self.start..];
        let n = loop {
            match ready!(writer.as_mut().poll_write(cx, buffered)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if n == 0 {
            return Poll::Ready(Err(ErrorKind::WriteZero.into()));
        }
        assert!(n <= buffered.len(), "the writer took more than it was offered");
        self.start += n;
        self.copied += n as u64;
        self.unflushed = true;
        Poll::Ready(Ok(()))
    }

    /// The writer is waiting and will wake the task. Meanwhile fetches what the reader has: fewer and larger writes
    /// follow.
    fn read_ahead<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        reader: Pin<&mut R>,
    ) -> Poll<io::Result<u64>> {
        if !self.reader_ended && self.buf.len() < self.capacity {
            let _either_way = self.poll_read(cx, reader)?;
        }
        Poll::Pending
    }

    /// The reader is waiting and will wake the task. Flushes before the task sleeps (PUMP-2).
    fn flush_and_wait<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>> {
        if self.unflushed {
            ready!(writer.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;
