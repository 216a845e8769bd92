//! The half that changes the value.

use std::{mem, sync::Arc};

use super::{Count, Lock, Notify, Receiver, Ref, Shared, State, cooperative, count::Left, error::SendError};
use crate::leaf::named;

/// The half of a [`channel`](super::channel) that changes its value.
#[derive(Debug)]
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel without a receiver: [`subscribe`](Sender::subscribe) makes one. Until then [`send`](Sender::send) fails.
    pub fn new(init: T) -> Self {
        let shared = Shared {
            value: Lock::new(init),
            state: State::new(),
            changed: Notify::new(),
            emptied: Notify::new(),
            senders: Count::new(1),
            receivers: Count::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Replaces the value and tells all receivers.
    ///
    /// Blocks the thread while somebody has the value borrowed.
    ///
    /// # Errors
    /// If there is no receiver. The value is in the error, and receivers of a later
    /// [`subscribe`](Sender::subscribe) will not see it; to leave it for them, use
    /// [`send_replace`](Sender::send_replace).
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Has `modify` change the value in place, and tells all receivers. There need not be any.
    ///
    /// `modify` runs under the write lock. It must not use this channel.
    ///
    /// # Panics
    /// If `modify` does. What it has changed by then stays, nobody is told, and the channel works on.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = mini_tokio::sync::watch::channel(vec![1]);
    /// sender.send_modify(|list| list.push(2));
    /// assert!(receiver.has_changed().unwrap());
    /// assert_eq!(*receiver.borrow(), [1, 2]);
    /// ```
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Has `modify` change the value in place, and tells the receivers if `modify` returns true, which it should if it has
    /// changed anything. Returns what `modify` returns.
    ///
    /// If `modify` changes the value and returns false, receivers will see the new value, but nobody tells them.
    ///
    /// `modify` runs under the write lock. It must not use this channel.
    ///
    /// # Panics
    /// If `modify` does. What it has changed by then stays, nobody is told, and the channel works on.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = mini_tokio::sync::watch::channel(7);
    /// let at_most_eight = |value: &mut u32| {
    ///     *value += u32::from(*value < 8);
    ///     *value < 8
    /// };
    /// assert!(!sender.send_if_modified(at_most_eight));
    /// assert!(!receiver.has_changed().unwrap());
    /// ```
    // ANCHOR: watch-send
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let shared = &self.shared;
        let mut value = shared.value.write();
        if !modify(&mut value) {
            return false;
        }
        // The order is the protocol (WATCH-2). In the other one, a receiver wakes, finds the old version, and sleeps.
        #[cfg(bug_watch_notify_before_version)]
        shared.changed.notify_waiters();
        shared.state.advance();
        drop(value); // wakers may borrow the value at once: WATCH-4
        #[cfg(not(bug_watch_notify_before_version))]
        shared.changed.notify_waiters();
        true
    }

    /// Replaces the value, tells all receivers, and returns the old value. There need not be any receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, _receiver) = mini_tokio::sync::watch::channel("old");
    /// assert_eq!(sender.send_replace("new"), "old");
    /// ```
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|old| mem::swap(old, &mut value));
        value
    }

    /// Borrows the value; see [`Ref`] for what that may block.
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref { value: self.shared.value.read(), has_changed: false }
    }

    /// Whether there is no receiver at this moment.
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// Waits until there is no receiver.
    ///
    /// If a new one comes by [`subscribe`](Sender::subscribe) soon after the last one went, this may notice the moment
    /// between them or not.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub fn closed(&self) -> impl Future<Output = ()> {
        let closed = async {
            loop {
                let notified = self.shared.emptied.notified(); // before the look: WATCH-3
                if self.is_closed() {
                    return;
                }
                notified.await;
            }
        };
        named(|| "watch::Sender::closed", cooperative(closed))
    }

    /// Another receiver. It counts the present value as seen. If there was no receiver, the channel is open again.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared.clone())
    }

    /// How many receivers there are at this moment.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.get()
    }

    /// How many senders there are at this moment.
    pub fn sender_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// Whether `other` sends to the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.enter();
        Self { shared: self.shared.clone() }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.shared.senders.leave() == Left::None {
            self.shared.state.close();
            #[cfg(not(bug_watch_silent_close))]
            self.shared.changed.notify_waiters();
        }
    }
}
