//! Memory that nobody has written yet, lent to the kernel: the only door through which a read may fill it.
//!
//! ```text
//!   ReadBuf, BufMut --fill--> Spare --read, recv, recv_from--> Filled --fill--> ReadBuf, BufMut
//!     has room                 the room, lent                    the kernel's count            has as many bytes more
//! ```
//!
//! `std::io::Read` wants initialised memory, and zeroing a buffer that the kernel overwrites at once is work for
//! nothing. So buffers hand out their room as it is, and must then be told, in an `unsafe` call, how much of it is
//! written. Each kind of socket would need that call for each kind of read and each kind of buffer; here it is made
//! once.
//!
//! - `SPARE-1` Whoever holds a [`Filled`] got it from the [`Spare`] of the same `fill`: both carry its lifetime, which
//!   fits no other, and neither can be made elsewhere. So its count is the kernel's, and about the front of this very
//!   room.

use std::io;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

use bytes::BufMut;
use socket2::{SockAddr, SockRef};

use super::ReadBuf;

/// Fits one lifetime only: neither a longer nor a shorter one will do.
type Brand<'room> = PhantomData<fn(&'room ()) -> &'room ()>;

/// Room for bytes, perhaps never written.
pub(crate) struct Spare<'room> {
    room: &'room mut [MaybeUninit<u8>],
    brand: Brand<'room>,
}

/// How much of a `Spare` has been written, from its front (SPARE-1).
#[must_use]
pub(crate) struct Filled<'room> {
    count: usize,
    brand: Brand<'room>,
}

impl<'room> Spare<'room> {
    fn new(room: &'room mut [MaybeUninit<u8>]) -> Self {
        Self { room, brand: PhantomData }
    }

    /// `read(2)`: for whatever has a descriptor.
    pub(crate) fn read(self, from: &impl AsFd) -> io::Result<Filled<'room>> {
        // SAFETY: the pointer and the length are those of a slice that is borrowed mutably for the whole call. The
        // kernel writes to it, and nobody reads it.
        let n = unsafe { libc::read(from.as_fd().as_raw_fd(), self.room.as_mut_ptr().cast(), self.room.len()) };
        let count = usize::try_from(n).map_err(|_| io::Error::last_os_error())?;
        Ok(Filled { count, brand: PhantomData })
    }

    /// `recv(2)`.
    pub(crate) fn recv(self, from: &impl AsFd) -> io::Result<Filled<'room>> {
        let (room, length) = (self.room.as_mut_ptr().cast(), self.room.len());
        // SAFETY: as in `read`.
        let n = unsafe { libc::recv(from.as_fd().as_raw_fd(), room, length, 0) };
        let count = usize::try_from(n).map_err(|_| io::Error::last_os_error())?;
        Ok(Filled { count, brand: PhantomData })
    }

    /// `recv(2)` of what stays where it is.
    pub(crate) fn peek(self, from: &impl AsFd) -> io::Result<Filled<'room>> {
        let count = SockRef::from(from).peek(self.room)?;
        Ok(Filled { count, brand: PhantomData })
    }

    /// `recvfrom(2)`.
    pub(crate) fn recv_from(self, from: &impl AsFd) -> io::Result<(Filled<'room>, SockAddr)> {
        let (count, sender) = SockRef::from(from).recv_from(self.room)?;
        Ok((Filled { count, brand: PhantomData }, sender))
    }

    /// `recvfrom(2)` of what stays where it is.
    pub(crate) fn peek_from(self, from: &impl AsFd) -> io::Result<(Filled<'room>, SockAddr)> {
        let (count, sender) = SockRef::from(from).peek_from(self.room)?;
        Ok((Filled { count, brand: PhantomData }, sender))
    }
}

/// Lends the unfilled part of `buf` to `read`, and declares what that has filled to be data. Returns how many bytes.
pub(crate) fn fill(
    buf: &mut ReadBuf<'_>,
    read: impl for<'room> FnOnce(Spare<'room>) -> io::Result<Filled<'room>>,
) -> io::Result<usize> {
    Ok(fill_from(buf, |spare| Ok((read(spare)?, ())))?.0)
}

/// The same for a read that has more to say than how many bytes.
// ANCHOR: io-fill-spare
pub(crate) fn fill_from<T>(
    buf: &mut ReadBuf<'_>,
    read: impl for<'room> FnOnce(Spare<'room>) -> io::Result<(Filled<'room>, T)>,
) -> io::Result<(usize, T)> {
    // SAFETY: a `Spare` is only given to the kernel, which writes nothing but bytes (READBUF-3).
    let (filled, more) = read(Spare::new(unsafe { buf.unfilled_mut() }))?;
    let count = filled.count;
    // SAFETY: the first `count` bytes of the unfilled part have been written (SPARE-1).
    unsafe { buf.assume_init(count) };
    buf.advance(count);
    Ok((count, more))
}

/// Lends the room at the end of `buf` to `read`, and declares what that has filled to be data. Returns how many bytes.
pub(crate) fn append<B: BufMut>(
    buf: &mut B,
    read: impl for<'room> FnOnce(Spare<'room>) -> io::Result<Filled<'room>>,
) -> io::Result<usize> {
    Ok(append_from(buf, |spare| Ok((read(spare)?, ())))?.0)
}

/// The same for a read that has more to say than how many bytes.
pub(crate) fn append_from<B: BufMut, T>(
    buf: &mut B,
    read: impl for<'room> FnOnce(Spare<'room>) -> io::Result<(Filled<'room>, T)>,
) -> io::Result<(usize, T)> {
    // SAFETY: a `Spare` is only given to the kernel, which writes nothing but bytes.
    let (filled, more) = read(Spare::new(unsafe { buf.chunk_mut().as_uninit_slice_mut() }))?;
    let count = filled.count;
    // SAFETY: the first `count` bytes of the chunk have been written (SPARE-1).
    unsafe { buf.advance_mut(count) };
    Ok((count, more))
}
