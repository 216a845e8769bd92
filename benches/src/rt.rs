//! [`Rt`]: what a workload needs of a runtime. A workload is written once over it and runs on each.
//!
//! The adapters hand out the runtimes' own types, unwrapped: what is measured is the runtime and not the adapter.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

mod mini;
mod tokio;

pub use self::mini::Mini;
pub use self::tokio::Tokio;

/// What kind of runtime to build. Sockets and timers are always enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// None: everything on the thread that calls `block_on`.
    pub workers: Option<usize>,
    pub blocking_threads: usize,
}

impl Shape {
    pub const CURRENT_THREAD: Self = Self { workers: None, blocking_threads: 512 };

    pub const fn multi_thread(workers: usize) -> Self {
        Self { workers: Some(workers), blocking_threads: 512 }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.workers {
            None => f.write_str("ct"),
            Some(workers) => write!(f, "mt{workers}"),
        }
    }
}

pub trait Rt: Sized + Send + Sync + 'static {
    const NAME: &'static str;

    type JoinError: Failure;
    type Join<T: Send + 'static>: Future<Output = Result<T, Self::JoinError>> + Abort + Send + Unpin + 'static;
    type Sleep: Future<Output = ()> + Send + 'static;
    type Signal: Signal;

    fn build(shape: Shape) -> Self;

    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Makes the runtime current on this thread while `f` runs.
    fn enter<T>(&self, f: impl FnOnce() -> T) -> T;

    /// Spawns from wherever the caller is.
    fn spawn_on<F>(&self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns onto the current runtime.
    fn spawn<F>(future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    fn spawn_blocking<F, T>(f: F) -> Self::Join<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static;

    fn yield_now() -> impl Future<Output = ()> + Send;

    fn sleep(duration: Duration) -> Self::Sleep;
}

/// A join handle's other half.
pub trait Abort {
    fn abort(&self);
}

/// Why a task has no output.
pub trait Failure: std::fmt::Debug + Send + 'static {
    fn is_cancelled(&self) -> bool;

    /// The payload, if the task panicked.
    fn into_panic(self) -> Option<Box<dyn Any + Send>>;
}

/// The runtime's `Notify`.
pub trait Signal: Default + Send + Sync + 'static {
    fn notify_one(&self);

    fn notified(&self) -> impl Future<Output = ()> + Send;
}
