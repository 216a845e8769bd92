//! [`LocalRuntime`]: a current-thread runtime that never leaves its thread, so that its tasks need not be `Send`.
//!
//! * `LOCAL-1` The runtime is neither `Send` nor `Sync`: `block_on`, `spawn_local` and the drop happen on the thread that
//!   built it. Tasks are polled, cancelled and dropped there and nowhere else (`TASK-7`), also those that another thread
//!   aborts: the abort only queues them.
//! * `LOCAL-2` The drop returns when the registry is empty, so no task is left for another thread to find.
//!
//! tokio's is the model, with `LocalOptions` to be filled later, as there.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;
use std::time::Duration;

use super::{Builder, EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::context;
use crate::task::JoinHandle;

/// A current-thread runtime bound to the thread that built it, for tasks that are not `Send`.
///
/// # Panics
///
/// The drop panics in async context.
#[derive(Debug)]
pub struct LocalRuntime {
    runtime: Runtime,
    _bound: PhantomData<*mut ()>,
}

impl UnwindSafe for LocalRuntime {}
impl RefUnwindSafe for LocalRuntime {}

/// Settings of a [`LocalRuntime`] beyond those of the [`Builder`]; there are none yet. They stay on one thread, as the runtime
/// does.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    _bound: PhantomData<*mut u8>,
}

impl LocalRuntime {
    /// A local runtime with all drivers.
    ///
    /// # Errors
    ///
    /// If the I/O driver cannot be made.
    pub fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    pub(super) fn bind(runtime: Runtime) -> Self {
        Self { runtime, _bound: PhantomData }
    }

    /// A handle to the runtime. What is spawned through it must be `Send`, as a handle may be on any thread.
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Starts `future` as a task of this runtime, on this thread.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // SAFETY: LOCAL-1, we are on the runtime's thread, which alone touches the task (TASK-7).
        unsafe { self.handle().shared.clone().spawn_unchecked(future, None) }
    }

    /// Runs `func` on the blocking pool; see [`task::spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(func)
    }

    /// Drives `future` and all tasks; see [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Makes this runtime the current one of the thread until the guard is dropped.
    #[must_use = "the runtime is current only as long as the guard lives"]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Ends the runtime; see [`Runtime::shutdown_timeout`].
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        self.runtime.shutdown_timeout(duration);
    }

    /// Ends the runtime without waiting for blocking closures; see [`Runtime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }

    /// Figures of the runtime as they are now.
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }
}

/// Starts `future`, which need not be `Send`, as a task of the current [`LocalRuntime`], on this thread.
///
/// # Errors
///
/// The future, if the current runtime is not a local one.
///
/// # Panics
///
/// If it is another thread's.
#[track_caller]
pub(crate) fn spawn_local<F>(future: F, name: Option<&str>) -> Result<JoinHandle<F::Output>, F>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let current = context::current();
    let bound_to = current.as_ref().and_then(|handle| handle.shared.config.bound_to);
    let (Some(handle), Some(thread)) = (current, bound_to) else { return Err(future) };
    assert!(
        thread == thread::current().id(),
        "Local tasks can only be spawned on a LocalRuntime from the thread the runtime was created on"
    );
    // SAFETY: LOCAL-1, this is the thread that the runtime is bound to.
    Ok(unsafe { handle.shared.clone().spawn_unchecked(future, name) })
}
