//! Synchronization between tasks: what to await instead of blocking a thread.
//!
//! Everything here uses wakers and nothing else of the runtime: it works under any executor, between runtimes, and
//! between a runtime and plain threads.
//!
//! Reading order: `waiters` (the list in which futures wait) and `wake_batch` (why wakers are called outside the
//! lock) are the two tools; [`Notify`] is the smallest primitive built from them, and the pattern of all the others.

#[cfg(not(loom))]
mod blocking;
pub mod broadcast;
pub mod mpsc;
mod notify;
pub mod oneshot;
mod waiters;
mod wake_batch;
pub mod watch;

pub use notify::Notify;

/// The futures of this module by name, for those who store them in a struct.
pub mod futures {
    pub use super::notify::{Notified, OwnedNotified};
}
