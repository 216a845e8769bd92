//! The half that sends.

use std::{fmt, sync::Arc};

use super::{Message, Receiver, Shared, WeakSender, error::SendError};
use crate::leaf::named;

/// The half of a [`channel`](super::channel) that sends. Any number of clones may send from any number of threads.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel without a receiver: [`subscribe`](Sender::subscribe) makes one. Until then [`send`](Sender::send) fails.
    ///
    /// # Panics
    /// If `capacity` is 0 or more than `usize::MAX / 2`.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self { shared: Shared::new(capacity, 0) }
    }

    /// One sender, already counted.
    pub(super) fn counted(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// Sends `value` to all receivers of this moment and returns their number. It never waits: if the channel is full, the
    /// oldest value is dropped.
    ///
    /// That it was sent does not mean that it will be received: a receiver may be dropped, or lag.
    ///
    /// # Errors
    /// If there is no receiver. The value is in the error. A later send may succeed, after a
    /// [`subscribe`](Sender::subscribe).
    // ANCHOR: broadcast-send
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let mut message = Message::new(value); // allocates, hence before the lock
        let shared = &*self.shared;
        #[cfg(bug_broadcast_notify_before_push)]
        shared.arrived.notify_waiters();
        let mut census = shared.census.lock();
        let receivers = census.receivers;
        if receivers == 0 {
            drop(census);
            return Err(SendError(message.into_value()));
        }
        message.address(census.tail, receivers);
        let overwritten = shared.ring.put(message);
        census.tail += 1;
        shared.horizon.advance();
        drop(census);
        #[cfg(not(bug_broadcast_notify_before_push))]
        shared.arrived.notify_waiters();
        drop(overwritten); // after the lock (CAST-4), and last: it may panic
        Ok(receivers)
    }

    /// Another receiver, for the values sent from now on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared.clone())
    }

    /// A handle that can become a sender again, but does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.shared.clone())
    }

    /// How many values are retained because somebody has not read them. At most the capacity.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = mini_tokio::sync::broadcast::channel(16);
    /// let other = sender.subscribe();
    /// sender.send(1).unwrap();
    /// receiver.try_recv().unwrap();
    /// assert_eq!(sender.len(), 1);
    /// drop(other);
    /// assert_eq!(sender.len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        let census = self.shared.census.lock(); // nothing is sent meanwhile
        self.shared.ring.len(census.tail)
    }

    /// Whether everybody has read everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are at this moment.
    pub fn receiver_count(&self) -> usize {
        self.shared.census.lock().receivers
    }

    /// Whether `other` sends to the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub fn closed(&self) -> impl Future<Output = ()> {
        named(|| "broadcast::Sender::closed", async move {
            loop {
                let notified = self.shared.emptied.notified(); // before the look: CAST-5
                if self.receiver_count() == 0 {
                    return;
                }
                notified.await;
            }
        })
    }

    /// How many senders there are at this moment.
    pub fn strong_count(&self) -> usize {
        self.shared.census.lock().senders
    }

    /// How many weak senders there are at this moment.
    pub fn weak_count(&self) -> usize {
        self.shared.census.lock().weak_senders
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.census.lock().senders += 1;
        Self::counted(self.shared.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let closed = {
            let mut census = self.shared.census.lock();
            census.senders -= 1;
            if census.senders == 0 {
                self.shared.horizon.close();
            }
            census.senders == 0 && census.receivers > 0 // somebody may wait
        };
        if closed {
            #[cfg(not(bug_broadcast_silent_close))]
            self.shared.arrived.notify_waiters();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::Sender")
    }
}
