//! `AsyncReadExt`: the reading methods that programs call, each a named future in a file beside this one.
//!
//! Every future here is `!Unpin`, as tokio's are: a program that may rely on `Unpin` today would break on the day when
//! the future keeps a pointer into itself.

mod chain;
mod exact;
mod number;
mod once;
mod spare;
mod take;
mod to_end;
mod to_string;

pub use chain::Chain;
pub use take::Take;

pub(super) use spare::read_into_spare;
pub(super) use to_string::TextGuard;

use super::AsyncRead;
use bytes::BufMut;
use exact::ReadExact;
use number::ReadNumber;
use once::{Read, ReadInto};
use to_end::ReadToEnd;
use to_string::ReadToString;

/// Declares the methods that read a number, each from its name, type, decoder and byte order.
macro_rules! number_readers {
    ($($name:ident -> $number:ty, $decode:ident, $order:literal;)*) => {$(
        #[doc = concat!("Reads one `", stringify!($number), "`, ", $order, ".")]
        ///
        /// Fails as [`read_exact`](Self::read_exact) does: with `UnexpectedEof` if the stream ends in or before the
        /// number. Reads no byte beyond it; from a socket, put a [`BufReader`](crate::io::BufReader) between.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe, as the bytes read before are lost; numbers of a single byte are.
        fn $name(&mut self) -> ReadNumber<'_, Self, $number, [u8; size_of::<$number>()]>
        where
            Self: Unpin,
        {
            ReadNumber::new(self, [0; _], <$number>::$decode)
        }
    )*};
}

/// Reading methods of everything that implements [`AsyncRead`].
pub trait AsyncReadExt: AsyncRead {
    /// A reader that reads `self` to its end and then `next`.
    fn chain<R>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
        R: AsyncRead,
    {
        Chain::new(self, next)
    }

    /// Reads once, into the front of `buf`, and says how many bytes there were.
    ///
    /// `Ok(0)` means end of file, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// Those of the reader, `Interrupted` too; no byte has been read then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has read nothing.
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read::new(self, buf)
    }

    /// Reads once, appends to `buf`, and says how many bytes there were.
    ///
    /// `Ok(0)` means end of file, or that `buf` has no room. A `Vec` or `BytesMut` without spare capacity makes room
    /// for a few bytes first.
    ///
    /// # Errors
    ///
    /// Those of the reader, `Interrupted` too; no byte has been read then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped call has read nothing.
    fn read_buf<'a, B>(&'a mut self, buf: &'a mut B) -> ReadInto<'a, Self, B>
    where
        Self: Unpin,
        B: BufMut + ?Sized,
    {
        ReadInto::new(self, buf)
    }

    /// Reads until `buf` is full and says its length. Reads no byte more than fits.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` if the stream ends before `buf` is full, else the first error of the reader; `Interrupted` is
    /// tried again. How much of `buf` was filled then is not told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped call may have read some of the bytes.
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact::new(self, buf)
    }

    number_readers! {
        read_u8 -> u8, from_be_bytes, "a single byte";
        read_i8 -> i8, from_be_bytes, "a single byte";
        read_u16 -> u16, from_be_bytes, "big-endian";
        read_i16 -> i16, from_be_bytes, "big-endian";
        read_u32 -> u32, from_be_bytes, "big-endian";
        read_i32 -> i32, from_be_bytes, "big-endian";
        read_u64 -> u64, from_be_bytes, "big-endian";
        read_i64 -> i64, from_be_bytes, "big-endian";
        read_u128 -> u128, from_be_bytes, "big-endian";
        read_i128 -> i128, from_be_bytes, "big-endian";
        read_f32 -> f32, from_be_bytes, "big-endian";
        read_f64 -> f64, from_be_bytes, "big-endian";
        read_u16_le -> u16, from_le_bytes, "little-endian";
        read_i16_le -> i16, from_le_bytes, "little-endian";
        read_u32_le -> u32, from_le_bytes, "little-endian";
        read_i32_le -> i32, from_le_bytes, "little-endian";
        read_u64_le -> u64, from_le_bytes, "little-endian";
        read_i64_le -> i64, from_le_bytes, "little-endian";
        read_u128_le -> u128, from_le_bytes, "little-endian";
        read_i128_le -> i128, from_le_bytes, "little-endian";
        read_f32_le -> f32, from_le_bytes, "little-endian";
        read_f64_le -> f64, from_le_bytes, "little-endian";
    }

    /// Reads to the end of file, appends everything to `buf`, and says how many bytes there were.
    ///
    /// # Errors
    ///
    /// The first error of the reader; `Interrupted` is tried again. What was read before stays in `buf`.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has appended what it read to `buf`; another call goes on from there.
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Reads to the end of file, appends everything to `dst`, and says how many bytes there were.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the bytes are not UTF-8, else the first error of the reader; `Interrupted` is tried again.
    /// `dst` is unchanged then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what a dropped call has read is lost. `dst` is unchanged.
    fn read_to_string<'a>(&'a mut self, dst: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, dst)
    }

    /// A reader of at most `limit` bytes of this one, at end of file after them.
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}

#[cfg(test)]
mod tests;
