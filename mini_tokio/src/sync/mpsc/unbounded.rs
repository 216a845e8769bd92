//! The public types of an unbounded channel.

use std::{
    fmt,
    future::poll_fn,
    task::{Context, Poll, ready},
};

use super::{
    error::{SendError, TryRecvError},
    handles::{Inlet, WeakInlet},
    outlet::Outlet,
};
use crate::{coop, leaf, sync::blocking::block_on};

/// Sends values to the [`UnboundedReceiver`]. Clones send into the same channel.
pub struct UnboundedSender<T> {
    pub(super) inlet: Inlet<T>,
}

/// A sender that does not keep the channel from ending: the receiver gets `None` when all [`UnboundedSender`]s are gone.
pub struct WeakUnboundedSender<T> {
    inlet: WeakInlet<T>,
}

/// Receives what the [`UnboundedSender`]s send. Dropped, it closes the channel and drops what was not received.
pub struct UnboundedReceiver<T> {
    pub(super) outlet: Outlet<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends a value. Never waits, so it can be called from anywhere.
    ///
    /// # Errors
    /// The value comes back if the receiver is gone or has closed the channel.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.inlet.channel().send_unbounded(message).map_err(SendError)
    }

    /// Waits until the receiver is gone or has closed the channel: then nobody wants more values.
    ///
    /// # Cancel safety
    /// Safe: a channel that is closed stays closed.
    pub fn closed(&self) -> impl Future<Output = ()> {
        leaf::named(|| "mpsc::UnboundedSender::closed", self.inlet.channel().closed())
    }

    /// Whether the receiver is gone or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.inlet.channel().is_closed()
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inlet.same_channel(&other.inlet)
    }

    /// A sender that does not keep the channel from ending.
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { inlet: self.inlet.downgrade() }
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.inlet.channel().census.strong()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.inlet.channel().census.weak()
    }
}

impl<T> WeakUnboundedSender<T> {
    /// A sender, if there still is one.
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        self.inlet.upgrade().map(|inlet| UnboundedSender { inlet })
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.inlet.channel().census.strong()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.inlet.channel().census.weak()
    }
}

impl<T> UnboundedReceiver<T> {
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

    /// Ends the sending, but keeps what was sent. [`recv`](Self::recv) returns `None` after that.
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

    /// [`recv`](Self::recv) for use in a poll function. Only the task of the latest call is woken.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let unit = ready!(coop::proceed(cx, || "mpsc::UnboundedReceiver::recv".into()));
        let value = ready!(self.outlet.poll_recv(cx.waker()));
        unit.made_progress();
        Poll::Ready(value)
    }

    /// [`recv_many`](Self::recv_many) for use in a poll function. Only the task of the latest call is woken.
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let unit = ready!(coop::proceed(cx, || "mpsc::UnboundedReceiver::recv".into()));
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

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { inlet: self.inlet.clone() }
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { inlet: self.inlet.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender").field("closed", &self.is_closed()).finish()
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender").field("strong_count", &self.strong_count()).finish()
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver").field("len", &self.len()).field("closed", &self.is_closed()).finish()
    }
}
