//! An operating system's source of readiness bound to the reactor of its runtime: the part that all sockets share.
//!
//! ```text
//!   TcpStream, TcpListener, ...      names, options, addresses
//!          |
//!    PollEvented<E>                  budget, the error after shutdown, who clears what, the order of the drop
//!      |        |
//!      E   Registration              mio's socket: the system calls | readiness and wakers: the reactor
//! ```
//!
//! # One operation
//!
//! 1. Take a unit of the task's budget, so that a socket that is always ready cannot keep its worker.
//! 2. Wait until the direction is ready as far as we know; the event is the receipt.
//! 3. Try the system call.
//! 4. `WouldBlock`: take the readiness back with the receipt and go back to 2. Anything else is the answer, and the unit is spent.
//!
//! # The short cut
//!
//! A read that returns fewer bytes than were asked for has emptied the socket, and a write that took fewer than it was
//! given has filled it. Knowing that, we clear at once, and save the system call whose only answer would be
//! `WouldBlock`: one call of three in every request and reply.
//!
//! `EVENTED-1` Why this loses nothing. Epoll reports a change that comes after the call as a new edge, which carries a
//! new tick: delivered before our clear it makes the receipt stale, so that the clear does nothing; delivered after it,
//! it lights the bit again. What must never happen is that we clear while bytes lie in the socket that no later edge
//! will announce. A short count proves that none do, except in these cases, in which we leave the bit alone:
//!
//! * The count is 0: the end of the stream, or a buffer without room. The next read answers at once as well.
//! * Urgent data. A read stops in front of the urgent byte however much lies behind it. So sockets also ask for
//!   PRIORITY, and once that was reported short reads prove nothing. If the report is still on its way, so is the edge.
//! * A peek, which empties nothing.
//! * More than `MOST_AT_ONCE` bytes asked for: the count is short because the kernel cuts long calls, not for lack of
//!   bytes.
//! * Vectored calls: std passes on at most 1,024 buffers, with the same effect.
//! * A source whose reads end at boundaries of its own. A read of a Unix socket ends behind a message that carries
//!   descriptors; a read of a pipe in packet mode, behind a packet. Their types say [`ShortRead::ProvesNothing`].
//!
//! The end of the stream needs no edge of its own to be seen after a clear: READ_CLOSED is a bit apart, which no clear
//! takes away (READY-3), and if it was not part of our receipt, its event is yet to come.
//!
//! Where edges are not epoll's, nothing is assumed and the extra call is made. The same would be right for a TCP socket
//! with a protocol layer pushed onto it (kernel TLS), whose reads end at record boundaries. Nobody tells us of such a
//! layer: whoever pushes it has to read with `try_io`.
//!
//! # The end
//!
//! Dropped, it first leaves the reactor and then closes the descriptor. The other order would do as long as nobody else
//! holds the same open file; but a child process, or a `try_clone`, may, and then the kernel would keep reporting to
//! nobody.
//!
//! tokio has this type in `src/io/poll_evented.rs`, without the budget, which its `Registration` takes.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, Write};
use std::ops::Deref;
use std::os::fd::AsFd;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::{Context, Poll, ready};

use mio::event::Source;
use reactor::{Closed, Direction, Interest, Ready, ReadyEvent, Registration};

use super::{ReadBuf, spare};
use crate::{context, coop};

/// The longest `read` or `write` of Linux, a page less than 2 GiB.
const MOST_AT_ONCE: usize = 0x7fff_f000;

/// Whether edges are reported in the way on which EVENTED-1 relies.
const SHORT_CUT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What a read of a source says by returning less than was asked for. See EVENTED-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShortRead {
    /// There was no more.
    MeansEmpty,
    /// There may be more.
    ProvesNothing,
}

/// A source and its membership in a reactor. See the top of this file.
pub(crate) struct PollEvented<E: Source> {
    /// None only after `into_inner`.
    source: Option<E>,
    registration: Registration,
}

