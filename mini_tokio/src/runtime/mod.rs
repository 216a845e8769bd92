//! The runtime: a scheduler, its drivers and a blocking pool, under one handle.
//!
//! | file | its noun |
//! |---|---|
//! | `builder`, `config` | what can be set, and what a runtime was built with |
//! | `handle` | a reference to a runtime, and the guard that makes it current |
//! | `local` | a runtime that never leaves its thread, for tasks that are not `Send` |
//! | `owner` | [`Runtime`], whose drop ends it |
//! | `shutdown` | how a runtime ends, step by step |
//! | `driver` | the reactor and the timer as the scheduler sees them: something that blocks and can be interrupted |
//! | `metrics`, `histogram` | what can be counted from outside, and how the durations of polls are sorted |
//! | `id`, `rng_seed`, `task_meta` | small values of the public interface |

mod builder;
pub(crate) mod config;
pub(crate) mod driver;
mod handle;
pub(crate) mod histogram;
mod id;
pub(crate) mod local;
mod metrics;
mod owner;
mod rng_seed;
mod shutdown;
mod task_meta;

pub use self::builder::Builder;
pub use self::config::UnhandledPanic;
pub use self::handle::{EnterGuard, Handle, TryCurrentError};
pub use self::histogram::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
};
pub use self::id::Id;
pub use self::local::{LocalOptions, LocalRuntime};
pub use self::metrics::RuntimeMetrics;
pub use self::owner::Runtime;
pub use self::rng_seed::RngSeed;
pub(crate) use self::shutdown::shut_down;
pub use self::task_meta::TaskMeta;

/// Which worker polls the caller: the number by which [`RuntimeMetrics`] and the transcripts know it.
///
/// `None` where no worker does: outside a runtime, in a blocking closure, in the root future of a multi-thread runtime, and in
/// a `block_on` of a current-thread runtime that another thread drives. After an `.await` a task may be with another worker.
pub fn worker_index() -> Option<usize> {
    crate::context::with_core(|core| core.map(|core| core.index))
}

/// Whether an operation failed because its runtime has shut down.
pub fn is_rt_shutdown_err(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.to_string() == crate::context::SHUTTING_DOWN)
}

/// What kind of scheduler a runtime has.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// Everything runs on the thread that calls `block_on`.
    CurrentThread,
    /// A thread a worker; workers steal from one another.
    MultiThread,
}
