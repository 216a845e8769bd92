//! A broadcast receiver as a stream.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{StreamExt, stream, stream::Stream};

use crate::sync::broadcast::{Receiver, error::RecvError};

/// The values of a [`broadcast`](crate::sync::broadcast) channel, and the gaps between them. It ends with the last sender.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use mini_tokio::{sync::broadcast, util::wrappers::{BroadcastStream, BroadcastStreamRecvError}};
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = broadcast::channel(2);
/// (1..=3).for_each(|value| assert!(sender.send(value).is_ok()));
/// drop(sender);
/// let items: Vec<_> = BroadcastStream::new(receiver).collect().await;
/// assert_eq!(items, [Err(BroadcastStreamRecvError::Lagged(1)), Ok(2), Ok(3)]);
/// # });
/// ```
pub struct BroadcastStream<T> {
    items: Pin<Box<dyn Stream<Item = Result<T, BroadcastStreamRecvError>> + Send + Sync>>,
}

/// An item of a [`BroadcastStream`] that is no value.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum BroadcastStreamRecvError {
    /// That many values were dropped before this receiver read them. The stream goes on with the oldest that is left.
    Lagged(u64),
}

impl fmt::Display for BroadcastStreamRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BroadcastStreamRecvError::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl std::error::Error for BroadcastStreamRecvError {}

impl<T: Clone + Send + 'static> BroadcastStream<T> {
    /// The stream of what `receiver` receives.
    pub fn new(receiver: Receiver<T>) -> Self {
        let items = stream::unfold(receiver, |mut receiver| async {
            match receiver.recv().await {
                Ok(value) => Some((Ok(value), receiver)),
                Err(RecvError::Lagged(missed)) => Some((Err(BroadcastStreamRecvError::Lagged(missed)), receiver)),
                Err(RecvError::Closed) => None,
            }
        });
        Self { items: Box::pin(items.fuse()) }
    }
}

impl<T: Clone + Send + 'static> Stream for BroadcastStream<T> {
    type Item = Result<T, BroadcastStreamRecvError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.poll_next_unpin(cx)
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream").finish()
    }
}

impl<T: Clone + Send + 'static> From<Receiver<T>> for BroadcastStream<T> {
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}
