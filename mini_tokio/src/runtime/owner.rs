//! [`Runtime`]: owns a scheduler, its drivers and its threads; its drop ends them.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use super::{Builder, EnterGuard, Handle, RuntimeMetrics, shut_down};
use crate::context::{self, Entered};
use crate::scheduler::current_thread::{self, Seat};
use crate::scheduler::root;
use crate::task::JoinHandle;

/// A runtime.
///
/// Dropping it ends it: tasks are dropped at their next `.await`, and the drop waits for that and for blocking closures that
/// run. [`shutdown_timeout`](Self::shutdown_timeout) and [`shutdown_background`](Self::shutdown_background) do not wait, or
/// not for ever. Several runtimes in one process do not disturb one another.
///
/// # Panics
///
/// The drop panics in async context, where waiting would hold other tasks up.
pub struct Runtime {
    scheduler: Scheduler,
    handle: Handle,
}

/// Who drives the workers.
pub(crate) enum Scheduler {
    /// Whoever calls `block_on`.
    CurrentThread(Seat),
    /// Their own threads.
    MultiThread,
}

impl Scheduler {
    /// Step 3 of the shutdown for workers that have no thread: they leave here. Threads leave by themselves.
    pub(crate) fn retire(&self) {
        if let Self::CurrentThread(seat) = self
            && let Some(worker) = seat.take_for_shutdown()
        {
            worker.retire();
        }
    }
}

impl UnwindSafe for Runtime {}
impl RefUnwindSafe for Runtime {}

impl Runtime {
    /// A multi-thread runtime with a worker a core and all drivers.
    ///
    /// # Errors
    ///
    /// If the I/O driver or a thread cannot be made.
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().enable_all().build()
    }

    pub(crate) fn from_parts(scheduler: Scheduler, handle: Handle) -> Self {
        Self { scheduler, handle }
    }

    /// A handle to the runtime.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Starts `future` as a task; see [`task::spawn`](crate::task::spawn). No runtime needs to be current.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs `func` on the blocking pool; see [`task::spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(func)
    }

    /// Drives `future` on the calling thread until it is ready, with this runtime as the current one.
    ///
    /// On a current-thread runtime this also runs all tasks, sockets and timers; what is not finished when `future` is waits
    /// for the next call. Several threads may call it at once: one of them runs the tasks at a time.
    ///
    /// # Panics
    ///
    /// In async context. If the future panics. On a current-thread runtime built with
    /// [`UnhandledPanic::ShutdownRuntime`](super::UnhandledPanic), if a spawned task panicked.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.scheduler {
            Scheduler::CurrentThread(seat) => {
                let _entered = context::enter_runtime(&self.handle, false);
                current_thread::block_on(&self.handle.shared, seat, future)
            }
            Scheduler::MultiThread => {
                let _entered = context::enter_runtime(&self.handle, true);
                root::block_on(&self.handle.shared, future)
            }
        }
    }

    /// Makes this runtime the current one of the thread until the guard is dropped; see [`Handle::enter`].
    #[must_use = "the runtime is current only as long as the guard lives"]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Figures of the runtime as they are now.
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Ends the runtime and waits at most `duration` for its threads. A blocking closure that runs longer is left alone.
    ///
    /// # Panics
    ///
    /// In async context, unless `duration` is zero.
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        self.end(Some(duration));
    }

    /// Ends the runtime without waiting for its threads; may be called in async context.
    pub fn shutdown_background(self) {
        self.end(Some(Duration::ZERO));
    }

    #[track_caller]
    fn end(&self, wait: Option<Duration>) {
        if self.handle.shared.is_shutting_down() {
            return;
        }
        let may_wait = wait == Some(Duration::ZERO) || context::entered() == Entered::No;
        // In async context the runtime ends all the same, or its threads would outlive it: but nobody waits for them.
        shut_down(&self.handle.shared, || self.scheduler.retire(), if may_wait { wait } else { Some(Duration::ZERO) });
        assert!(
            may_wait || std::thread::panicking(),
            "Cannot drop a runtime in a context where blocking is not allowed. This happens when a runtime is dropped from \
             within an asynchronous context."
        );
    }
}

impl Drop for Runtime {
    #[track_caller]
    fn drop(&mut self) {
        self.end(None);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("handle", &self.handle).finish()
    }
}
