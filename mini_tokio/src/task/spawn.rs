//! [`spawn`] and [`spawn_local`]: a new task on the current runtime.

use std::future::Future;

use super::JoinHandle;
use crate::runtime::{Handle, local};

/// Starts `future` as a task of the current runtime, and returns a handle to its output.
///
/// The task starts at once, whether or not the handle is awaited, and runs at the same time as its spawner. On a
/// current-thread runtime it makes progress only while `block_on` runs.
///
/// # Panics
///
/// Outside a runtime. A panic of the future itself stops at the task, and is the [`JoinError`](super::JoinError) of its
/// handle.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Handle::current().shared.spawn(future)
}

/// Starts `future`, which need not be `Send`, as a task on this thread.
///
/// # Panics
///
/// Outside a [`LocalRuntime`](crate::runtime::LocalRuntime).
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    local::spawn_local(future)
}
