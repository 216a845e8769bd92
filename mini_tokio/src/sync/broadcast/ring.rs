//! The queue of messages and all the counters of a channel: plain data, to be kept under one lock.
//!
//! `CAST-1` to `CAST-3` (in `broadcast`) are this file's.

use std::{collections::VecDeque, sync::Arc};

use super::Message;

#[cfg(all(test, not(loom)))]
mod tests;

/// The guarded state of a channel.
pub(super) struct Ring<T> {
    /// A power of two.
    capacity: usize,
    messages: VecDeque<Entry<T>>,
    /// The position of the next message to be sent.
    tail: u64,
    pub(super) senders: usize,
    pub(super) weak_senders: usize,
    receivers: usize,
}

struct Entry<T> {
    message: Arc<Message<T>>,
    /// How many receivers have not read it.
    unread: usize,
}

/// What a receiver finds at its position.
#[must_use]
pub(super) enum Next<T> {
    /// A message that others are still to read.
    Shared(Arc<Message<T>>),
    /// A message that nobody else is to read.
    Last(Arc<Message<T>>),
    /// It has missed so many messages, and its position is now that of the oldest one.
    Lagged(u64),
}

/// A message was sent.
pub(super) struct Sent<T> {
    pub(super) receivers: usize,
    /// What had to go for it. To be dropped after the lock.
    pub(super) overwritten: Option<Arc<Message<T>>>,
}

impl<T> Ring<T> {
    /// An empty ring with one sender.
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "broadcast channel capacity cannot be zero");
        assert!(capacity <= usize::MAX / 2, "broadcast channel capacity exceeded `usize::MAX / 2`");
        let capacity = capacity.next_power_of_two();
        let messages = VecDeque::with_capacity(capacity);
        Self { capacity, messages, tail: 0, senders: 1, weak_senders: 0, receivers: 0 }
    }

    /// How many messages somebody has not read yet.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers
    }

    pub(super) fn is_closed(&self) -> bool {
        self.senders == 0
    }

    /// How far `position` is behind the tail.
    fn behind(&self, position: u64) -> usize {
        (self.tail - position) as usize
    }

    /// One receiver more; returns its position.
    pub(super) fn subscribe(&mut self) -> u64 {
        self.receivers += 1;
        self.tail
    }

    /// Adds `message`, or gives it back if there is no receiver.
    // ANCHOR: broadcast-push
    pub(super) fn push(&mut self, message: Arc<Message<T>>) -> Result<Sent<T>, Arc<Message<T>>> {
        if self.receivers == 0 {
            return Err(message);
        }
        let full = self.messages.len() == self.capacity;
        let overwritten = if full { self.messages.pop_front().map(|entry| entry.message) } else { None };
        self.messages.push_back(Entry { message, unread: self.receivers });
        self.tail += 1;
        Ok(Sent { receivers: self.receivers, overwritten })
    }

    /// What the receiver at `position`, which is below the tail, is to get; `position` moves on accordingly.
    // ANCHOR: broadcast-next
    pub(super) fn next(&mut self, position: &mut u64) -> Next<T> {
        let oldest = self.tail.saturating_sub(self.capacity as u64);
        if *position < oldest {
            let missed = oldest - *position;
            *position = oldest;
            return Next::Lagged(missed);
        }
        // It is unread by this receiver and not overwritten, so it is here: CAST-1, CAST-2.
        let index = self.index(*position);
        *position += 1;
        let entry = &mut self.messages[index];
        entry.unread -= 1;
        if entry.unread > 0 {
            return Next::Shared(entry.message.clone());
        }
        debug_assert_eq!(index, 0, "CAST-3");
        let entry = self.messages.pop_front().expect("CAST-1: the position is below the tail");
        Next::Last(entry.message)
    }

    /// The receiver at `position` is gone, and has read all, as it were. Returns what nobody else is to read, to be dropped
    /// after the lock.
    // ANCHOR: broadcast-unsubscribe
    #[must_use = "values are dropped after the lock"]
    pub(super) fn unsubscribe(&mut self, position: u64) -> Vec<Arc<Message<T>>> {
        self.receivers -= 1;
        let first = self.tail - self.messages.len() as u64;
        let index = self.index(position.max(first));
        for entry in self.messages.range_mut(index..) {
            entry.unread -= 1;
        }
        let read_up = self.messages.iter().take_while(|entry| entry.unread == 0).count();
        self.messages.drain(..read_up).map(|entry| entry.message).collect()
    }

    /// Where the message at `position` is. The position is not before the first.
    fn index(&self, position: u64) -> usize {
        self.messages.len() - self.behind(position)
    }
}
