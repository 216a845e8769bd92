//! Runtimes: building, entering, observing them. Code: `mini_tokio/src/runtime` and `mini_tokio/src/scheduler`.

pub use mini_tokio::runtime::{
    Builder, EnterGuard, Handle, Id, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor, RuntimeMetrics,
    TryCurrentError, is_rt_shutdown_err, worker_index,
};
#[cfg(tokio_unstable)]
pub use mini_tokio::runtime::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder, RngSeed,
    TaskMeta, UnhandledPanic,
};
