//! The half that receives.

use std::{fmt, sync::Arc};

use super::{
    Shared, cooperative,
    error::{RecvError, TryRecvError},
    loan::Loan,
};
use crate::leaf::named;
#[cfg(not(loom))]
use crate::sync::blocking::block_on;

/// The half of a [`channel`](super::channel) that receives. Each receiver gets every value.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// The first message that it has not read.
    position: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        let position = shared.subscribe();
        Self::counted(shared, position)
    }

    /// One receiver, already counted.
    pub(super) fn counted(shared: Arc<Shared<T>>, position: u64) -> Self {
        Self { shared, position }
    }

    /// How many values were sent that this receiver has not read, those included that it can no longer get. If this is
    /// more than the channel's capacity (rounded up to a power of two), the next call reports a lag.
    pub fn len(&self) -> usize {
        (self.shared.horizon.load().tail() - self.position) as usize
    }

    /// Whether this receiver has read everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `other` receives from the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many senders there are at this moment.
    pub fn sender_strong_count(&self) -> usize {
        self.shared.census.lock().senders
    }

    /// How many weak senders there are at this moment.
    pub fn sender_weak_count(&self) -> usize {
        self.shared.census.lock().weak_senders
    }

    /// Whether no sender is left. There may still be values to receive.
    pub fn is_closed(&self) -> bool {
        self.shared.horizon.load().is_closed()
    }
}

impl<T: Clone> Receiver<T> {
    /// Another receiver of this channel, for the values sent from now on, whatever this one has not read yet.
    pub fn resubscribe(&self) -> Self {
        Self::new(self.shared.clone())
    }

    /// Waits for the next value.
    ///
    /// # Errors
    /// [`RecvError::Closed`] if everything has been read and no sender is left. [`RecvError::Lagged`] if values were
    /// dropped that this receiver has not read; the next call goes on with the oldest one that is left.
    ///
    /// # Panics
    /// If `T::clone` does. The value then counts as read by this receiver.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has received nothing.
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        named(|| "broadcast::Receiver::recv", cooperative(recv_next(&self.shared, &mut self.position)))
    }

    /// The next value, if it is there.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if there is none yet; otherwise those of [`recv`](Receiver::recv).
    ///
    /// # Panics
    /// If `T::clone` does. The value then counts as read by this receiver.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        take_next(&self.shared, &mut self.position)
    }

    /// Blocks the thread until there is a value: for threads that run no tasks.
    ///
    /// # Errors
    /// Those of [`recv`](Receiver::recv).
    ///
    /// # Panics
    /// On a thread that drives tasks: others would wait for this one. And if `T::clone` does.
    #[cfg(not(loom))]
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        block_on(self.recv())
    }
}

/// What there is for the receiver at `position`.
fn take_next<T: Clone>(shared: &Shared<T>, position: &mut u64) -> Result<T, TryRecvError> {
    let horizon = shared.horizon.load();
    if *position == horizon.tail() {
        return Err(if horizon.is_closed() { TryRecvError::Closed } else { TryRecvError::Empty });
    }
    if let Some(loan) = shared.ring.borrow(*position) {
        *position += 1;
        return Ok(loan.read());
    }
    // It was overwritten, maybe a moment ago.
    let oldest = shared.ring.oldest(shared.census.lock().tail);
    let missed = oldest - *position;
    *position = oldest;
    Err(TryRecvError::Lagged(missed))
}

/// Waits until there is something for the receiver at `position`.
// ANCHOR: broadcast-recv
async fn recv_next<T: Clone>(shared: &Shared<T>, position: &mut u64) -> Result<T, RecvError> {
    loop {
        match take_next(shared, position) {
            Ok(value) => return Ok(value),
            Err(TryRecvError::Closed) => return Err(RecvError::Closed),
            Err(TryRecvError::Lagged(missed)) => return Err(RecvError::Lagged(missed)),
            Err(TryRecvError::Empty) => {}
        }
        // What is sent between the look and this line wakes nobody.
        #[cfg(bug_broadcast_look_before_listen)]
        let has_news = shared.horizon.load().has_news(*position);
        let notified = shared.arrived.notified();
        #[cfg(not(bug_broadcast_look_before_listen))]
        let has_news = shared.horizon.load().has_news(*position);
        if !has_news {
            notified.await;
        }
    }
}

impl<T> Drop for Receiver<T> {
    /// It is no reader of what comes from now on, and counts as one who has read the rest.
    // ANCHOR: broadcast-unsubscribe
    fn drop(&mut self) {
        let shared = &*self.shared;
        let (emptied, tail) = {
            let mut census = shared.census.lock();
            census.receivers -= 1;
            (census.receivers == 0 && census.senders > 0, census.tail)
        };
        let mut unread = Vec::new();
        for position in self.position.max(shared.ring.oldest(tail))..tail {
            unread.extend(shared.ring.borrow(position).and_then(Loan::end));
        }
        if emptied {
            shared.emptied.notify_waiters();
        }
        drop(unread); // last: it may panic
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::Receiver")
    }
}
