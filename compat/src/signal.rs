//! Signals. Code: `mini_tokio/src/signal`.

pub use mini_tokio::signal::ctrl_c;

/// The signals of Unix systems.
pub mod unix {
    pub use mini_tokio::signal::unix::{Signal, SignalKind, signal};
}
