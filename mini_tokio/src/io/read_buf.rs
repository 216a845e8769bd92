//! `ReadBuf`: the buffer that a reader fills, which knows how much of it is data and how much was ever written at all.
//!
//! ```text
//!   0            filled        initialized          capacity
//!   |  data        |  old bytes    |  possibly garbage  |
//!   |--------------|------- unfilled -------------------|
//! ```
//!
//! Handing a reader `&mut [u8]` would oblige every caller to zero a buffer first that the kernel overwrites at once. So
//! a `ReadBuf` starts from memory of any kind, and zeroes only what a reader wants to see as `&mut [u8]`, and that only
//! once.
//!
//! Invariants:
//! - `READBUF-1`: `filled <= initialized <= capacity`.
//! - `READBUF-2`: the first `initialized` bytes have been written.
//! - `READBUF-3`: a byte once written is never made uninitialised again. A `ReadBuf` may lie over a `&mut [u8]` whose
//!   owner reads all of it afterwards, so this holds for the whole buffer and not only below `initialized`.

use std::fmt;
use std::mem::MaybeUninit;

/// A byte buffer that is filled step by step, over memory that need not be initialised.
///
/// A reader's `poll_read` appends to it: safely with [`put_slice`](Self::put_slice), or with
/// [`initialize_unfilled`](Self::initialize_unfilled) and [`advance`](Self::advance), or through the unsafe
/// [`unfilled_mut`](Self::unfilled_mut), [`assume_init`](Self::assume_init) and `advance` without zeroing anything.
///
/// The idea of the double cursor is that of Rust RFC 2930.
pub struct ReadBuf<'a> {
    bytes: &'a mut [MaybeUninit<u8>],
    filled: usize,
    initialized: usize,
}

impl<'a> ReadBuf<'a> {
    /// Makes an empty `ReadBuf` over bytes that are all initialised.
    #[inline]
    pub fn new(buf: &'a mut [u8]) -> ReadBuf<'a> {
        let initialized = buf.len();
        // SAFETY: `MaybeUninit<u8>` has the layout of `u8`; that the slice's owner still finds initialised bytes when
        // the borrow ends is READBUF-3.
        let bytes = unsafe { &mut *(buf as *mut [u8] as *mut [MaybeUninit<u8>]) };
        ReadBuf { bytes, filled: 0, initialized }
    }

    /// Makes an empty `ReadBuf` over bytes of which none is known to be initialised.
    ///
    /// If some are, say so with [`assume_init`](Self::assume_init).
    #[inline]
    pub fn uninit(buf: &'a mut [MaybeUninit<u8>]) -> ReadBuf<'a> {
        ReadBuf { bytes: buf, filled: 0, initialized: 0 }
    }

    /// How many bytes the buffer holds when full.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// The data: everything that has been read so far.
    #[inline]
    pub fn filled(&self) -> &[u8] {
        // SAFETY: READBUF-1 and READBUF-2.
        unsafe { self.bytes[..self.filled].assume_init_ref() }
    }

    /// The data, for changing in place.
    #[inline]
    pub fn filled_mut(&mut self) -> &mut [u8] {
        // SAFETY: READBUF-1 and READBUF-2; only `u8`s can be written through the slice, which keeps READBUF-3.
        unsafe { self.bytes[..self.filled].assume_init_mut() }
    }

    /// A `ReadBuf` over the first `n` unfilled bytes, or over all of them if there are fewer.
    ///
    /// What is filled in there is not yet filled here: follow it with [`assume_init`](Self::assume_init) and
    /// [`advance`](Self::advance).
    #[inline]
    pub fn take(&mut self, n: usize) -> ReadBuf<'_> {
        let n = n.min(self.remaining());
        let initialized = (self.initialized - self.filled).min(n);
        ReadBuf { bytes: &mut self.bytes[self.filled..][..n], filled: 0, initialized }
    }

    /// The bytes known to be initialised: the data, and the old bytes behind it.
    #[inline]
    pub fn initialized(&self) -> &[u8] {
        // SAFETY: READBUF-2.
        unsafe { self.bytes[..self.initialized].assume_init_ref() }
    }

    /// The bytes known to be initialised, for changing in place.
    #[inline]
    pub fn initialized_mut(&mut self) -> &mut [u8] {
        // SAFETY: READBUF-2; only `u8`s can be written through the slice, which keeps READBUF-3.
        unsafe { self.bytes[..self.initialized].assume_init_mut() }
    }

    /// The whole buffer as it is.
    ///
    /// # Safety
    ///
    /// The caller never makes an initialised byte uninitialised, wherever in the buffer it lies.
    #[inline]
    pub unsafe fn inner_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.bytes
    }

