//! `oneshot`: a channel for one value, from one sender to one receiver.
//!
//! ```text
//!     Sender ----+                                   +---- Receiver
//!                v                                   v
//!         +------------------ one allocation ------------------+
//!         | the word: who has said what, and who is gone       |
//!         | value           | receiver's waker | sender's waker |
//!         +-----------------------------------------------------+
//! ```
//!
//! Vocabulary. A sender *finishes* by its last word: a value, or nothing (it was dropped). A receiver *closes* by its own:
//! it wants no value any more. An *end* is *gone* when it never again touches the allocation; the last to go frees it.
//!
//! The files: `state` is the word and its transitions (`ONESHOT-1` to `-5`), `shared` the cells beside it and what either
//! end does with them (the only unsafe code), `sender` and `receiver` the public ends, `error` what they answer.
//!
//! ```text
//!   send                                            poll of the receiver
//!   1. write the value                              1. load the word (Acquire): finished? done
//!   2. CAS: finished, with a value, unless closed   2. clone the waker, write it
//!   3. was there a waker: take it, be gone, wake    3. RMW: waker is set. Finished meanwhile? take it back, done
//! ```
//!
//! The word counts the two ends as well, so that the common case costs one read-modify-write in all: the sender announces
//! value and departure at once, and the receiver, who then knows that it is alone, frees the allocation without asking.
//! Rejected: an `Arc` beside the word, as tokio has. It is two more read-modify-writes for each channel.
//!
//! Left out: tokio's tracing hooks.

#[cfg(not(loom))]
pub mod error;
#[cfg(all(test, loom))]
mod model;
#[cfg(not(loom))]
mod receiver;
#[cfg(not(loom))]
mod sender;
mod shared;
mod state;

#[cfg(not(loom))]
pub use self::{receiver::Receiver, sender::Sender};

/// A channel for one value.
///
/// The sender gives the value away without waiting; the receiver is a future that waits for it. Either end can be used
/// in any task or thread, under any executor.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::oneshot;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, receiver) = oneshot::channel();
/// mini_tokio::spawn(async move {
///     let _ = sender.send(3); // fails only if nobody wants the value any more
/// });
/// assert_eq!(receiver.await, Ok(3));
/// # }
/// ```
#[cfg(not(loom))]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = shared::channel();
    (Sender::new(sender), Receiver::new(receiver))
}
