//! Who counts as a sender: the handles that keep a channel from being deserted, and those that do not.

use crate::shim::{Arc, AtomicUsize, Ordering};

use super::channel::Channel;

/// Whether a sender that left was the last.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Departure {
    Last,
    NotLast,
}

/// How many senders there are, and how many weak ones. 0 senders is for good.
pub(super) struct Census {
    strong: AtomicUsize,
    weak: AtomicUsize,
}

impl Census {
    /// One sender.
    pub(super) fn new() -> Self {
        Self { strong: AtomicUsize::new(1), weak: AtomicUsize::new(0) }
    }

    pub(super) fn strong(&self) -> usize {
        // Acquire; pairs with the Release in `leave`: who sees nobody left sees all that was sent.
        self.strong.load(Ordering::Acquire)
    }

    pub(super) fn weak(&self) -> usize {
        self.weak.load(Ordering::Relaxed)
    }

    /// Another sender, made from one that is there, hence Relaxed: nothing is handed over.
    fn enter(&self) {
        self.strong.fetch_add(1, Ordering::Relaxed);
    }

    /// Another sender, unless the channel is deserted.
    fn try_enter(&self) -> bool {
        let one_more = |strong: usize| (strong > 0).then(|| strong + 1);
        self.strong.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    fn leave(&self) -> Departure {
        // Release; pairs with the Acquire in `strong`, across all departures.
        if self.strong.fetch_sub(1, Ordering::AcqRel) == 1 { Departure::Last } else { Departure::NotLast }
    }
}

/// A handle that sends. When the last is dropped, the channel is deserted, and the receiver is told.
pub(super) struct Inlet<T>(Arc<Channel<T>>);

impl<T> Inlet<T> {
    /// The first one: it is counted already.
    pub(super) fn first(channel: Arc<Channel<T>>) -> Self {
        Self(channel)
    }

    pub(super) fn channel(&self) -> &Channel<T> {
        &self.0
    }

    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn downgrade(&self) -> WeakInlet<T> {
        self.0.census.weak.fetch_add(1, Ordering::Relaxed);
        WeakInlet(self.0.clone())
    }
}

impl<T> Clone for Inlet<T> {
    fn clone(&self) -> Self {
        self.0.census.enter();
        Self(self.0.clone())
    }
}

impl<T> Drop for Inlet<T> {
    fn drop(&mut self) {
        if self.0.census.leave() == Departure::Last {
            self.0.wake_receiver();
        }
    }
}

/// A handle that may become one that sends, as long as another is there.
pub(super) struct WeakInlet<T>(Arc<Channel<T>>);

#[cfg_attr(loom, allow(dead_code))]
impl<T> WeakInlet<T> {
    pub(super) fn channel(&self) -> &Channel<T> {
        &self.0
    }

    pub(super) fn upgrade(&self) -> Option<Inlet<T>> {
        self.0.census.try_enter().then(|| Inlet(self.0.clone()))
    }
}

impl<T> Clone for WeakInlet<T> {
    fn clone(&self) -> Self {
        self.0.census.weak.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl<T> Drop for WeakInlet<T> {
    fn drop(&mut self) {
        self.0.census.weak.fetch_sub(1, Ordering::Relaxed);
    }
}
