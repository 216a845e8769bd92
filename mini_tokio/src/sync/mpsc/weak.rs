//! A handle that can become a sender while there is one.

use std::fmt;

use super::{Sender, handles::WeakInlet};

/// A sender of a bounded channel that does not keep the channel from ending: the receiver gets `None` when all [`Sender`]s
/// are gone, however many of these there are.
pub struct WeakSender<T> {
    pub(super) inlet: WeakInlet<T>,
}

impl<T> WeakSender<T> {
    /// A sender, if there still is one (an owned permit counts).
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.inlet.upgrade().map(|inlet| Sender { inlet })
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

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { inlet: self.inlet.clone() }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").field("strong_count", &self.strong_count()).finish()
    }
}
