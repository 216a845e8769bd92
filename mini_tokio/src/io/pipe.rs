//! `SimplexStream`: a pipe of bytes in memory, of limited size, for one reader and one writer.
//!
//! ```text
//!   writer --> [ ring of at most `limit` bytes ] --> reader
//! ```
//!
//! The pipe keeps a waker for each side that waits. Wakers are user code (clone, wake and drop of them may come back to
//! this very pipe), and `DuplexStream` keeps pipes behind locks. So no method of `Pipe` runs any of them: wakers come
//! in already cloned, and go out in an `Aftermath` that the caller settles when it holds no lock.
//!
//! A poll that has to wait therefore goes:
//! 1. (locked) nothing to do, and the registered waker is not ours: answer `NeedsWaker`;
//! 2. (unlocked) clone the waker;
//! 3. (locked) try again; still nothing to do: leave the clone, take the one that was there;
//! 4. (unlocked) drop that one.
//!
//! Invariants:
//! - `PIPE-1`: a side is asleep only with its waker registered, and whoever makes bytes, room or an end takes that
//!   waker out in the same step.
//! - `PIPE-2`: `bytes.len() <= limit`.

use super::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf, split};
use crate::coop::proceed;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// What a step inside the pipe leaves to be done outside every lock.
#[derive(Debug, Default)]
#[must_use = "settle it once no lock is held"]
pub(super) struct Aftermath {
    wake: Option<Waker>,
    discard: Option<Waker>,
}

impl Aftermath {
    pub(super) fn settle(self) {
        if let Some(waker) = self.wake {
            waker.wake();
        }
        drop(self.discard);
    }
}

/// How a try to read or write has ended.
#[derive(Debug)]
pub(super) enum Attempt<T> {
    Done(io::Result<T>),
    /// Nothing to do now; the waker of the caller's context is registered.
    Registered,
    /// Nothing to do now; try again with a clone of the waker.
    NeedsWaker,
}

/// The pipe itself, without the means to share it.
#[derive(Debug)]
pub(super) struct Pipe {
    bytes: VecDeque<u8>,
    limit: usize,
    /// Either side is gone: nothing will be written any more.
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    #[track_caller]
    pub(super) fn new(limit: usize) -> Self {
        assert!(limit > 0, "`max_buf_size` must be greater than 0");
        Pipe { bytes: VecDeque::new(), limit, closed: false, reader: None, writer: None }
    }

    /// Closes from the writer's side: the reader will find the end behind what is still there.
    pub(super) fn close_writer(&mut self) -> Aftermath {
        self.closed = true;
        Aftermath { wake: self.reader.take(), discard: self.writer.take() }
    }

    /// Closes from the reader's side: the writer will be told that the pipe is broken.
    pub(super) fn close_reader(&mut self) -> Aftermath {
        self.closed = true;
        Aftermath { wake: self.writer.take(), discard: self.reader.take() }
    }

    /// Tries to read. `clone` is a clone of `waker`, if the caller has made one.
    pub(super) fn read(
        &mut self,
        buf: &mut ReadBuf<'_>,
        waker: &Waker,
        clone: &mut Option<Waker>,
    ) -> (Attempt<()>, Aftermath) {
        if self.bytes.is_empty() && !self.closed && buf.remaining() > 0 {
            return register(&mut self.reader, waker, clone);
        }
        let n = self.bytes.len().min(buf.remaining());
        let (front, back) = self.bytes.as_slices();
        let from_front = n.min(front.len());
        buf.put_slice(&front[..from_front]);
        buf.put_slice(&back[..n - from_front]);
        self.bytes.drain(..n);
        let wake = if n > 0 { self.writer.take() } else { None };
        (Attempt::Done(Ok(())), Aftermath { wake, discard: None })
    }

    /// Tries to write from `bufs` as if they were joined. `clone` is a clone of `waker`, if the caller has made one.
    pub(super) fn write(
        &mut self,
        bufs: &[IoSlice<'_>],
        waker: &Waker,
        clone: &mut Option<Waker>,
    ) -> (Attempt<usize>, Aftermath) {
        if self.closed {
            return (Attempt::Done(Err(ErrorKind::BrokenPipe.into())), Aftermath::default());
        }
        let room = self.limit - self.bytes.len();
        if room == 0 && bufs.iter().any(|buf| !buf.is_empty()) {
            return register(&mut self.writer, waker, clone);
        }
        let mut written = 0;
        for buf in bufs {
            let n = buf.len().min(room - written);
            self.bytes.extend(&buf[..n]);
            written += n;
        }
        let wake = if written > 0 { self.reader.take() } else { None };
        (Attempt::Done(Ok(written)), Aftermath { wake, discard: None })
    }
}

/// Leaves the caller's waker in `place`, as far as that goes without cloning or dropping one (PIPE-1).
// ANCHOR: io-pipe-register
fn register<T>(place: &mut Option<Waker>, waker: &Waker, clone: &mut Option<Waker>) -> (Attempt<T>, Aftermath) {
    if place.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
        return (Attempt::Registered, Aftermath::default());
    }
    let Some(clone) = clone.take() else {
        return (Attempt::NeedsWaker, Aftermath::default());
    };
    (Attempt::Registered, Aftermath { wake: None, discard: place.replace(clone) })
}

/// Tries until the answer is final, cloning the waker and settling the aftermath between the tries.
///
/// `attempt` takes whatever lock it needs and has released it when it returns.
pub(super) fn poll_pipe<T>(
    cx: &mut Context<'_>,
    mut attempt: impl FnMut(&Waker, &mut Option<Waker>) -> (Attempt<T>, Aftermath),
) -> Poll<io::Result<T>> {
    let permit = ready!(proceed(cx, || "a pipe in memory".into()));
    let mut clone = None;
    loop {
        let (outcome, aftermath) = attempt(cx.waker(), &mut clone);
        aftermath.settle();
        match outcome {
            Attempt::Done(result) => {
                permit.made_progress();
                return Poll::Ready(result);
            }
            Attempt::Registered => return Poll::Pending,
            Attempt::NeedsWaker => clone = Some(cx.waker().clone()),
        }
    }
}

/// A pipe in memory, in one direction, made by [`simplex`] or [`new_unsplit`](SimplexStream::new_unsplit).
///
/// After `shutdown` the reader reads what is left and then the end; writing fails with `BrokenPipe`.
#[derive(Debug)]
pub struct SimplexStream {
    pipe: Pipe,
}

/// A pipe in memory that holds at most `max_buf_size` bytes: its end for reading and its end for writing.
///
/// The halves may be joined with [`unsplit`](ReadHalf::unsplit). Dropping a half does not close the pipe; shut it down.
///
/// # Panics
///
/// If `max_buf_size` is 0.
#[track_caller]
pub fn simplex(max_buf_size: usize) -> (ReadHalf<SimplexStream>, WriteHalf<SimplexStream>) {
    split(SimplexStream::new_unsplit(max_buf_size))
}

impl SimplexStream {
    /// A pipe in memory that holds at most `max_buf_size` bytes, its two ends in one value.
    ///
    /// # Panics
    ///
    /// If `max_buf_size` is 0.
    #[track_caller]
    pub fn new_unsplit(max_buf_size: usize) -> SimplexStream {
        SimplexStream { pipe: Pipe::new(max_buf_size) }
    }
}

impl AsyncRead for SimplexStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_pipe(cx, |waker, clone| self.pipe.read(buf, waker, clone))
    }
}

impl AsyncWrite for SimplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.close_writer().settle();
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_pipe(cx, |waker, clone| self.pipe.write(bufs, waker, clone))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
