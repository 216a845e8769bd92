//! Sleeping, intervals, time limits. Code: `mini_tokio/src/time` and the crate `timer`.

pub use mini_tokio::time::{
    Duration, Instant, Interval, MissedTickBehavior, Sleep, Timeout, interval, interval_at, sleep, sleep_until,
    timeout, timeout_at,
};
#[cfg(feature = "test-util")]
pub use mini_tokio::time::{advance, pause, resume};

/// What goes wrong with time.
pub mod error {
    pub use mini_tokio::time::error::{Elapsed, Error};
}
