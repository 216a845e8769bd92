//! [`Stage`]: what every act has: input, a runtime, a progress bar; and what it gives back: figures or a failure.

use std::fmt::{self, Display};
use std::future::Future;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use mini_tokio::runtime::{Builder, Handle};
use mini_tokio::task::JoinError;
use mini_tokio::time::timeout;

use crate::input::Input;

/// An act that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stage {
    pub input: Input,
    pub workers: usize,
    pub quick: bool,
}

impl Stage {
    /// One of two sizes of something.
    pub fn scale(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    // ANCHOR: tour-runtime
    /// Runs `act` on a runtime of its own, and looks behind it: when the runtime is gone, so must be every task.
    ///
    /// The handle that is returned is of a runtime that has ended: its workers are gone, so that what they counted is final.
    pub fn on_runtime<T>(&self, act: impl Future<Output = Result<T, Failure>>) -> Result<(T, Handle), Failure> {
        let mut builder = Builder::new_multi_thread();
        // Blocking threads that compute want a core each; more of them than cores would only take turns.
        let runtime = builder.enable_all().worker_threads(self.workers).max_blocking_threads(self.workers).build()?;
        let result = runtime.block_on(async { timeout(PATIENCE, act).await });
        let handle = runtime.handle().clone();
        drop(runtime);
        let value = result.unwrap_or_else(|_| Err(Failure(format!("did not end within {PATIENCE:?}"))))?;
        let alive = handle.metrics().num_alive_tasks();
        check(alive == 0, || format!("{alive} tasks are alive after their runtime was dropped"))?;
        Ok((value, handle))
    }

    pub fn heading(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let size = if self.quick { ", quick" } else { "" };
        format!("\nmini_tokio: {} workers on {cores} cores{size}; input: {}\n", self.workers, self.input)
    }
}

/// What an act measured: what, and how much.
pub type Figures = Vec<(&'static str, String)>;

/// Why an act failed.
#[derive(Debug)]
pub struct Failure(pub String);

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self(error.to_string())
    }
}

/// # Errors
///
/// If `holds` is false; `otherwise` says what that means.
pub fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure(otherwise())) }
}

/// A bar on a terminal; elsewhere, a line when an act begins.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub fn new(number: usize, of: usize, act: &'static str) -> Self {
        let title = format!("{number}/{of} {act}");
        if !io::stderr().is_terminal() {
            eprintln!("{title} ...");
            return Self { bar: ProgressBar::hidden() };
        }
        let style = ProgressStyle::with_template("{spinner} {prefix:<18} {bar:32} {pos:>6}/{len:<6} {msg}");
        let bar = ProgressBar::new(1).with_style(style.expect("a valid template")).with_prefix(title);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    /// A new stretch of `steps` steps.
    pub fn begin(&self, steps: usize, doing: &'static str) {
        self.bar.set_position(0);
        self.bar.set_length(steps as u64);
        self.bar.set_message(doing);
    }

    pub fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
    }

    pub fn finish(&self) {
        self.bar.finish_with_message("checked");
    }

    pub fn give_up(&self) {
        self.bar.abandon_with_message("failed");
    }
}
