//! A shuttle: goes between a task and a device whose calls block, with a buffer. Files and the standard streams are built
//! on it.
//!
//! ```text
//!     the task                  the shuttle                            a thread of the pool
//!
//!     poll_read  <--- copy ---  [ buffer ]  Here
//!     poll_write ---- copy -->  [ buffer ] -- Away: a job of the pool --> device.read(&mut buffer), or
//!                                                                         device.write_all(&buffer)
//!                               [ buffer ] <-- Here: the job is done --   the buffer, and the outcome
//! ```
//!
//! # Vocabulary
//!
//! *Hop*: one operation on the pool: there and back again. It costs some microseconds, which is more than reading a few
//! pages does; so what counts is to have few. *Unread*: bytes that a hop has read and no task has taken. *Cursor*: where
//! the operating system reads or writes next; it is behind what is unread.
//!
//! # Why a buffer
//!
//! A future may be dropped while its hop is under way, and the kernel would go on writing into memory that the future
//! had borrowed. So a hop owns the memory that it works on, and the bytes are copied. That buys one more thing: a write
//! is done, for its task, when the bytes are in the buffer, and the task goes on while they are on their way.
//!
//! # Invariants
//!
//! - **SHUTTLE-1** At most one hop is under way, and it has the buffer. So operations happen in the order in which they
//!   were asked for, whatever threads they run on.
//! - **SHUTTLE-2** A task that reads is given every byte once, in order, from the place where the last operation left off.
//!   Whatever depends on the cursor (a write, a seek, the device's other owners) first moves it back by what is unread.
//! - **SHUTTLE-3** The error of a write that nobody waited for is told once: by the next write or flush. A read or a seek
//!   in between keeps it.
//! - **SHUTTLE-4** A hop that never ran, because the runtime shut down or the device panicked, is an error like others and
//!   leaves the shuttle usable. Its buffer is lost.
//! - **SHUTTLE-5** Dropped in the middle of a hop, the shuttle does not wait. A write still happens, even when the runtime is
//!   shutting down: its task was told that it is done.
//!
//! tokio has this machine twice, in `src/fs/file.rs` and in `src/io/blocking.rs`.

use std::io::{self, SeekFrom};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::not_run;
use crate::context::SHUTTING_DOWN;
use crate::coop;
use crate::io::ReadBuf;
use crate::leaf;
use crate::runtime::Handle;
use crate::task::JoinHandle;

mod ahead;
mod buffer;
#[cfg(test)]
mod tests;

use ahead::Ahead;
use buffer::Buffer;

/// The most that one hop carries, unless the owner of the shuttle says otherwise.
pub(crate) const MOST_PER_HOP: usize = 2 * 1024 * 1024;