    /// The unfilled part of the buffer as it is.
    ///
    /// # Safety
    ///
    /// The caller never makes an initialised byte uninitialised, wherever in the buffer it lies.
    #[inline]
    pub unsafe fn unfilled_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.bytes[self.filled..]
    }

    /// The unfilled part of the buffer, zeroed where nothing is known to have been written.
    ///
    /// A second call does no work: zeroing happens once in the life of a byte.
    #[inline]
    pub fn initialize_unfilled(&mut self) -> &mut [u8] {
        self.initialize_unfilled_to(self.remaining())
    }

    /// The first `n` unfilled bytes, zeroed where nothing is known to have been written.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes remain.
    // ANCHOR: io-zero-once
    #[inline]
    #[track_caller]
    pub fn initialize_unfilled_to(&mut self, n: usize) -> &mut [u8] {
        assert!(n <= self.remaining(), "n overflows remaining");
        let end = self.filled + n;
        if self.initialized < end {
            self.bytes[self.initialized..end].fill(MaybeUninit::new(0));
            self.initialized = end;
        }
        // SAFETY: `end <= initialized` now, so READBUF-2 covers the slice.
        unsafe { self.bytes[self.filled..end].assume_init_mut() }
    }

    /// How many bytes can still be filled.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.capacity() - self.filled
    }

    /// Forgets the data. The bytes stay as they are and stay known as initialised.
    #[inline]
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Declares the next `n` unfilled bytes to be data.
    ///
    /// # Panics
    ///
    /// If they are not all known to be initialised.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let filled = self.filled.checked_add(n).expect("filled overflow");
        self.set_filled(filled);
    }

    /// Declares the first `n` bytes, and no others, to be data. May shrink the data as well as grow it.
    ///
    /// # Panics
    ///
    /// If they are not all known to be initialised.
    #[inline]
    #[track_caller]
    pub fn set_filled(&mut self, n: usize) {
        assert!(n <= self.initialized, "filled must not become larger than initialized");
        self.filled = n;
    }

    /// Declares the next `n` unfilled bytes to be initialised. Does nothing if they are known to be already.
    ///
    /// # Safety
    ///
    /// The first `n` unfilled bytes exist and have been written.
    #[inline]
    pub unsafe fn assume_init(&mut self, n: usize) {
        debug_assert!(n <= self.remaining());
        self.initialized = self.initialized.max(self.filled + n);
    }

    /// Appends `buf` to the data.
    ///
    /// # Panics
    ///
    /// If fewer than `buf.len()` bytes remain.
    #[inline]
    #[track_caller]
    pub fn put_slice(&mut self, buf: &[u8]) {
        assert!(buf.len() <= self.remaining(), "buf.len() must fit in remaining()");
        let end = self.filled + buf.len();
        self.bytes[self.filled..end].write_copy_of_slice(buf);
        self.initialized = self.initialized.max(end);
        self.filled = end;
    }
}

// SAFETY: `remaining_mut` and `chunk_mut` describe the same unfilled bytes, and `advance_mut` moves past exactly `cnt`
// of them, whose initialisation is its caller's promise.
unsafe impl bytes::BufMut for ReadBuf<'_> {
    fn remaining_mut(&self) -> usize {
        self.remaining()
    }

    // SAFETY: `BufMut` says what the caller promises: the next `cnt` bytes are initialised.
    unsafe fn advance_mut(&mut self, cnt: usize) {
        // SAFETY: the caller of `advance_mut` has written the next `cnt` bytes, which is what `assume_init` asks for.
        unsafe { self.assume_init(cnt) };
        self.advance(cnt);
    }

    fn chunk_mut(&mut self) -> &mut bytes::buf::UninitSlice {
        // An `UninitSlice` cannot be given uninitialised bytes by safe code, so READBUF-3 holds.
        bytes::buf::UninitSlice::uninit(&mut self.bytes[self.filled..])
    }
}

impl fmt::Debug for ReadBuf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBuf")
            .field("filled", &self.filled)
            .field("initialized", &self.initialized)
            .field("capacity", &self.capacity())
            .finish()
    }
}

#[cfg(test)]
mod tests;
