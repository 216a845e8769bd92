//! `AsyncWriteExt`: the writing methods that programs call, each a named future in a file beside this one.
//!
//! Every future here is `!Unpin`, as tokio's are (see `read/mod.rs`).

mod all;
mod all_buf;
mod finish;
mod number;
mod once;

use super::AsyncWrite;
use all::WriteAll;
use all_buf::WriteAllBuf;
use bytes::Buf;
use finish::{Flush, Shutdown};
use number::WriteNumber;
use once::{Write, WriteFrom, WriteVectored};
use std::io::IoSlice;

/// Declares the methods that write a number, each from its name, type, encoder and byte order.
macro_rules! number_writers {
    ($($name:ident($number:ty), $encode:ident, $order:literal;)*) => {$(
        #[doc = concat!("Writes one `", stringify!($number), "`, ", $order, ".")]
        ///
        /// Fails as [`write_all`](Self::write_all) does. To a socket, put a [`BufWriter`](crate::io::BufWriter)
        /// between.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe, as some of the bytes may have been written; numbers of a single byte are.
        fn $name(&mut self, n: $number) -> WriteNumber<'_, Self, [u8; size_of::<$number>()]>
        where
            Self: Unpin,
        {
            WriteNumber::new(self, n.$encode())
        }
    )*};
}

/// Writing methods of everything that implements [`AsyncWrite`].
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes once, from the front of `src`, and says how many bytes were taken.
    ///
    /// # Errors
    ///
    /// Those of the writer, `Interrupted` too; no byte has been written then. Taking fewer bytes than offered is no
    /// error.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has written nothing.
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write::new(self, src)
    }

    /// Like [`write`](Self::write), from several buffers as if they were joined.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has written nothing.
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored::new(self, bufs)
    }

    /// Writes once, from the front of `src`, advances `src` by what was taken, and says how much that was.
    ///
    /// # Errors
    ///
    /// Those of the writer, `Interrupted` too; no byte has been written then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has written nothing.
    fn write_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteFrom<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteFrom::new(self, src)
    }

    /// Writes all of `src`, advancing it as bytes are taken.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more, else its first error; `Interrupted` is tried again. `src` then begins
    /// with the bytes that could not be written.
    ///
    /// # Cancel safety
    ///
    /// A dropped call may have written some of the bytes, and has advanced `src` by exactly those: another call with
    /// the same `src` loses and repeats nothing.
    fn write_all_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteAllBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteAllBuf::new(self, src)
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more, else its first error; `Interrupted` is tried again.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped call may have written some of the bytes, and does not say how many. Use
    /// [`write_all_buf`](Self::write_all_buf) where that matters.
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll::new(self, src)
    }

    number_writers! {
        write_u8(u8), to_be_bytes, "a single byte";
        write_i8(i8), to_be_bytes, "a single byte";
        write_u16(u16), to_be_bytes, "big-endian";
        write_i16(i16), to_be_bytes, "big-endian";
        write_u32(u32), to_be_bytes, "big-endian";
        write_i32(i32), to_be_bytes, "big-endian";
        write_u64(u64), to_be_bytes, "big-endian";
        write_i64(i64), to_be_bytes, "big-endian";
        write_u128(u128), to_be_bytes, "big-endian";
        write_i128(i128), to_be_bytes, "big-endian";
        write_f32(f32), to_be_bytes, "big-endian";
        write_f64(f64), to_be_bytes, "big-endian";
        write_u16_le(u16), to_le_bytes, "little-endian";
        write_i16_le(i16), to_le_bytes, "little-endian";
        write_u32_le(u32), to_le_bytes, "little-endian";
        write_i32_le(i32), to_le_bytes, "little-endian";
        write_u64_le(u64), to_le_bytes, "little-endian";
        write_i64_le(i64), to_le_bytes, "little-endian";
        write_u128_le(u128), to_le_bytes, "little-endian";
        write_i128_le(i128), to_le_bytes, "little-endian";
        write_f32_le(f32), to_le_bytes, "little-endian";
        write_f64_le(f64), to_le_bytes, "little-endian";
    }

    /// Passes on everything that was written before and is still in a buffer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call may have passed on a part, and no byte is lost or repeated.
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush::new(self)
    }

    /// Flushes, and closes the writer for writing. Write nothing after it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has begun the shutdown, and another goes on with it.
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Shutdown::new(self)
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}

#[cfg(test)]
mod tests;
