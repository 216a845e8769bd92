//! A channel whose every receiver gets every value. It never waits for a slow receiver: it tells it what it has missed.
//!
//! ```text
//!                                             tail: the next value sent goes here, over what is there
//!                                               |
//!      positions:  6    7    8    9    10   11  v 12 = place 4 of 8
//!                +----+----+----+----+----+----+----+----+
//!      slots:    |    | m7 | m8 | m9 |m10 |m11 |    |    |
//!                +----+----+----+----+----+----+----+----+
//!      unread by:        1    1    3    3    3               (never less further right)
//!                        ^         ^              ^
//!                        slow     fast            idle: has read all, waits
//!                       (each receiver knows its own position: the next message that it has not read)
//! ```
//!
//! Vocabulary. Values sent are numbered; a *position* is such a number. The *tail* is the position of the next value to
//! be sent. A *message* is a value with the number of those who have not read it yet; its place is a *slot*. To be read, a
//! message is *lent* to a thread, and returned. A receiver *lags* when its position is more than the capacity behind the
//! tail: the message that it would read is overwritten. The channel is *closed*, for receivers, when no sender is left; for
//! senders, while there is no receiver.
//!
//! Who sends takes the lock of the channel's *census*, the number of its handles. Who receives takes no lock: two atomic
//! operations on one word, the loan and the return.
//!
//! ```text
//!   send                                        recv
//!   1. allocate the message                     1. the horizon: nothing new? wait (CAST-5)
//!   2. lock the census: how many readers?       2. borrow what is at the position; if another message is
//!   3. put the message into its slot               there, it was overwritten: a lag
//!   4. the horizon: one more; unlock            3. clone
//!   5. notify; drop what was overwritten        4. one reader less; return it, or, as the last, free it
//! ```
//!
//! The two meet when a message is overwritten that is lent. Who sends does not wait for it: the new message stands in the
//! slot at once, and who returns the old one finds it there, keeps the old one and frees it (CAST-7).
//!
//! The files: `slot` is the word of a slot, and the loans; `message` a value with its readers; `loan` a message while a
//! thread has it; `ring` the slots, and the threads that wait for a loan's end; `horizon` the word that says that there is
//! nothing to read; `sender`, `weak`, `receiver` the handles.
//!
//! Invariants (`CAST-7` and `CAST-8` are in `slot`):
//! - `CAST-1`: the message at a position below the tail is in slot `position % capacity`, until it is read up or
//!   overwritten by a message sent `capacity`, or a multiple of it, later.
//! - `CAST-2`: a message in a slot is unread by at least one receiver, or lent. Who reads the last time takes it out.
//! - `CAST-3`: the number of readers missing never falls from one message to the next: who has not read a message has not
//!   read a later one either. So the oldest messages are read up first, and `len` is found by halving.
//! - `CAST-4`: no code of users runs under a lock: no clone or drop of a value, no waker. What is overwritten is dropped
//!   after the lock, and a clone runs during a loan, for which nobody waits but who wants to clone the same value.
//! - `CAST-5`: what receivers wait for (a message, the end of the last sender) happens in the slot and on the horizon
//!   first, is notified after it, and whoever waits makes its `Notified` before it looks at the horizon for the last time.
//!   It is the same pair of lists as in `watch`, with the same argument.
//! - `CAST-6`: the horizon and the census change, and messages are put, only under the census' lock. Who has it finds
//!   horizon and slots in agreement.
//!
//! Rejected: a lock to each slot, with the value in it (tokio's way). It saves the allocation of a message. But whoever
//! clones holds his slot's lock, and whoever sends holds the channel's and waits for the slot that he is to overwrite: a
//! `clone` that sends waits for himself, or for somebody who waits for him. Also rejected, after it had stood here: a queue
//! of `Arc`s of messages under one lock. Nobody waits there either, but a `recv` is lock and unlock of the queue, lock and
//! unlock of the message, and a clone and a drop of the `Arc`: six operations for two, and all receivers on one lock. And messages
//! that are kept and filled again: it saves an allocation for each, and was up to a fifth slower.

use std::{ops::Deref, sync::Arc};

use self::{horizon::Horizon, message::Message, ring::Ring};
use super::Notify;
use crate::shim::Mutex;
#[cfg(not(loom))]
use crate::task::coop::cooperative;
/// A model has no budget.
#[cfg(loom)]
use std::convert::identity as cooperative;

pub mod error;
mod horizon;
mod loan;
mod message;
#[cfg(all(test, loom))]
mod model;
mod receiver;
mod ring;
mod sender;
mod slot;
mod weak;

pub use self::{receiver::Receiver, sender::Sender, weak::WeakSender};

/// On cache lines of its own: what who sends writes at each message is away from what those read who receive.
#[repr(align(64))]
struct Apart<T>(T);

impl<T> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

// ANCHOR: broadcast-shared
/// What all handles of a channel share.
struct Shared<T> {
    /// CAST-1.
    ring: Ring<T>,
    /// CAST-6.
    horizon: Apart<Horizon>,
    census: Apart<Mutex<Census>>,
    /// Told of each message, and of the end of the last sender.
    arrived: Notify,
    /// Told when the last receiver is dropped.
    emptied: Notify,
}

/// How many handles there are, and where the next message goes.
struct Census {
    tail: u64,
    senders: usize,
    weak_senders: usize,
    receivers: usize,
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
    let shared = Shared::new(capacity, 1);
    let receiver = Receiver::counted(shared.clone(), 0);
    (Sender::counted(shared), receiver)
}

impl<T> Shared<T> {
    /// A channel with one sender, and so many receivers.
    #[track_caller]
    fn new(capacity: usize, receivers: usize) -> Arc<Self> {
        let ring = Ring::new(capacity);
        let census = Apart(Mutex::new(Census { tail: 0, senders: 1, weak_senders: 0, receivers }));
        Arc::new(Self { ring, horizon: Apart(Horizon::new()), census, arrived: Notify::new(), emptied: Notify::new() })
    }

    /// One receiver more; returns its position.
    fn subscribe(&self) -> u64 {
        let mut census = self.census.lock();
        census.receivers += 1;
        census.tail
    }
}
