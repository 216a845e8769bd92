//! What a runtime was built with.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use super::histogram::HistogramConfiguration;
use super::task_meta::TaskMeta;
use crate::recording::Recorder;

/// What a runtime does when a spawned task panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnhandledPanic {
    /// The panic stops at the task, and whoever joins it gets it as an error.
    #[default]
    Ignore,
    /// `block_on` panics as soon as it notices. Only for current-thread runtimes.
    ShutdownRuntime,
}

/// Which driver calls `Worker::step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    CurrentThread,
    MultiThread,
    Stepper,
}

pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;
pub(crate) type TaskHook = Arc<dyn Fn(&TaskMeta<'_>) + Send + Sync>;
pub(crate) type ThreadName = Arc<dyn Fn() -> String + Send + Sync>;

/// Functions of the user's, called on the runtime's threads.
///
/// A panic in one of them is reported by the panic hook and goes no further: it would take down a worker, and with it tasks
/// that have nothing to do with it. (tokio loses the worker.)
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) thread_start: Option<Hook>,
    pub(crate) thread_stop: Option<Hook>,
    pub(crate) thread_park: Option<Hook>,
    pub(crate) thread_unpark: Option<Hook>,
    pub(crate) task_spawn: Option<TaskHook>,
    pub(crate) task_before_poll: Option<TaskHook>,
    pub(crate) task_after_poll: Option<TaskHook>,
    pub(crate) task_terminate: Option<TaskHook>,
}

fn contain_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        // Not dropped: its drop is foreign code as well, and may panic again.
        std::mem::forget(payload);
    }
}

fn call(hook: &Option<Hook>) {
    if let Some(hook) = hook {
        contain_panic(|| hook());
    }
}

fn call_for(hook: &Option<TaskHook>, task: &TaskMeta<'_>) {
    if let Some(hook) = hook {
        contain_panic(|| hook(task));
    }
}

impl Hooks {
    pub(crate) fn on_start(&self) {
        call(&self.thread_start);
    }

    pub(crate) fn on_stop(&self) {
        call(&self.thread_stop);
    }

    pub(crate) fn before_park(&self) {
        call(&self.thread_park);
    }

    pub(crate) fn after_unpark(&self) {
        call(&self.thread_unpark);
    }

    pub(crate) fn on_spawn(&self, task: &TaskMeta<'_>) {
        call_for(&self.task_spawn, task);
    }

    pub(crate) fn before_poll(&self, task: &TaskMeta<'_>) {
        call_for(&self.task_before_poll, task);
    }

    pub(crate) fn after_poll(&self, task: &TaskMeta<'_>) {
        call_for(&self.task_after_poll, task);
    }

    pub(crate) fn on_terminate(&self, task: &TaskMeta<'_>) {
        call_for(&self.task_terminate, task);
    }
}

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) flavor: Flavor,
    /// What the user calls the runtime.
    pub(crate) name: Option<String>,
    pub(crate) workers: usize,
    pub(crate) global_queue_interval: u32,
    pub(crate) event_interval: u32,
    pub(crate) lifo_slot: bool,
    pub(crate) seed: u64,
    pub(crate) shutdown_on_panic: bool,
    /// None: the runtime's events are not recorded.
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// Where to record them, if the program wished it.
    pub(crate) record_to: Option<PathBuf>,
    /// The only thread that may touch tasks, for a local runtime.
    pub(crate) bound_to: Option<thread::ThreadId>,
    /// None: nobody measures how long a poll takes.
    pub(crate) poll_times: Option<HistogramConfiguration>,
    pub(crate) hooks: Hooks,
    pub(crate) max_blocking_threads: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) stack_size: Option<usize>,
    /// The user's choice, for all threads of the runtime alike.
    pub(crate) thread_name: Option<ThreadName>,
}

impl Config {
    pub(crate) fn new(flavor: Flavor, workers: usize) -> Self {
        Self {
            flavor,
            name: None,
            workers,
            global_queue_interval: 31,
            event_interval: 61,
            lifo_slot: flavor != Flavor::CurrentThread,
            seed: 0,
            shutdown_on_panic: false,
            recorder: None,
            record_to: None,
            bound_to: None,
            poll_times: None,
            hooks: Hooks::default(),
            max_blocking_threads: 512,
            keep_alive: Duration::from_secs(10),
            stack_size: None,
            thread_name: None,
        }
    }

    // ANCHOR: runtime-thread-names
    /// Without a wish of the user, threads say what they are: a debugger shows it.
    pub(crate) fn worker_thread_name(&self, index: usize) -> String {
        // The user's function may panic, and a worker is worth more than its name.
        let wished = self.thread_name.as_ref().and_then(|name| catch_unwind(AssertUnwindSafe(|| name())).ok());
        wished.unwrap_or_else(|| format!("mini-worker-{index}"))
    }

    pub(crate) fn blocking_thread_name(&self) -> ThreadName {
        self.thread_name.clone().unwrap_or_else(|| Arc::new(|| "mini-blocking".to_owned()))
    }
}

/// How many threads can run at a time. Asked once: the system opens some files to know, which takes as long as to start a
/// thread.
pub(crate) fn cores() -> usize {
    static CORES: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    *CORES
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("flavor", &self.flavor).field("workers", &self.workers).finish_non_exhaustive()
    }
}
