//! [`Handle`]: a reference to a runtime.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::config::Flavor;
use super::{Id, RuntimeFlavor, RuntimeMetrics};
use crate::context;
use crate::scheduler::{Shared, root};
use crate::task::JoinHandle;

/// A reference to a runtime, cheap to clone and free to send anywhere.
///
/// A handle does not keep the runtime running: once the `Runtime` is dropped, what is spawned through a handle is cancelled.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Handle {
    /// The runtime of this thread: the one that runs it, or the one that was last entered.
    ///
    /// # Panics
    ///
    /// If there is none. See [`Handle::try_current`].
    #[track_caller]
    pub fn current() -> Self {
        match Self::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The runtime of this thread.
    ///
    /// # Errors
    ///
    /// If there is none, or the thread is being taken down.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        context::current().ok_or_else(TryCurrentError::new)
    }

    /// Makes this runtime the current one of the thread until the guard is dropped.
    ///
    /// # Panics
    ///
    /// Guards must be dropped in the reverse order; a guard dropped out of order panics.
    #[must_use = "the runtime is current only as long as the guard lives"]
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard { _current: context::set_current(self), _handle: PhantomData }
    }

    /// Starts `future` as a task of this runtime; see [`task::spawn`](crate::task::spawn).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.shared.clone().spawn(future, None)
    }

    /// Runs `f` on the blocking pool of this runtime; see [`task::spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.shared.blocking.spawn(f, None, false)
    }

    /// Drives `future` on the calling thread, with this runtime as the current one.
    ///
    /// On a current-thread runtime this does not drive its tasks, sockets and timers: somebody else has to be in
    /// `Runtime::block_on` for these to make progress.
    ///
    /// # Panics
    ///
    /// In async context. If the future panics. If it uses a timer or a socket after the runtime has shut down.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _entered = context::enter_runtime(self, true);
        root::block_on(&self.shared, future)
    }

    /// What kind of scheduler the runtime has. A stepper counts as multi-threaded.
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        match self.shared.config.flavor {
            Flavor::CurrentThread => RuntimeFlavor::CurrentThread,
            Flavor::MultiThread | Flavor::Stepper => RuntimeFlavor::MultiThread,
        }
    }

    /// A number that no other runtime of this process has.
    pub fn id(&self) -> Id {
        self.shared.id
    }

    /// What [`Builder::name`](super::Builder::name) called the runtime.
    pub fn name(&self) -> Option<&str> {
        self.shared.config.name.as_deref()
    }

    /// Figures of the runtime as they are now.
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::new(self.clone())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("runtime", &self.shared.id).field("config", &self.shared.config).finish()
    }
}

/// Keeps a runtime current on this thread.
#[derive(Debug)]
#[must_use = "the runtime is current only as long as the guard lives"]
pub struct EnterGuard<'a> {
    _current: context::CurrentGuard,
    _handle: PhantomData<&'a Handle>,
}

/// Why [`Handle::try_current`] found no runtime.
#[derive(Debug)]
pub struct TryCurrentError {
    thread_ends: bool,
}

impl TryCurrentError {
    fn new() -> Self {
        Self { thread_ends: context::is_destroyed() }
    }

    /// The thread is in no runtime's context.
    pub fn is_missing_context(&self) -> bool {
        !self.thread_ends
    }

    /// The thread is being taken down, and its context with it.
    pub fn is_thread_local_destroyed(&self) -> bool {
        self.thread_ends
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.thread_ends { context::THREAD_ENDS } else { context::NO_RUNTIME })
    }
}

impl Error for TryCurrentError {}
