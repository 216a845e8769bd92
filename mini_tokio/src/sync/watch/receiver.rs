//! The half that looks at the value and waits for another one.

use std::sync::Arc;

use super::{Ref, Shared, cooperative, count::Left, error::RecvError, state::Version};
use crate::leaf::named;

/// The half of a [`channel`](super::channel) that looks at its value and waits until it changes.
///
/// A clone has seen what its original has seen.
#[derive(Debug)]
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: Version,
}

impl<T> Receiver<T> {
    /// One receiver more, which counts the present value as seen.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        // In this order, so that a `send` which finds this receiver in the count, and succeeds, is news to it or is seen.
        shared.receivers.enter();
        let seen = shared.state.load().version();
        Self { shared, seen }
    }

    /// Borrows the value without marking it as seen. See [`Ref`] for what that may block.
    pub fn borrow(&self) -> Ref<'_, T> {
        let value = self.shared.value.read();
        let has_changed = self.shared.state.load().version() != self.seen;
        Ref { value, has_changed }
    }

    /// Borrows the value and marks it as seen. See [`Ref`] for what that may block.
    ///
    /// In a loop around [`changed`](Receiver::changed) this is the one to use: a value that came between the notification
    /// and the look is then not announced again.
    // ANCHOR: watch-borrow-and-update
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.value.read();
        // Under the read lock, hence this value's version and no other's (WATCH-1).
        let version = self.shared.state.load().version();
        let has_changed = version != self.seen;
        self.seen = version;
        Ref { value, has_changed }
    }

    /// Whether there is a value that this receiver has not seen.
    ///
    /// # Errors
    /// If no sender is left, even if there is such a value: then [`borrow`](Receiver::borrow) and ask
    /// [`Ref::has_changed`].
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let state = self.shared.state.load();
        if state.is_closed() {
            return Err(RecvError(()));
        }
        Ok(state.version() != self.seen)
    }

    /// Whether no sender is left.
    pub fn is_closed(&self) -> bool {
        self.shared.state.load().is_closed()
    }

    /// Counts the present value as unseen: the next [`changed`](Receiver::changed) is ready at once.
    pub fn mark_changed(&mut self) {
        self.seen = Version::NONE;
    }

    /// Counts the present value as seen, without a look at it.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.state.load().version();
    }

    /// Waits until there is a value that this receiver has not seen, and marks it as seen.
    ///
    /// # Errors
    /// If no sender is left and the last value is seen.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has marked nothing as seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use mini_tokio::sync::watch;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = watch::channel("a");
    /// sender.send("b").unwrap();
    /// drop(sender);
    /// assert!(receiver.changed().await.is_ok());
    /// assert!(receiver.changed().await.is_err());
    /// # });
    /// ```
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        named(|| "watch::Receiver::changed", cooperative(next_version(&self.shared, &mut self.seen)))
    }

    /// Waits until `f` returns true for the value, borrows this value, and marks it as seen.
    ///
    /// `f` is called at once, whether the value is seen or not, and then for each change, except that values which follow
    /// one another too fast are skipped. It runs under the read lock: it must not send to this channel.
    ///
    /// # Errors
    /// If no sender is left and `f` has returned false for the last value.
    ///
    /// # Panics
    /// If `f` does. The channel and this receiver work on, and the value counts as seen.
    ///
    /// # Cancel safety
    /// When the future is dropped before it was ready, `f` was false for the value that was seen last.
    ///
    /// # Examples
    ///
    /// ```
    /// use mini_tokio::sync::watch;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = watch::channel(1);
    /// sender.send(20).unwrap();
    /// assert_eq!(*receiver.wait_for(|value| *value > 10).await.unwrap(), 20);
    /// # });
    /// ```
    pub fn wait_for(&mut self, mut f: impl FnMut(&T) -> bool) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        let (shared, seen) = (&*self.shared, &mut self.seen);
        let wait = async move {
            loop {
                {
                    let value = shared.value.read();
                    let version = shared.state.load().version(); // this value's: WATCH-1
                    let has_changed = version != *seen;
                    *seen = version; // also if `f` panics
                    if f(&value) {
                        return Ok(Ref { value, has_changed });
                    }
                }
                next_version(shared, seen).await?;
            }
        };
        named(|| "watch::Receiver::wait_for", cooperative(wait))
    }

    /// Whether `other` receives from the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

/// Waits for another version than `seen`, and remembers it there: the right side of the list at the top of `watch`.
// ANCHOR: watch-changed
async fn next_version<T>(shared: &Shared<T>, seen: &mut Version) -> Result<(), RecvError> {
    loop {
        #[cfg(not(bug_watch_look_before_listen))]
        let notified = shared.changed.notified();
        let state = shared.state.load();
        if state.version() != *seen {
            *seen = state.version();
            return Ok(());
        }
        if state.is_closed() {
            return Err(RecvError(()));
        }
        // What is sent between the look and this line wakes nobody.
        #[cfg(bug_watch_look_before_listen)]
        let notified = shared.changed.notified();
        notified.await;
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.receivers.enter();
        Self { shared: self.shared.clone(), seen: self.seen }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if self.shared.receivers.leave() == Left::None {
            self.shared.emptied.notify_waiters();
        }
    }
}
