//! A watch receiver as a stream.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{StreamExt, stream, stream::Stream};

use crate::sync::watch::Receiver;

/// The values of a [`watch`](crate::sync::watch) channel, as clones. It ends with the last sender.
///
/// The first item is the value at the first poll, seen or not; after [`from_changes`](WatchStream::from_changes), the
/// first that is not seen. What is sent while nobody polls is skipped, but for the last.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use mini_tokio::{sync::watch, util::wrappers::WatchStream};
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = watch::channel(1);
/// let mut values = WatchStream::new(receiver);
/// assert_eq!(values.next().await, Some(1));
/// sender.send(2).unwrap();
/// assert_eq!(values.next().await, Some(2));
/// drop(sender);
/// assert_eq!(values.next().await, None);
/// # });
/// ```
pub struct WatchStream<T> {
    values: Pin<Box<dyn Stream<Item = T> + Send + Sync>>,
}

impl<T: Clone + Send + Sync + 'static> WatchStream<T> {
    /// A stream that begins with the present value.
    pub fn new(mut receiver: Receiver<T>) -> Self {
        receiver.mark_changed();
        Self::from_changes(receiver)
    }

    /// A stream that begins with the next value that `receiver` has not seen.
    pub fn from_changes(receiver: Receiver<T>) -> Self {
        let values = stream::unfold(receiver, |mut receiver| async {
            receiver.changed().await.ok()?;
            let value = receiver.borrow_and_update().clone();
            Some((value, receiver))
        });
        Self { values: Box::pin(values.fuse()) }
    }
}

impl<T: Clone + Send + Sync + 'static> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.values.poll_next_unpin(cx)
    }
}

impl<T> Unpin for WatchStream<T> {}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish()
    }
}

impl<T: Clone + Send + Sync + 'static> From<Receiver<T>> for WatchStream<T> {
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}
