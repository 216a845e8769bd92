//! `ReadToEnd`: reading everything into a `Vec`, in few reads, without zeroing and without needless growth.
//!
//! A `Vec` of exactly the right capacity is full when the last byte has come, and the reader has not yet said "end of
//! file". Growing the `Vec` only to hear that would copy all of it. So the end of the capacity that the caller chose is
//! read by way of a small array on the stack (the probe), and only bytes that really do not fit make the `Vec` grow.
//!
//! Invariant `TOEND-1`: `zeroed` bytes behind the end of the `Vec` are known to be initialised, so that a reader that
//! wants `&mut [u8]` does not zero the same spare room again on each call. A `Vec` that moves forgets it.

use crate::io::{AsyncRead, ReadBuf};
use crate::leaf::placed;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How much spare room makes a read worth its system call.
const ENOUGH: usize = 32;

pin_project! {
    /// The future of [`read_to_end`](crate::io::AsyncReadExt::read_to_end).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ReadToEnd<'a, R: ?Sized> {
        reader: &'a mut R,
        buf: &'a mut Vec<u8>,
        progress: Progress,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    pub(super) fn new(reader: &'a mut R, buf: &'a mut Vec<u8>) -> Self {
        let progress = Progress::new(buf);
        ReadToEnd { reader, buf, progress, _pin: PhantomPinned }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToEnd<'_, R> {
    type Output = io::Result<usize>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        placed(this.progress.poll_to_end(Pin::new(&mut **this.reader), cx, this.buf))
    }
}

/// What one call remembers about the `Vec` that it fills.
#[derive(Debug)]
pub(super) struct Progress {
    total: usize,
    first_capacity: usize,
    zeroed: usize,
}

impl Progress {
    pub(super) fn new(buf: &Vec<u8>) -> Self {
        Progress { total: 0, first_capacity: buf.capacity(), zeroed: 0 }
    }

    /// Reads into `buf`, always the same one, until end of file, and says how many bytes came since the first poll.
    pub(super) fn poll_to_end<R: AsyncRead + ?Sized>(
        &mut self,
        mut reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let spare = buf.capacity() - buf.len();
            let as_the_caller_made_it = buf.capacity() == self.first_capacity && self.first_capacity > 0;
            let result = if spare < ENOUGH && as_the_caller_made_it {
                ready!(self.poll_probe(reader.as_mut(), cx, buf))
            } else {
                ready!(self.poll_spare(reader.as_mut(), cx, buf))
            };
            match result {
                Ok(0) => return Poll::Ready(Ok(self.total)),
                Ok(n) => self.total += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// One read by way of the stack.
    // ANCHOR: io-read-to-end-probe
    fn poll_probe<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let mut probe = [MaybeUninit::uninit(); ENOUGH];
        let mut read_buf = ReadBuf::uninit(&mut probe);
        ready!(reader.poll_read(cx, &mut read_buf))?;
        buf.extend_from_slice(read_buf.filled());
        self.zeroed = 0;
        Poll::Ready(Ok(read_buf.filled().len()))
    }

    /// One read into the spare room of `buf`, which grows (doubling, as `Vec` does) if there is little.
    fn poll_spare<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let capacity = buf.capacity();
        buf.reserve(ENOUGH);
        if buf.capacity() != capacity {
            self.zeroed = 0;
        }
        let spare = buf.spare_capacity_mut();
        let start = spare.as_ptr();
        let mut read_buf = ReadBuf::uninit(spare);
        // SAFETY: TOEND-1.
        unsafe { read_buf.assume_init(self.zeroed) };
        let result = reader.poll_read(cx, &mut read_buf);
        let filled = read_buf.filled().len();
        assert!(std::ptr::eq(read_buf.filled().as_ptr(), start.cast()), "the reader replaced the buffer it was given");
        self.zeroed = read_buf.initialized().len() - filled;
        let len = buf.len() + filled;
        // SAFETY: SPARE-1 (see `spare.rs`) was just checked, so the first `filled` spare bytes are initialised
        // (READBUF-2).
        unsafe { buf.set_len(len) };
        ready!(result)?;
        Poll::Ready(Ok(filled))
    }
}
