//! One source's membership in the reactor: what a socket type holds beside its file descriptor.
//!
//! The usual life of an operation (`poll_io`, `async_io`):
//!
//! ```text
//!        +--> is it ready, as far as we know? --no--> wait; the reactor wakes us --+
//!        |        | yes, with a receipt                                            |
//!        |        v                                                                |
//!        |    try the operation ----done----> answer                               |
//!        |        | WouldBlock                                                     |
//!        |        v                                                                |
//!        +--- refute(receipt): what we knew is used up <---------------------------+
//! ```
//!
//! Edge-triggered sources make the last step a duty: the operating system speaks up only when something changes, so
//! one may wait only after an attempt said `WouldBlock`, and the bits stay lit until then.

use crate::closed;
use crate::direction::Direction;
use crate::handle::Handle;
use crate::interest::Interest;
use crate::ready::{Ready, ReadyEvent};
use crate::slot::Slot;
use crate::token::Token;
use crate::wait::Readiness;
use crate::waiters::Seat;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A source's membership in a reactor, made by [`Handle::register`] and good for the source's whole life.
///
/// Dropping it frees the slot: events still on their way are ignored. The operating system forgets the source when its
/// last file descriptor is closed, so that drop order between the two does not matter; call
/// [`deregister`](Registration::deregister) where the source lives on.
///
/// After [`Handle::shutdown`] every operation that could wait answers with an error of kind
/// [`Other`](io::ErrorKind::Other).
#[derive(Debug)]
pub struct Registration {
    slot: Arc<Slot>,
    token: Token,
    handle: Handle,
}

impl Registration {
    pub(crate) fn new(slot: Arc<Slot>, token: Token, handle: Handle) -> Self {
        Self { slot, token, handle }
    }

    /// Waits for one direction, poll-style. Each direction has one waiter: the waker of the latest call wins.
    ///
    /// Costs one atomic load and takes no lock if the direction is ready. Before waiting again after an attempt that
    /// answered `WouldBlock`, hand the event to [`clear`](Registration::clear), or this answers ready for ever.
    ///
    /// # Errors
    ///
    /// When the reactor has shut down.
    #[inline]
    pub fn poll_ready(&self, cx: &mut Context<'_>, direction: Direction) -> Poll<io::Result<ReadyEvent>> {
        let mut seat = Seat::Direction(direction);
        self.slot.wait(cx.waker(), direction.mask(), &mut seat).map(closed::unless_shut_down)
    }

    /// A future that waits until something in `interest` is ready. Any number may wait at the same time, also beside
    /// the two waiters of [`poll_ready`](Registration::poll_ready).
    ///
    /// Cancel safe. Readiness is not consumed by waiting: all waiters for a kind see it, until one of them clears it.
    ///
    /// # Errors
    ///
    /// When the reactor has shut down.
    pub fn readiness(&self, interest: Interest) -> Readiness<'_> {
        Readiness::new(&self.slot, Ready::from_interest(interest))
    }

    /// What is known now of `interest`, without waiting.
    pub fn ready_now(&self, interest: Interest) -> ReadyEvent {
        self.slot.word.snapshot(Ready::from_interest(interest))
    }

    /// Believes that the source is ready for `interest` before any event has said so, so that the first operation tries
    /// its luck and not the first one after a turn. To be called before anybody waits: it wakes nobody.
    ///
    /// A wrong belief costs one attempt that answers `WouldBlock`, whose [`clear`](Registration::clear) takes it back.
    pub fn assume_ready(&self, interest: Interest) {
        // Only the kinds themselves: the closings in the mask would be believed for ever (READY-3).
        let closings = Ready::READ_CLOSED | Ready::WRITE_CLOSED;
        self.slot.word.set(Ready::from_interest(interest) - closings);
    }

    /// Takes back the bits of `event`: an attempt made after it was obtained answered `WouldBlock`.
    ///
    /// Does nothing if the reactor has delivered an event since: that news is younger than the attempt. Never clears
    /// READ_CLOSED and WRITE_CLOSED.
    pub fn clear(&self, event: ReadyEvent) {
        // Done or stale, the caller's next step is the same: look again.
        let _ = self.slot.word.clear(event);
    }

    /// As [`clear`](Registration::clear), and believes READ_CLOSED and WRITE_CLOSED no more either: to be called only if
    /// it was the source itself that answered `WouldBlock`. A half that is closed does not say that.
    pub fn refute(&self, event: ReadyEvent) {
        let _ = self.slot.word.refute(event); // as in `clear`
    }

    /// Tries `f` once if `interest` is ready.
    ///
    /// # Errors
    ///
    /// Without a call of `f`, if nothing in `interest` is ready: `WouldBlock`, or, when the reactor has shut down, that it
    /// has. Otherwise whatever `f` answers, where `WouldBlock` takes the readiness back as well.
    pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        // What was known before a shutdown can still be acted on: only waiting needs the reactor.
        let event = self.ready_now(interest);
        if event.ready.is_empty() {
            closed::unless_shut_down(event)?;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let outcome = f();
        if would_block(&outcome) {
            self.refute(event);
        }
        outcome
    }

    /// Tries `f` whenever `direction` is ready, until it answers something other than `WouldBlock`. Pending as
    /// [`poll_ready`](Registration::poll_ready) is.
    ///
    /// # Errors
    ///
    /// Those of `f`; when the reactor has shut down.
    // ANCHOR: reactor-poll-io
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let event = ready!(self.poll_ready(cx, direction))?;
            let outcome = f();
            if !would_block(&outcome) {
                return Poll::Ready(outcome);
            }
            self.refute(event);
        }
    }

    /// Waits for `interest` and tries `f`, until it answers something other than `WouldBlock`.
    ///
    /// Cancel safe if a call of `f` that answers `WouldBlock` has done nothing: between two calls no work is held.
    ///
    /// # Errors
    ///
    /// Those of `f`; when the reactor has shut down.
    pub async fn async_io<R>(&self, interest: Interest, mut f: impl FnMut() -> io::Result<R>) -> io::Result<R> {
        loop {
            let event = self.readiness(interest).await?;
            let outcome = f();
            if !would_block(&outcome) {
                return outcome;
            }
            self.refute(event);
        }
    }

    /// Takes `source` out of the reactor while it lives on: first out of the operating system's list, then out of the
    /// table. Do it when nobody waits: no event will come for those who still do.
    ///
    /// # Errors
    ///
    /// Those of the operating system, for instance if `source` is not registered. The slot is then freed on drop.
    pub fn deregister<S: mio::event::Source + ?Sized>(&self, source: &mut S) -> io::Result<()> {
        // In this order the slot is freed when no new event can name it. The other way round would be harmless too
        // (SLOTS-1), but for as long as it lasted the kernel would report to nobody.
        source.deregister(&self.handle.shared.registry)?;
        self.handle.shared.slots.free(self.token);
        Ok(())
    }

    /// The reactor this registration belongs to.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    #[cfg(test)]
    pub(crate) fn token(&self) -> Token {
        self.token
    }

    #[cfg(test)]
    pub(crate) fn waiter_count(&self) -> usize {
        self.slot.waiter_count()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.handle.shared.slots.free(self.token);
    }
}

fn would_block<R>(outcome: &io::Result<R>) -> bool {
    matches!(outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}
