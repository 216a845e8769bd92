//! A channel whose every receiver gets every value. It never waits for a slow receiver: it tells it what it has missed.
//!
//! ```text
//!                         first             tail = first + number of messages
//!                           |                 |
//!      ... gone, read  +----+----+----+----+  |  the next value sent
//!      or overwritten  | m7 | m8 | m9 | m10|  v
//!                      +----+----+----+----+
//!      unread by:        1    1    3    3          (never less further right)
//!                        ^         ^         ^
//!                        slow     fast      idle: has read all, waits
//!                       (each receiver knows its own position: the next message that it has not read)
//! ```
//!
//! Vocabulary. Values sent are numbered; a *position* is such a number. The *tail* is the position of the next value to
//! be sent. A *message* is a value with the number of those who have not read it yet. A receiver *lags* when its position
//! is more than the capacity behind the tail: the message that it would read is gone. The channel is *closed*, for
//! receivers, when no sender is left; for senders, while there is no receiver.
//!
//! The files: `ring` is the queue with all counters, plain data under one lock; `horizon` the word that says without the
//! lock that there is nothing to read; `message` a value that several receivers clone at once; `sender`, `weak`,
//! `receiver` the handles.
//!
//! Invariants:
//! - `CAST-1`: the messages in the ring are those at the positions from `first` to `tail`, and at most as many as the
//!   capacity.
//! - `CAST-2`: a message in the ring is unread by at least one receiver. Who reads the last time takes it out.
//! - `CAST-3`: the number of readers missing never falls from one message to the next: who has not read a message has not
//!   read a later one either. So it is always the first message that is read up, and `len` is the length of the ring.
//! - `CAST-4`: no code of users runs under the ring's lock: no clone or drop of a value, no waker. Whatever leaves the ring
//!   is dropped after the lock.
//! - `CAST-5`: what receivers wait for (a message, the end of the last sender) happens in the ring and on the horizon
//!   first, is notified after it, and whoever waits makes its `Notified` before it looks at the horizon for the last time.
//!   It is the same pair of lists as in `watch`, with the same argument.
//! - `CAST-6`: the horizon changes only under the ring's lock, and then says what the ring says.
//!
//! A value need not be `Sync`, so two threads must not clone it at once: each message has a lock of its own for that. It is
//! a lock that its owner may take again (`message` says why).
//!
//! Rejected: values in place in a fixed array, a lock to each slot (tokio's way). It saves the allocation of a message and
//! half of the atomic operations of a `recv`. But whoever clones holds his slot's lock, and whoever sends holds the
//! channel's and waits for the slot that he is to overwrite: a `clone` that sends waits for himself, or for somebody who
//! waits for him. Here nobody who holds the ring's lock waits for anything.

use std::sync::Arc;

use self::{
    horizon::Horizon,
    message::Message,
    ring::{Ring, Sent},
};
use super::Notify;
use crate::shim::Mutex;
#[cfg(not(loom))]
use crate::task::coop::cooperative;
/// A model has no budget.
#[cfg(loom)]
use std::convert::identity as cooperative;

pub mod error;
mod horizon;
mod message;
#[cfg(all(test, loom))]
mod model;
mod receiver;
mod ring;
mod sender;
mod weak;

pub use self::{receiver::Receiver, sender::Sender, weak::WeakSender};

/// What all handles of a channel share.
struct Shared<T> {
    ring: Mutex<Ring<T>>,
    /// CAST-6.
    horizon: Horizon,
    /// Told of each message, and of the end of the last sender.
    arrived: Notify,
    /// Told when the last receiver is dropped.
    emptied: Notify,
}

/// Makes a channel that retains `capacity` messages, rounded up to a power of two, for those who are slow.
///
/// Each receiver gets a clone of every value sent after it was made, in the order in which they were sent. When a value
/// comes and the channel is full, the oldest one is dropped, and who has not read it gets
/// [`RecvError::Lagged`](error::RecvError::Lagged) with the number of missed values; then it goes on with the oldest that
/// is left. With a capacity of 3, rounded up to 4, a receiver lags once 5 values are ahead of it.
///
/// # Panics
/// If `capacity` is 0 or more than `usize::MAX / 2`.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::broadcast::{self, error::RecvError};
///
/// # futures::executor::block_on(async {
/// let (sender, mut first) = broadcast::channel(2);
/// let mut second = sender.subscribe();
/// sender.send(1).unwrap();
/// sender.send(2).unwrap();
/// assert_eq!(first.recv().await, Ok(1));
///
/// sender.send(3).unwrap();
/// drop(sender);
/// assert_eq!(first.recv().await, Ok(2));
/// assert_eq!(second.recv().await, Err(RecvError::Lagged(1)));
/// assert_eq!(second.recv().await, Ok(2));
/// assert_eq!(second.recv().await, Ok(3));
/// assert_eq!(second.recv().await, Err(RecvError::Closed));
/// # });
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}

impl<T> Shared<T> {
    #[track_caller]
    fn new(capacity: usize) -> Arc<Self> {
        let ring = Mutex::new(Ring::new(capacity));
        Arc::new(Self { ring, horizon: Horizon::new(), arrived: Notify::new(), emptied: Notify::new() })
    }

    /// Adds `message`, or gives it back if there is no receiver.
    fn push(&self, message: Arc<Message<T>>) -> Result<Sent<T>, Arc<Message<T>>> {
        let mut ring = self.ring.lock();
        let sent = ring.push(message)?;
        self.horizon.advance();
        Ok(sent)
    }
}
