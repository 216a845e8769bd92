//! A channel that keeps only the last value: who sends replaces it, who receives is told that it has changed.
//!
//! ```text
//!   senders                        Shared                            receivers
//!   send: replace the value   +-----------------------------+        changed().await: until state != seen
//!         advance the version | value:   RwLock<T>          |
//!         ------------------> | state:   version | CLOSED   | -----> borrow_and_update():
//!         notify `changed`    | changed: Notify  ~~~~~~~~~~~~~~~~~>     read lock; seen = version
//!                             |                             |
//!   closed().await  <~~~~~~~~~~~ emptied: Notify            | <----- the last one is dropped
//!                             | senders, receivers: counts  |
//!                             +-----------------------------+        each has its own `seen`
//! ```
//!
//! Vocabulary. Each value sent has a *version*. A value is *seen* by a receiver whose own note of a version, `seen`, is
//! the present one. The channel is *closed*, for receivers, when there is no sender any more; for senders, while there is
//! no receiver (another may come by [`Sender::subscribe`]).
//!
//! The files: `state` is the word (version and CLOSED), `count` the two counters, `lock` the value's lock, `sender` and
//! `receiver` the two halves.
//!
//! Invariants:
//! - `WATCH-1`: the version changes only under the write lock. So under a read lock, the value and the version belong
//!   together; without it, the version tells that there is something to look at, and no more.
//! - `WATCH-2`: whoever changes what others wait for (version, CLOSED, the count of receivers) does so first and notifies
//!   after it.
//! - `WATCH-3`: whoever waits makes its `Notified` first and looks after it. `notify_waiters` reaches every future that
//!   exists, polled or not; so a change comes either before the look, which then sees it, or after the birth of the
//!   future, which then is notified.
//! - `WATCH-4`: wakers are called, and old values dropped, after the lock. Only what the user passes to be run on the
//!   value (`send_modify`, `send_if_modified`, `wait_for`) runs under it: that is what these are for.
//!
//! `WATCH-2` and `WATCH-3` are two mirrored lists:
//!
//! ```text
//!   sender                                  receiver
//!   1. write lock, replace the value        1. make a `Notified`
//!   2. advance the version                  2. compare the version with `seen`: if it differs, done
//!   3. unlock                               3. await the `Notified`
//!   4. notify_waiters                       4. from the start
//! ```
//!
//! A panic in a closure leaves the value as the closure left it, and the version as it was: the lock knows no poison.
//!
//! Left out: tokio spreads its receivers over eight `Notify`s, one of which each wait picks at random, against contention
//! on one lock by many workers.

use std::{fmt, ops::Deref};

use self::{
    count::Count,
    lock::{Lock, ReadGuard},
    state::State,
};
use super::Notify;
#[cfg(not(loom))]
use crate::task::coop::cooperative;
/// A model has no budget.
#[cfg(loom)]
use std::convert::identity as cooperative;

mod count;
pub mod error;
mod lock;
#[cfg(all(test, loom))]
mod model;
mod receiver;
mod sender;
mod state;

pub use self::{receiver::Receiver, sender::Sender};

/// What all halves of a channel share.
struct Shared<T> {
    /// Its own lock, under which the version changes too: WATCH-1.
    value: Lock<T>,
    /// Its own rules: `state`.
    state: State,
    /// Told of every new version, and of the end of the last sender.
    changed: Notify,
    /// Told when the last receiver is dropped.
    emptied: Notify,
    senders: Count,
    receivers: Count,
}

/// Makes a channel with `init` as its first value, which the receiver has seen already.
///
/// Receivers see only the last value that was sent: what was sent between two looks is dropped unseen.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::watch;
///
/// # futures::executor::block_on(async {
/// let (level, mut gauge) = watch::channel(3);
/// assert_eq!(*gauge.borrow(), 3);
///
/// level.send(4).unwrap();
/// level.send(5).unwrap();
/// gauge.changed().await.unwrap();
/// assert_eq!(*gauge.borrow_and_update(), 5);
///
/// drop(level);
/// assert!(gauge.changed().await.is_err());
/// assert_eq!(*gauge.borrow(), 5);
/// # });
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}

/// The channel's value, borrowed.
///
/// It holds a read lock: while it lives, whoever sends blocks its thread. Keep it short, and never across an `await`:
/// where futures need not be `Send`, the compiler does not notice, and the sender that waits for this very thread waits for
/// ever. A thread that has one `Ref` and takes a second one may block too, if a sender waits between the two.
#[derive(Debug)]
pub struct Ref<'a, T> {
    value: ReadGuard<'a, T>,
    has_changed: bool,
}

impl<T> Ref<'_, T> {
    /// Whether the value was unseen by the receiver that borrowed it, before it did. Unlike [`Receiver::has_changed`] it
    /// answers also when the channel is closed. For a [`Sender`] it is always false.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = mini_tokio::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert!(receiver.borrow_and_update().has_changed());
    /// assert!(!receiver.borrow().has_changed());
    /// ```
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.load();
        f.debug_struct("Shared")
            .field("value", &self.value)
            .field("version", &state.version())
            .field("closed", &state.is_closed())
            .field("senders", &self.senders.get())
            .field("receivers", &self.receivers.get())
            .finish_non_exhaustive()
    }
}
