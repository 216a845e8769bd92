//! `AsyncBufReadExt`: reading up to a delimiter, line by line, or by looking into the buffer.

mod fill_buf;
mod line;
mod lines;
mod segments;
mod until;

pub use lines::Lines;
pub use segments::Split;

use super::AsyncBufRead;
use fill_buf::FillBuf;
use line::ReadLine;
use std::pin::Pin;
use until::ReadUntil;

/// Reading methods of everything that implements [`AsyncBufRead`].
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Reads up to and with the next `byte`, or to the end of file, appends it to `buf`, and says how many bytes that
    /// were.
    ///
    /// `Ok(0)` means end of file.
    ///
    /// # Errors
    ///
    /// The first error of the reader; `Interrupted` is tried again. What was read before stays in `buf`.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has appended what it read to `buf`; another call goes on from there, and counts from 0 again.
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil::new(self, byte, buf)
    }

    /// Reads up to and with the next newline, or to the end of file, appends it to `buf`, and says how many bytes that
    /// were.
    ///
    /// `Ok(0)` means end of file.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the line is not UTF-8 (it is consumed, and `buf` is unchanged), else the first error of the
    /// reader (what was read before is in `buf` if it is UTF-8); `Interrupted` is tried again.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what a dropped call has read is lost. `buf` is unchanged. Use [`lines`](Self::lines) or
    /// [`read_until`](Self::read_until) where that matters.
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine::new(self, buf)
    }

    /// The pieces of this reader between one `byte` and the next, without it.
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// Shows the buffered bytes, reading from below only if there are none. An empty slice means end of file.
    ///
    /// Nothing is taken: follow it with [`consume`](Self::consume).
    ///
    /// # Panics
    ///
    /// If the future is polled again after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what a dropped call has read is in the buffer.
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf::new(self)
    }

    /// Takes the first `amt` of the bytes that [`fill_buf`](Self::fill_buf) has shown. More than were shown is the
    /// caller's error.
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        Pin::new(self).consume(amt)
    }

    /// The lines of this reader, without their `\n` or `\r\n`.
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}

#[cfg(test)]
mod tests;