// As the registration: no panic can leave it half way.
impl<E: Source> UnwindSafe for PollEvented<E> {}
impl<E: Source> RefUnwindSafe for PollEvented<E> {}

impl<E: Source> PollEvented<E> {
    /// Registers a socket that is read and written with the reactor of the current runtime.
    ///
    /// # Errors
    ///
    /// Those of the operating system, and when the runtime is being shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub(crate) fn new(source: E) -> io::Result<Self> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let interest = interest | Interest::PRIORITY; // for EVENTED-1
        Self::with_interest(source, interest)
    }

    /// The same for a source that is only read, or only written.
    #[track_caller]
    pub(crate) fn with_interest(source: E, interest: Interest) -> io::Result<Self> {
        Self::try_with_interest(source, interest).map_err(|(_, error)| error)
    }

    /// The same, where the source is given back with the error.
    #[track_caller]
    pub(crate) fn try_with_interest(mut source: E, interest: Interest) -> Result<Self, (E, io::Error)> {
        match context::io().register(&mut source, interest) {
            Ok(registration) => Ok(Self { source: Some(source), registration }),
            Err(error) => Err((source, as_tokio_says(error))),
        }
    }

    /// See [`Registration::assume_ready`].
    pub(crate) fn assume_ready(&self, interest: Interest) {
        self.registration.assume_ready(interest);
    }

    /// Takes the source out of the reactor and gives it back.
    pub(crate) fn into_inner(self) -> io::Result<E> {
        let (source, outcome) = self.into_parts();
        outcome.map(|()| source)
    }

    /// The same, where the source is given back whatever the reactor says.
    pub(crate) fn into_parts(mut self) -> (E, io::Result<()>) {
        let mut source = self.source.take().expect("taken once");
        let outcome = self.registration.deregister(&mut source);
        (source, outcome)
    }

    /// Waits for one direction; the latest caller's waker wins. Steps 1 and 2 of the file's list.
    pub(crate) fn poll_ready(&self, cx: &mut Context<'_>, direction: Direction) -> Poll<io::Result<ReadyEvent>> {
        let unit = ready!(coop::poll_proceed(cx));
        let answer = ready!(self.registration.poll_ready(cx, direction));
        unit.made_progress();
        Poll::Ready(answer.map_err(as_tokio_says))
    }

    /// One operation, poll-style. `attempt` gets the event that made it worth trying.
    // ANCHOR: net-one-operation
    pub(crate) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut attempt: impl FnMut(&E, ReadyEvent) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let unit = ready!(coop::poll_proceed(cx)); // 1
        loop {
            let event = ready!(self.registration.poll_ready(cx, direction)).map_err(as_tokio_says)?; // 2
            let outcome = attempt(self, event); // 3
            if !would_block(&outcome) {
                unit.made_progress();
                return Poll::Ready(outcome);
            }
            self.registration.refute(event); // 4
        }
    }

    /// Waits until something in `interest` is ready; any number may wait at once. Cancel safe.
    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        Ok(self.readiness(interest).await?.ready)
    }

    /// One operation for any number of concurrent callers. Cancel safe if an attempt that would block has done nothing.
    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut attempt: impl FnMut(&E) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            let event = self.readiness(interest).await?;
            // Here the unit is taken when it is known that there is something to try: between taking and spending lies
            // no await, across which it could not be carried to another thread.
            let unit = poll_fn(coop::poll_proceed).await;
            let outcome = attempt(self);
            if !would_block(&outcome) {
                unit.made_progress();
                return outcome;
            }
            self.registration.refute(event);
        }
    }

    /// One attempt if `interest` is ready, else `WouldBlock`.
    pub(crate) fn try_io<R>(&self, interest: Interest, attempt: impl FnOnce(&E) -> io::Result<R>) -> io::Result<R> {
        self.registration.try_io(interest, || attempt(self)).map_err(as_tokio_says)
    }

    /// The same for an attempt that changes the source.
    pub(crate) fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        attempt: impl FnOnce(&mut E) -> io::Result<R>,
    ) -> io::Result<R> {
        let source = self.source.as_mut().expect("gone only when `self` is");
        self.registration.try_io(interest, || attempt(source)).map_err(as_tokio_says)
    }

    /// For whoever makes attempts elsewhere: see [`Registration::clear`].
    pub(crate) fn clear(&self, event: ReadyEvent) {
        self.registration.clear(event);
    }

    /// For whoever makes attempts elsewhere: see [`Registration::refute`].
    pub(crate) fn refute(&self, event: ReadyEvent) {
        self.registration.refute(event);
    }

    pub(crate) fn get_mut(&mut self) -> &mut E {
        self.source.as_mut().expect("gone only when `self` is")
    }

    /// Waits until something in `interest` is ready; the event is the receipt. Step 2 of the file's list.
    // The future borrows the registration and not the source, which need not be `Sync`.
    pub(crate) fn readiness(&self, interest: Interest) -> impl Future<Output = io::Result<ReadyEvent>> {
        let registration = &self.registration;
        async move { registration.readiness(interest).await.map_err(as_tokio_says) }
    }

    /// Clears after an operation that moved `moved` of `asked` bytes, if that proves that no more could be moved.
    // ANCHOR: net-short-cut
    fn after_transfer(&self, event: ReadyEvent, moved: usize, asked: usize) {
        if SHORT_CUT && 0 < moved && moved < asked.min(MOST_AT_ONCE) {
            self.registration.clear(event);
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn has_urgent_data(&self) -> bool {
        self.registration.ready_now(Interest::PRIORITY).ready.is_priority()
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn has_urgent_data(&self) -> bool {
        false
    }
}

impl<E: Source + AsFd> PollEvented<E> {
    /// `AsyncRead::poll_read` of a pipe.
    pub(crate) fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_io(cx, Direction::Read, |source, _| spare::fill(buf, |room| room.read(source)).map(drop))
    }

    /// `AsyncRead::poll_read` of a stream socket. `recv` has a shorter way to go than `read`, which first finds out that it is
    /// about a socket.
    pub(crate) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        short_read: ShortRead,
    ) -> Poll<io::Result<()>> {
        self.poll_io(cx, Direction::Read, |source, event| {
            let asked = buf.remaining();
            let n = spare::fill(buf, |room| room.recv(source))?;
            if short_read == ShortRead::MeansEmpty && !self.has_urgent_data() {
                self.after_transfer(event, n, asked);
            }
            Ok(())
        })
    }
}

