//! [`AsyncFdReadyGuard`] and [`AsyncFdReadyMutGuard`]: "it was ready", with the receipt to take that back.
//!
//! Dropping a guard takes nothing back: the readiness stays. A program that only ever drops its guards finds its
//! descriptor ready for ever and spins; one that clears without having seen `WouldBlock` may sleep on data.

use std::fmt;
use std::io;
use std::os::fd::AsRawFd;

use reactor::ReadyEvent;

use super::async_fd::AsyncFd;
use crate::io::Ready;

/// A descriptor was ready. Made by [`AsyncFd::readable`] and its kin.
#[must_use = "a guard that is dropped leaves the readiness as it is: try_io, clear_ready or retain_ready"]
pub struct AsyncFdReadyGuard<'a, T: AsRawFd> {
    async_fd: &'a AsyncFd<T>,
    receipt: Receipt,
}

/// A descriptor was ready, and nobody else has it. Made by [`AsyncFd::readable_mut`] and its kin.
#[must_use = "a guard that is dropped leaves the readiness as it is: try_io, clear_ready or retain_ready"]
pub struct AsyncFdReadyMutGuard<'a, T: AsRawFd> {
    async_fd: &'a mut AsyncFd<T>,
    receipt: Receipt,
}

/// What has been seen and not been taken back.
#[derive(Clone, Copy)]
struct Receipt(ReadyEvent);

impl Receipt {
    /// Splits off what is in `ready`, to be taken back.
    fn redeem(&mut self, ready: Ready) -> ReadyEvent {
        let event = ReadyEvent { ready: self.0.ready & ready, ..self.0 };
        self.0.ready = self.0.ready - ready;
        event
    }
}

/// The attempt answered `WouldBlock`: what `try_io` of a guard returns in its place.
#[derive(Debug)]
pub struct TryIoError(());

impl<'a, T: AsRawFd> AsyncFdReadyGuard<'a, T> {
    pub(super) fn new(async_fd: &'a AsyncFd<T>, event: ReadyEvent) -> Self {
        Self { async_fd, receipt: Receipt(event) }
    }

    /// Takes back all that this guard saw, unless an event has come since. To be called if, and only if, the descriptor
    /// answered `WouldBlock`. That a half is closed is not taken back.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Takes back what is in `ready`: for a guard that waited for several kinds.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        self.async_fd.clear(self.receipt.redeem(ready));
    }

    /// Leaves the readiness as it is. Does nothing: it is there to say so.
    pub fn retain_ready(&mut self) {}

    /// What was ready and has not been taken back.
    pub fn ready(&self) -> Ready {
        self.receipt.0.ready
    }

    /// Calls `f`, and takes the readiness back if it answers `WouldBlock`.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if it did: the caller goes back to waiting. Other errors of `f` are its answer.
    // ANCHOR: net-guard-try-io
    pub fn try_io<R>(&mut self, f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>) -> Result<io::Result<R>, TryIoError> {
        let outcome = f(self.async_fd);
        unless_would_block(outcome).inspect_err(|_| self.async_fd.refute(self.receipt.redeem(Ready::ALL)))
    }

    /// The descriptor's `AsyncFd`.
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.async_fd
    }

    /// The descriptor's owner.
    pub fn get_inner(&self) -> &'a T {
        self.async_fd.get_ref()
    }
}

impl<'a, T: AsRawFd> AsyncFdReadyMutGuard<'a, T> {
    pub(super) fn new(async_fd: &'a mut AsyncFd<T>, event: ReadyEvent) -> Self {
        Self { async_fd, receipt: Receipt(event) }
    }

    /// As [`AsyncFdReadyGuard::clear_ready`].
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// As [`AsyncFdReadyGuard::clear_ready_matching`].
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        self.async_fd.clear(self.receipt.redeem(ready));
    }

    /// As [`AsyncFdReadyGuard::retain_ready`].
    pub fn retain_ready(&mut self) {}

    /// As [`AsyncFdReadyGuard::ready`].
    pub fn ready(&self) -> Ready {
        self.receipt.0.ready
    }

    /// As [`AsyncFdReadyGuard::try_io`].
    pub fn try_io<R>(&mut self, f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>) -> Result<io::Result<R>, TryIoError> {
        let outcome = f(self.async_fd);
        unless_would_block(outcome).inspect_err(|_| self.async_fd.refute(self.receipt.redeem(Ready::ALL)))
    }

    /// The descriptor's `AsyncFd`.
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.async_fd
    }

    /// The descriptor's `AsyncFd`.
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.async_fd
    }

    /// The descriptor's owner.
    pub fn get_inner(&self) -> &T {
        self.async_fd.get_ref()
    }

    /// The descriptor's owner; see [`AsyncFd::get_mut`].
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.async_fd.get_mut()
    }
}

fn unless_would_block<R>(outcome: io::Result<R>) -> Result<io::Result<R>, TryIoError> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(TryIoError(())),
        outcome => Ok(outcome),
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard").field("async_fd", self.async_fd).field("ready", &self.ready()).finish()
    }
}

impl<T: fmt::Debug + AsRawFd> fmt::Debug for AsyncFdReadyMutGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyMutGuard").field("async_fd", self.async_fd).field("ready", &self.ready()).finish()
    }
}
