//! `mpsc`: a queue of values from many senders to one receiver, bounded or not.
//!
//! ```text
//!   Sender --+                   +--- under one short lock ---+
//!   Sender --+-- push, unlock,   |  ring:    v v v v v        |   swap the whole ring,
//!   Sender --+   wake receiver   |  receiver: its waker       |   unlock        +--------------+
//!       |                        |  slots:   how many are free+---------------> | batch: v v v | Receiver
//!       +-- full: wait in line ->|  waiting: sender - sender  |                 +--------------+
//!                                +----------------------------+                   takes from it
//! ```
//!
//! Vocabulary. A *slot* is the right to have one value in the channel, from the moment it is reserved until the value is
//! received; a bounded channel has `bound` of them. A *permit* is a slot in somebody's hands. The *ring* is what was sent
//! and not yet collected; the *batch* is what the receiver has collected and not yet handed out. A channel is *closed*
//! when the receiver wants nothing more, and *deserted* when the last sender has gone.
//!
//! The files: `channel` is the lock and all that happens under it (`MPSC-1` to `-5`), `slots` the free slots and those
//! who wait for one (`SLOT-1` to `-3`), `reserve` the future that waits, `handles` who counts as a sender, `outlet` the
//! receiver's side; `sender`, `permit`, `weak`, `receiver` and `unbounded` are the public types, thin shells around them.
//!
//! Rejected: a linked list of blocks that senders fill without a lock, and a semaphore beside it, as in tokio. A send
//! there is five read-modify-writes in three protocols; here it is the two of the lock, and one page explains it. The
//! price is a sender that is taken off its core while it holds the lock: a few nanoseconds' chance, and then the others
//! sleep, not spin.
//!
//! Left out: tokio's tracing hooks.

mod channel;
pub mod error;
mod handles;
#[cfg(all(test, loom))]
mod model;
mod outlet;
#[cfg(not(loom))]
mod permit;
#[cfg(not(loom))]
mod receiver;
mod reserve;
#[cfg(not(loom))]
mod sender;
mod slots;
#[cfg(not(loom))]
mod unbounded;
#[cfg(not(loom))]
mod weak;

#[cfg(not(loom))]
pub use self::{
    permit::{OwnedPermit, Permit, PermitIterator},
    receiver::Receiver,
    sender::Sender,
    unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender},
    weak::WeakSender,
};

/// A channel that holds at most `buffer` values; who sends more waits.
///
/// Values arrive in the order in which they were sent. Memory is allocated as values come, not for `buffer` in advance.
///
/// # Panics
/// If `buffer` is 0, or more than a semaphore can count (`usize::MAX >> 3`).
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::mpsc;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, mut receiver) = mpsc::channel(2);
/// mini_tokio::spawn(async move {
///     for i in 0..5 {
///         if sender.send(i).await.is_err() {
///             return; // the receiver is gone
///         }
///     }
/// });
/// let mut sum = 0;
/// while let Some(i) = receiver.recv().await {
///     sum += i;
/// }
/// assert_eq!(sum, 10);
/// # }
/// ```
#[cfg(not(loom))]
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(buffer > 0, "mpsc bounded channel requires buffer > 0");
    assert!(buffer <= slots::MOST, "a semaphore may not have more than MAX_PERMITS permits ({})", slots::MOST);
    let (inlet, outlet) = channel::new(buffer);
    (Sender { inlet }, Receiver { outlet })
}

/// A channel without a bound: sending never waits, and a receiver that is too slow is paid for in memory.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::mpsc;
///
/// let (sender, mut receiver) = mpsc::unbounded_channel();
/// std::thread::spawn(move || sender.send("from a thread").unwrap());
/// assert_eq!(receiver.blocking_recv(), Some("from a thread"));
/// assert_eq!(receiver.blocking_recv(), None);
/// ```
#[cfg(not(loom))]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (inlet, outlet) = channel::new(slots::UNBOUNDED);
    (UnboundedSender { inlet }, UnboundedReceiver { outlet })
}