impl<E: Source> PollEvented<E>
where
    for<'a> &'a E: Write,
{
    /// `AsyncWrite::poll_write` of a byte stream.
    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_io(cx, Direction::Write, |mut source, event| {
            let n = source.write(buf)?;
            self.after_transfer(event, n, buf.len());
            Ok(n)
        })
    }

    /// `AsyncWrite::poll_write_vectored` of a byte stream. Without the short cut (EVENTED-1).
    pub(crate) fn poll_write_vectored(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.poll_io(cx, Direction::Write, |mut source, _| source.write_vectored(bufs))
    }
}

impl<E: Source> Deref for PollEvented<E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.source.as_ref().expect("gone only when `self` is")
    }
}

impl<E: Source> Drop for PollEvented<E> {
    fn drop(&mut self) {
        if let Some(mut source) = self.source.take() {
            // Fails only for what is not registered, and then there is nothing to do.
            let _ = self.registration.deregister(&mut source);
        }
    }
}

impl<E: Source + fmt::Debug> fmt::Debug for PollEvented<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollEvented").field("io", &self.source).finish_non_exhaustive()
    }
}

fn would_block<R>(outcome: &io::Result<R>) -> bool {
    matches!(outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// The reactor's "I have shut down" in the words that programs look for; other errors as they are.
fn as_tokio_says(error: io::Error) -> io::Error {
    let closed = error.get_ref().is_some_and(|cause| cause.is::<Closed>());
    if closed { io::Error::other(context::SHUTTING_DOWN) } else { error }
}
