//! What programs need beside the runtime, and tokio keeps in crates of their own (`tokio-util`, `tokio-stream`).
//!
//! * [`CancellationToken`]: tells a tree of tasks to stop.
//! * [`TaskTracker`]: waits until all tasks of a group have ended.
//! * [`io`]: a stream that plays a script, for tests.
//! * [`wrappers`]: receivers and intervals as streams.
//!
//! Names and behaviour are those of `tokio-util` 0.7, `tokio-stream` 0.1 and `tokio-test` 0.4.

mod cancellation;
#[cfg(not(loom))]
pub mod io;
mod task_tracker;
#[cfg(not(loom))]
pub mod wrappers;

pub use cancellation::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture, WaitForCancellationFutureOwned,
};
#[cfg(not(loom))]
pub use task_tracker::TrackedFuture;
pub use task_tracker::{TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture};
