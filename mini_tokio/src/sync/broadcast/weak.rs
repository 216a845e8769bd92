//! A sender that does not keep the channel open.

use std::{fmt, sync::Arc};

use super::{Sender, Shared};

/// A handle of a [`Sender`] that does not keep the channel open: when only weak ones are left, the channel is closed. See
/// [`Sender::downgrade`].
///
/// # Examples
///
/// ```
/// let (sender, _receiver) = mini_tokio::sync::broadcast::channel::<u32>(4);
/// let weak = sender.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(sender);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WeakSender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        shared.census.lock().weak_senders += 1;
        Self { shared }
    }

    /// A sender, unless the channel is closed.
    #[must_use = "the channel stays open for as long as the sender lives"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let mut census = self.shared.census.lock();
        if census.senders == 0 {
            return None;
        }
        // Between the look and the count, the last sender may end, and receivers be told so.
        #[cfg(bug_broadcast_upgrade_in_two_steps)]
        {
            drop(census);
            census = self.shared.census.lock();
        }
        census.senders += 1;
        drop(census);
        Some(Sender::counted(self.shared.clone()))
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

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self::new(self.shared.clone())
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.shared.census.lock().weak_senders -= 1;
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::WeakSender")
    }
}
