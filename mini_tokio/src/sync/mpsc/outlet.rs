//! The receiver's side of both kinds of channel: a batch of its own, filled by one swap with the ring.
//!
//! Most receptions of an unbounded channel thus take no lock at all, and the two buffers change places for ever, so that
//! after a while nothing is allocated. A value in the batch has not been received: its slot is still taken.

use std::{
    collections::VecDeque,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
    task::{Poll, Waker},
};

use super::{
    channel::{Channel, Collect},
    error::TryRecvError,
};
use crate::shim::Arc;

/// The one receiver of a channel.
pub(super) struct Outlet<T> {
    channel: Arc<Channel<T>>,
    batch: VecDeque<T>,
}

// SAFETY: a shared outlet gives no access to the values, only to their number.
unsafe impl<T: Send> Sync for Outlet<T> {}

impl<T> Unpin for Outlet<T> {}
impl<T> UnwindSafe for Outlet<T> {}
impl<T> RefUnwindSafe for Outlet<T> {}

impl<T> Outlet<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self { channel, batch: VecDeque::new() }
    }

    pub(super) fn channel(&self) -> &Channel<T> {
        &self.channel
    }

    /// The next value, or None at the end of the channel.
    // ANCHOR: mpsc-poll-recv
    pub(super) fn poll_recv(&mut self, waker: &Waker) -> Poll<Option<T>> {
        let sender = if self.batch.is_empty() {
            match self.channel.collect(&mut self.batch, Some(waker)) {
                Collect::Values(sender) => sender,
                Collect::Nothing => return Poll::Pending,
                Collect::Ended => return Poll::Ready(None),
            }
        } else {
            self.channel.received_one()
        };
        Poll::Ready(self.take_one(sender))
    }

    /// The first of the batch; its slot was given to `sender`.
    fn take_one(&mut self, sender: Option<Waker>) -> Option<T> {
        let value = self.batch.pop_front();
        if let Some(sender) = sender {
            sender.wake();
        }
        value
    }

    pub(super) fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let sender = if self.batch.is_empty() {
            match self.channel.collect(&mut self.batch, None) {
                Collect::Values(sender) => sender,
                Collect::Nothing => return Err(TryRecvError::Empty),
                Collect::Ended => return Err(TryRecvError::Disconnected),
            }
        } else {
            self.channel.received_one()
        };
        self.take_one(sender).ok_or(TryRecvError::Empty)
    }

    /// Appends up to `limit` values, at least one, to `buffer`. 0 at the end of the channel, or if `limit` is 0.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn poll_recv_many(&mut self, waker: &Waker, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        if limit == 0 {
            return Poll::Ready(0);
        }
        let mut first = None;
        let mut slots = 0; // those that are given back already
        if self.batch.is_empty() {
            match self.channel.collect(&mut self.batch, Some(waker)) {
                Collect::Values(sender) => (first, slots) = (sender, 1),
                Collect::Nothing => return Poll::Pending,
                Collect::Ended => return Poll::Ready(0),
            }
        } else if self.batch.len() < limit {
            self.channel.collect_more(&mut self.batch);
        }
        let many = limit.min(self.batch.len());
        buffer.extend(self.batch.drain(..many));
        if let Some(first) = first {
            first.wake();
        }
        if self.channel.is_bounded() && many > slots {
            self.channel.release(many - slots);
        }
        Poll::Ready(many)
    }

    /// How many values were sent and not received.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn len(&self) -> usize {
        self.batch.len() + self.channel.len()
    }

    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn is_closed(&self) -> bool {
        self.channel.is_closed() || self.channel.census.strong() == 0
    }
}

impl<T> Drop for Outlet<T> {
    fn drop(&mut self) {
        self.channel.abandon(mem::take(&mut self.batch));
    }
}
