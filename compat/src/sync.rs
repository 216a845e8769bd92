//! Synchronization between tasks. Code: `mini_tokio/src/sync`.

pub use mini_tokio::sync::Notify;

/// The futures of this module by name.
pub mod futures {
    pub use mini_tokio::sync::futures::{Notified, OwnedNotified};
}
