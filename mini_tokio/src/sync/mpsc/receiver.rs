//! The receiver of a bounded channel.

use std::{
    fmt,
    future::poll_fn,
    task::{Context, Poll, ready},
};

use super::{error::TryRecvError, outlet::Outlet};
use crate::{coop, leaf, sync::blocking::block_on};

/// Receives what the [`Sender`](super::Sender)s of a bounded channel send. Dropped, it closes the channel and drops what
/// was not received.
pub struct Receiver<T> {
    pub(super) outlet: Outlet<T>,
}

impl<T> Receiver<T> {
    /// The next value; `None` when the channel has ended: it is empty, and the senders are gone or it was closed.
    ///
    /// # Cancel safety
    /// Safe: a call that is dropped has received nothing.
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        leaf::at(poll_fn(|cx| self.poll_recv(cx)))
    }

    /// Waits for values and appends those that are there to `buffer`, `limit` at most. Returns how many: 0 if the channel
    /// has ended, or if `limit` is 0. The buffer grows as it must.
    ///
    /// # Cancel safety
    /// Safe: a call that is dropped has received nothing.
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        leaf::at(poll_fn(move |cx| self.poll_recv_many(cx, buffer, limit)))
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if there may be one later, [`TryRecvError::Disconnected`] if not.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.outlet.try_recv()
    }

    /// [`recv`](Self::recv) for a thread that drives no futures.
    ///
    /// # Panics
    /// Inside a runtime, where it would keep a thread from the tasks.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        block_on(self.recv())
    }

    /// [`recv_many`](Self::recv_many) for a thread that drives no futures.
    ///
    /// # Panics
    /// Inside a runtime, where it would keep a thread from the tasks.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        block_on(self.recv_many(buffer, limit))
    }

    /// Ends the sending, but keeps what was sent and whatever is sent with permits that exist. Whoever waits for a slot
    /// gets an error. [`recv`](Self::recv) returns `None` when everything was received and no permit is left.
    pub fn close(&mut self) {
        self.outlet.channel().close();
    }

    /// Whether it was closed, or all senders are gone. There may still be values.
    pub fn is_closed(&self) -> bool {
        self.outlet.is_closed()
    }

    /// Whether there is nothing to be received at this moment.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values were sent and not received.
    pub fn len(&self) -> usize {
        self.outlet.len()
    }

    /// How many slots are free: neither reserved nor taken by a value that waits to be received.
    pub fn capacity(&self) -> usize {
        self.outlet.channel().free()
    }

    /// How many slots the channel was made with.
    pub fn max_capacity(&self) -> usize {
        self.outlet.channel().bound
    }

    /// [`recv`](Self::recv) for use in a poll function. Only the task of the latest call is woken.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let unit = ready!(coop::proceed(cx, || "mpsc::Receiver::recv".into()));
        let value = ready!(self.outlet.poll_recv(cx.waker()));
        unit.made_progress();
        Poll::Ready(value)
    }

    /// [`recv_many`](Self::recv_many) for use in a poll function. Only the task of the latest call is woken.
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let unit = ready!(coop::proceed(cx, || "mpsc::Receiver::recv".into()));
        let many = ready!(self.outlet.poll_recv_many(cx.waker(), buffer, limit));
        unit.made_progress();
        Poll::Ready(many)
    }

    /// How many senders there are.
    pub fn sender_strong_count(&self) -> usize {
        self.outlet.channel().census.strong()
    }

    /// How many weak senders there are.
    pub fn sender_weak_count(&self) -> usize {
        self.outlet.channel().census.weak()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("len", &self.len()).field("closed", &self.is_closed()).finish()
    }
}
