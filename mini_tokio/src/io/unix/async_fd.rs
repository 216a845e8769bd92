//! [`AsyncFd`]: readiness for whatever has a descriptor that epoll takes: a socket of another library, an inotify, a
//! terminal, an event descriptor.
//!
//! ```text
//!   AsyncFd<T> --readable, writable, ready--> a guard: "it is ready" and the receipt for it
//!                                                |  try_io(f): f answers WouldBlock? then the receipt is redeemed
//!                                                |  clear_ready, retain_ready: by hand
//! ```
//!
//! The runtime's own sockets know which system call they make and can tell by its answer what has become of the
//! readiness. Here the caller makes the call, and so the two duties of edge triggers are the caller's: clear when, and
//! only when, the descriptor said `WouldBlock`. The guard is there to be a reminder (it is `#[must_use]`), and to carry
//! the receipt, with which a clear that comes too late does no harm (READY-1).
//!
//! It is [`PollEvented`], as all sockets are; only the source is somebody else's. Regular files are refused by epoll
//! (`EPERM`): they are always ready.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll};
use std::{fmt, ops};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Registry, Token};
use reactor::{Direction, ReadyEvent};

use super::guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard};
use super::register_error::AsyncFdRegisterError;
use crate::io::Interest;
use crate::io::poll_evented::PollEvented;
use crate::leaf::at;

/// A descriptor that is watched by the reactor, with the `T` that owns it.
///
/// The descriptor must be in non-blocking mode to be of use; this is not checked. It is taken out of the reactor, then
/// `T` is dropped, when this is dropped.
pub struct AsyncFd<T: AsRawFd> {
    io: PollEvented<Foreign<T>>,
}

/// mio registers descriptors that it does not own by a reference to their number.
struct Foreign<T>(T);

impl<T: AsRawFd> AsRawFd for Foreign<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl<T: AsRawFd> Source for Foreign<T> {
    fn register(&mut self, registry: &Registry, token: Token, interests: mio::Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: mio::Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

impl<T> ops::Deref for Foreign<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: AsRawFd> AsyncFd<T> {
    /// Watches `inner` for reading and writing.
    ///
    /// # Errors
    ///
    /// Those of the operating system, with `inner`: for a regular file, or a descriptor that is watched already. If the
    /// runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    ///
    /// # Safety
    ///
    /// `inner.as_raw_fd()` is always the same descriptor, and `inner` keeps it open until this is dropped or
    /// [`into_inner`](Self::into_inner) has returned. Otherwise the number may come to belong to another file, which
    /// would be taken out of the reactor in its place.
    #[track_caller]
    pub unsafe fn register(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::new_watched(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// Watches `inner` for `interest` and nothing else.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// As for [`register`](Self::register).
    ///
    /// # Safety
    ///
    /// As for [`register`](Self::register).
    #[track_caller]
    pub unsafe fn register_with_interest(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::new_watched(inner, interest)
    }

    /// As [`register`](Self::register), whose promise nobody has made.
    #[deprecated(note = "unsound: nobody promises that the descriptor stays open; use `AsyncFd::register` instead")]
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        Ok(Self::new_watched(inner, Interest::READABLE | Interest::WRITABLE)?)
    }

    /// As [`register_with_interest`](Self::register_with_interest), whose promise nobody has made.
    #[deprecated(
        note = "unsound: nobody promises that the descriptor stays open; use `AsyncFd::register_with_interest` instead"
    )]
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        Ok(Self::new_watched(inner, interest)?)
    }

