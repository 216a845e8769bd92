//! [`spawn`] and [`spawn_local`]: a new task on the current runtime.

use std::future::Future;

use super::JoinHandle;
use super::local_set;
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
    Handle::current().shared.spawn(future, None)
}

/// Starts `future`, which need not be `Send`, as a task on this thread: of the current
/// [`LocalRuntime`](crate::runtime::LocalRuntime), or of the [`LocalSet`](super::LocalSet) that is being driven or was
/// entered.
///
/// # Panics
///
/// Outside of both.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_local_named(future, None)
}

#[track_caller]
pub(super) fn spawn_local_named<F>(future: F, name: Option<&str>) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawned = match local::spawn_local(future, name) {
        Ok(handle) => Ok(handle),
        Err(future) => local_set::spawn_on_current(future, name),
    };
    match spawned {
        Ok(handle) => handle,
        Err(_) => panic!("`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`"),
    }
}