/// What a shuttle leads to. The calls may block; each device implements those that make sense for it.
pub(crate) trait Device: Send + Sync + 'static {
    /// Whether what is written may stay with the device, in a buffer of its own, until it is told to flush.
    const HOLDS_BACK: bool = false;

    /// As [`io::Read::read`], with room for so many bytes, which are appended.
    fn read(&self, _into: &mut Vec<u8>, _room: usize) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// As [`io::Write::write_all`].
    fn write_all(&self, _bytes: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// As [`io::Write::flush`].
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// As [`io::Seek::seek`].
    fn seek(&self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A device, and the way to it. See the top of this file.
#[derive(Debug)]
pub(crate) struct Shuttle<D> {
    device: Arc<D>,
    place: Place,
    /// SHUTTLE-3.
    write_error: Option<io::Error>,
    /// Whether bytes were written that the device was not yet told to flush.
    unflushed: bool,
    /// What the last seek said.
    position: u64,
    ahead: Ahead,
    most_per_hop: usize,
}

// A panic of the device ends its hop and leaves the shuttle usable (SHUTTLE-4), and nothing else in here can panic half way.
impl<D> UnwindSafe for Shuttle<D> {}
impl<D> RefUnwindSafe for Shuttle<D> {}

/// Where the buffer is.
#[derive(Debug)]
enum Place {
    Here(Buffer),
    Away(Purpose, JoinHandle<(Buffer, Outcome)>),
}

/// What a hop is for. Known even if the hop never ran.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Read,
    Write,
    Seek,
}

/// What a hop came to. What a read has read is in the buffer.
#[derive(Debug)]
pub(crate) enum Outcome {
    Read(io::Result<()>),
    Write(io::Result<()>),
    Seek(io::Result<u64>),
}

impl<D: Device> Shuttle<D> {
    pub(crate) fn new(device: Arc<D>) -> Self {
        Self {
            device,
            place: Place::Here(Buffer::default()),
            write_error: None,
            unflushed: false,
            position: 0,
            ahead: Ahead::exact(),
            most_per_hop: MOST_PER_HOP,
        }
    }

    pub(crate) fn device(&self) -> &D {
        &self.device
    }

    pub(crate) fn set_most_per_hop(&mut self, bytes: usize) {
        self.most_per_hop = bytes;
    }

    /// From now on a hop may read more than was asked for, if tasks read on and on; or no longer.
    pub(crate) fn read_ahead(&mut self, yes: bool) {
        self.ahead = if yes { Ahead::sequential() } else { Ahead::exact() };
    }

    /// Whether a hop is under way.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self.place, Place::Away(..))
    }

    /// Waits until no hop is under way. Returns the outcome of the one that was, except for a write's error, which is
    /// put aside for the next write or flush, and a seek's position, which is noted as well.
    // ANCHOR: shuttle-arrive
    pub(crate) fn poll_here(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let Place::Away(purpose, hop) = &mut self.place else { return Poll::Ready(None) };
        let purpose = *purpose;
        // SHUTTLE-4.
        let hop = leaf::known_as(Pin::new(hop).poll(cx), || "the blocking pool".into());
        let (buffer, outcome) = ready!(hop).unwrap_or_else(|_| {
            let outcome = match purpose {
                Purpose::Read => Outcome::Read(Err(not_run())),
                Purpose::Write => Outcome::Write(Err(not_run())),
                Purpose::Seek => Outcome::Seek(Err(not_run())),
            };
            (Buffer::default(), outcome)
        });
        self.place = Place::Here(buffer);
        Poll::Ready(Some(match outcome {
            Outcome::Write(Err(error)) => {
                self.write_error = Some(error);
                Outcome::Write(Ok(()))
            }
            Outcome::Seek(Ok(position)) => {
                self.position = position;
                Outcome::Seek(Ok(position))
            }
            outcome => outcome,
        }))
    }

    /// `AsyncRead::poll_read`. With bytes in the buffer it is a copy; otherwise a hop fetches some.
    // ANCHOR: shuttle-read
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, dst: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if dst.remaining() == 0 {
            return Poll::Ready(Ok(())); // and not a hop whose answer would look like the end of the file
        }
        // The hop's handle takes a unit of its own; but a read out of the buffer is always ready, and takes this one.
        let unit = ready!(coop::proceed(cx, || "the blocking pool".into()));
        loop {
            let arrived = ready!(self.poll_here(cx));
            let Place::Here(buffer) = &mut self.place else { unreachable!("poll_here was ready") };
            match arrived {
                Some(Outcome::Read(Err(error))) => return Poll::Ready(Err(error)),
                // Also if it read nothing: that is the end of the file.
                Some(Outcome::Read(Ok(()))) => {}
                _ if !buffer.is_empty() => {}
                _ => {
                    let bytes = self.ahead.plan(dst.remaining()).min(self.most_per_hop);
                    self.depart(Purpose::Read, move |device, buffer| {
                        Outcome::Read(buffer.fill(bytes, |into, room| device.read(into, room)))
                    });
                    continue;
                }
            }
            buffer.copy_to(dst);
            unit.made_progress();
            return Poll::Ready(Ok(()));
        }
    }

    /// `AsyncWrite::poll_write`: waits for the hop under way, takes a copy, and sends it off.
    // ANCHOR: shuttle-write
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, src: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_from(cx, |buffer, most| buffer.store([src], most))
    }

    /// The same, from several buffers.
    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_from(cx, |buffer, most| buffer.store(bufs.iter().map(|buf| &**buf), most))
    }

    fn poll_write_from(
        &mut self,
        cx: &mut Context<'_>,
        store: impl FnOnce(&mut Buffer, usize) -> usize,
    ) -> Poll<io::Result<usize>> {
        let unit = ready!(coop::proceed(cx, || "the blocking pool".into()));
        ready!(self.poll_here(cx));
        unit.made_progress();
        if let Some(error) = self.write_error.take() {
            return Poll::Ready(Err(error));
        }
        if Handle::current().shared.is_shutting_down() {
            return Poll::Ready(Err(io::Error::other(SHUTTING_DOWN))); // sooner than at a flush that may never come
        }
        let Place::Here(buffer) = &mut self.place else { unreachable!("poll_here was ready") };
        let back = buffer.discard();
        let n = store(buffer, self.most_per_hop);
        self.unflushed = true;
        self.ahead.interrupt();
        self.depart(Purpose::Write, move |device, buffer| {
            Outcome::Write(back.seek(device).and_then(|()| buffer.drain(|bytes| device.write_all(bytes))))
        });
        Poll::Ready(Ok(n))
    }

    /// `AsyncWrite::poll_flush`: waits until all that was written has reached the operating system, and reports an error.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_here(cx));
            if let Some(error) = self.write_error.take() {
                return Poll::Ready(Err(error));
            }
            if !self.unflushed {
                return Poll::Ready(Ok(()));
            }
            self.unflushed = false;
            if D::HOLDS_BACK {
                self.depart(Purpose::Write, |device, _| Outcome::Write(device.flush()));
            }
        }
    }

    /// Starts a seek. The caller has waited for what was under way.
    pub(crate) fn start_seek(&mut self, to: SeekFrom) -> io::Result<()> {
        let Place::Here(buffer) = &mut self.place else {
            return Err(io::Error::other("other file operation is pending, call poll_complete before start_seek"));
        };
        // Back first, whatever the goal: a seek that fails leaves the program where it took itself to be.
        let back = buffer.discard();
        self.ahead.interrupt();
        self.depart(Purpose::Seek, move |device, _| Outcome::Seek(back.seek(device).and_then(|()| device.seek(to))));
        Ok(())
    }

    /// Waits for the seek under way; without one, says where the last one led.
    pub(crate) fn poll_seek(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match ready!(self.poll_here(cx)) {
            Some(Outcome::Seek(outcome)) => Poll::Ready(outcome),
            _ => Poll::Ready(Ok(self.position)),
        }
    }

    /// Moves the cursor back by what is unread, which is forgotten (SHUTTLE-2). The move is one quick system call: it
    /// happens here and now. Does nothing while a hop is under way.
    pub(crate) fn give_back(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Here(buffer) => buffer.discard().seek(&*self.device),
            Place::Away(..) => Ok(()),
        }
    }

    /// Sends the buffer on a hop with `work`. (SHUTTLE-1)
    // ANCHOR: shuttle-depart
    fn depart<F>(&mut self, purpose: Purpose, work: F)
    where
        F: FnOnce(&D, &mut Buffer) -> Outcome + Send + 'static,
    {
        let Place::Here(buffer) = &mut self.place else { unreachable!("SHUTTLE-1: the way is taken") };
        let mut buffer = std::mem::take(buffer);
        let device = self.device.clone();
        let hop = move || {
            let outcome = work(&device, &mut buffer);
            (buffer, outcome)
        };
        let mandatory = matches!(purpose, Purpose::Write); // SHUTTLE-5
        let job = Handle::current().shared.blocking.spawn(hop, None, mandatory);
        self.place = Place::Away(purpose, job);
    }
}
