//! [`Rt`]: what a workload needs of an executor. A workload is written once over it and runs on each.
//!
//! The adapters hand out the executors' own types, unwrapped where that is possible: what is measured is the executor and
//! not the adapter. Whoever has less to offer than tasks has a smaller list of workloads (see `contenders`): what needs
//! timers, sockets or tokio's own channels is in `twice`.

use std::future::Future;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

mod pool;
mod smol;

pub use self::pool::Pool;
pub use self::smol::Smol;
pub use crate::twice::mini::Adapter as Mini;
pub use crate::twice::tokio::Adapter as Tokio;

/// What kind of runtime to build. Sockets and timers are always enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// None: everything on the thread that calls `block_on`.
    pub workers: Option<usize>,
}

impl Shape {
    pub const CURRENT_THREAD: Self = Self { workers: None };

    pub const fn multi_thread(workers: usize) -> Self {
        Self { workers: Some(workers) }
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

// ANCHOR: benches-root
/// Where the first future of a workload runs. `block_on` of a multi-thread runtime polls it on the calling thread, so that
/// every hop between it and a task crosses threads; a spawned root is a task among tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// By `block_on`.
    Outside,
    /// Spawned; `block_on` waits for it.
    Task,
}

impl Root {
    /// Appended to a workload's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Outside => "",
            Self::Task => "@task",
        }
    }

    pub fn run<R: Rt, F>(self, runtime: &R, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self {
            Self::Outside => runtime.block_on(future),
            Self::Task => runtime.block_on(R::join(runtime.spawn_on(future))),
        }
    }
}

/// Settings of a runtime that has them; None is its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub global_queue_interval: Option<u32>,
    pub event_interval: Option<u32>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

impl Settings {
    // ANCHOR: benches-settings
    /// What tokio's best is chosen from: seldom or often to the global queue, seldom or often to the drivers. What else its
    /// stable interface can set (pool sizes, stack sizes, hooks) has no part in these workloads.
    pub const CANDIDATES: [Self; 4] = [
        Self::new(None, None),
        Self::new(Some(4), None),
        Self::new(None, Some(1_024)),
        Self::new(Some(127), Some(1_024)),
    ];

    const fn new(global_queue_interval: Option<u32>, event_interval: Option<u32>) -> Self {
        Self { global_queue_interval, event_interval }
    }

    /// For all runtimes that this process builds.
    ///
    /// # Panics
    ///
    /// If it was called before.
    pub fn set(self) {
        SETTINGS.set(self).expect("settings are set once");
    }

    pub fn current() -> Self {
        SETTINGS.get().copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("global_queue_interval", self.global_queue_interval), ("event_interval", self.event_interval)];
        let set = parts.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}")));
        let set: Vec<_> = set.collect();
        f.write_str(&if set.is_empty() { "defaults".to_owned() } else { set.join(", ") })
    }
}

/// An executor. A process builds at most one of a kind at a time: some keep it in a static.
pub trait Rt: Sized + Send + Sync + 'static {
    /// Whether there is a form that runs everything on the thread that calls `block_on`.
    const HAS_CURRENT_THREAD: bool = true;

    /// A handle to a task, which goes on if this is dropped.
    type Join<T: Send + 'static>: Send + 'static;
    /// The two halves of the oneshot channel that goes with the executor.
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    fn build(shape: Shape) -> Self;

    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Spawns from wherever the caller is.
    fn spawn_on<F>(&self, future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns onto the current executor.
    fn spawn<F>(future: F) -> Self::Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// The task's output.
    fn join<T: Send + 'static>(task: Self::Join<T>) -> impl Future<Output = T> + Send;

    fn yield_now() -> impl Future<Output = ()> + Send + 'static;

    fn oneshot() -> (Self::Sender, Self::Receiver);

    fn send(sender: Self::Sender);

    fn receive(receiver: Self::Receiver) -> impl Future<Output = ()> + Send;
}