    /// As [`register`](Self::register), whose promise nobody has made.
    #[deprecated(note = "unsound: nobody promises that the descriptor stays open; use `AsyncFd::register` instead")]
    #[track_caller]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::new_watched(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// As [`register_with_interest`](Self::register_with_interest), whose promise nobody has made.
    #[deprecated(
        note = "unsound: nobody promises that the descriptor stays open; use `AsyncFd::register_with_interest` instead"
    )]
    #[track_caller]
    pub fn try_with_interest(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::new_watched(inner, interest)
    }

    #[track_caller]
    fn new_watched(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        match PollEvented::try_with_interest(Foreign(inner), interest) {
            Ok(io) => Ok(Self { io }),
            Err((Foreign(inner), cause)) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// What owns the descriptor.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// What owns the descriptor. It must not be exchanged for another one: the reactor watches the descriptor that was
    /// registered.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io.get_mut().0
    }

    /// Takes the descriptor out of the reactor and gives its owner back.
    pub fn into_inner(self) -> T {
        self.io.into_parts().0.0
    }

    /// Waits until something in `interest` is ready. Any number may wait at once. Cancel safe.
    ///
    /// # Errors
    ///
    /// When the runtime has shut down.
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        at(async move {
            let event = self.io.readiness(interest).await?;
            Ok(AsyncFdReadyGuard::new(self, event))
        })
    }

    /// [`ready`](Self::ready), with a guard through which the owner can be changed.
    pub fn ready_mut(&mut self, interest: Interest) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        at(async move {
            let event = self.io.readiness(interest).await?;
            Ok(AsyncFdReadyMutGuard::new(self, event))
        })
    }

    /// Waits until reading would not block; see [`ready`](Self::ready).
    #[allow(clippy::needless_lifetimes)] // it has a name in tokio, where callers may spell it out
    pub fn readable<'a>(&'a self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'a, T>>> {
        self.ready(Interest::READABLE)
    }

    /// [`readable`](Self::readable), with a guard through which the owner can be changed.
    #[allow(clippy::needless_lifetimes)]
    pub fn readable_mut<'a>(&'a mut self) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        self.ready_mut(Interest::READABLE)
    }

    /// Waits until writing would not block; see [`ready`](Self::ready).
    #[allow(clippy::needless_lifetimes)]
    pub fn writable<'a>(&'a self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'a, T>>> {
        self.ready(Interest::WRITABLE)
    }

    /// [`writable`](Self::writable), with a guard through which the owner can be changed.
    #[allow(clippy::needless_lifetimes)]
    pub fn writable_mut<'a>(&'a mut self) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        self.ready_mut(Interest::WRITABLE)
    }

    /// [`readable`](Self::readable), poll-style. There is room for one waker: the latest wins.
    pub fn poll_read_ready<'a>(&'a self, cx: &mut Context<'_>) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(|event| AsyncFdReadyGuard::new(self, event))
    }

    /// [`poll_read_ready`](Self::poll_read_ready), with a guard through which the owner can be changed.
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(|event| AsyncFdReadyMutGuard::new(self, event))
    }

    /// [`writable`](Self::writable), poll-style. There is room for one waker: the latest wins.
    pub fn poll_write_ready<'a>(&'a self, cx: &mut Context<'_>) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(|event| AsyncFdReadyGuard::new(self, event))
    }

    /// [`poll_write_ready`](Self::poll_write_ready), with a guard through which the owner can be changed.
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(|event| AsyncFdReadyMutGuard::new(self, event))
    }

    /// Waits for `interest` and calls `f`, until it answers something other than `WouldBlock`, which it must do if, and
    /// only if, the descriptor did.
    ///
    /// # Errors
    ///
    /// Those of `f`; when the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if a call of `f` that answers `WouldBlock` has done nothing.
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        at(self.io.async_io(interest, move |inner| f(inner)))
    }

    /// [`async_io`](Self::async_io) for an `f` that changes the owner.
    pub fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        at(async move {
            loop {
                let mut ready = self.ready_mut(interest).await?;
                if let Ok(outcome) = ready.try_io(|this| f(this.get_mut())) {
                    return outcome;
                }
            }
        })
    }

    /// Calls `f` if `interest` is ready; see [`async_io`](Self::async_io).
    ///
    /// # Errors
    ///
    /// `WouldBlock` without a call of `f` if nothing is ready; those of `f`; when the runtime has shut down.
    pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.io.try_io(interest, |inner| f(inner))
    }

    /// [`try_io`](Self::try_io) for an `f` that changes the owner.
    pub fn try_io_mut<R>(&mut self, interest: Interest, f: impl FnOnce(&mut T) -> io::Result<R>) -> io::Result<R> {
        self.io.try_io_mut(interest, |inner| f(&mut inner.0))
    }

    pub(super) fn clear(&self, event: ReadyEvent) {
        self.io.clear(event);
    }

    pub(super) fn refute(&self, event: ReadyEvent) {
        self.io.refute(event);
    }
}

impl<T: AsRawFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.get_ref().as_raw_fd()
    }
}

impl<T: AsRawFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the promise made at `register`: the descriptor is open as long as its owner is here, which is
        // borrowed for as long as the answer.
        unsafe { BorrowedFd::borrow_raw(self.as_raw_fd()) }
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd").field("inner", self.get_ref()).finish()
    }
}
