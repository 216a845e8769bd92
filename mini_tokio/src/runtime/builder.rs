//! [`Builder`]: every setting of a runtime.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use timer::Timer;

use super::config::{Config, Flavor, UnhandledPanic, cores};
use super::driver::Driver;
use super::histogram::{HistogramConfiguration, HistogramScale};
use super::local::{LocalOptions, LocalRuntime};
use super::owner::{Runtime, Scheduler};
use super::shut_down;
use crate::insight::schedtrace;
use crate::recording;
use crate::scheduler::current_thread::Seat;
use crate::scheduler::multi_thread;
use crate::scheduler::shared::Shared;
use crate::scheduler::worker::Worker;

mod observe;

/// Builds a [`Runtime`] with settings of one's own. Each setting may be given in any order, the last one wins; a builder may
/// build several runtimes.
pub struct Builder {
    pub(crate) config: Config,
    /// None: a worker a core.
    workers: Option<usize>,
    io: bool,
    time: bool,
    start_paused: bool,
    events_per_turn: usize,
    events_per_busy_turn: Option<usize>,
    poll_times: PollTimes,
}

/// What is set of the histogram of poll durations.
#[derive(Clone)]
struct PollTimes {
    enabled: bool,
    scale: HistogramScale,
    resolution: Duration,
    buckets: usize,
    /// Instead of the three above, until one of these is set again.
    configuration: Option<HistogramConfiguration>,
}

impl PollTimes {
    fn chosen(&self) -> Option<HistogramConfiguration> {
        let from_scale = || HistogramConfiguration::from_scale(self.scale, self.resolution, self.buckets);
        self.enabled.then(|| self.configuration.clone().unwrap_or_else(from_scale))
    }
}

impl Builder {
    /// A runtime whose tasks all run on the thread that calls `block_on`. No driver is enabled.
    pub fn new_current_thread() -> Self {
        Self::new(Flavor::CurrentThread)
    }

    /// A runtime with a thread a worker, by default one a core. No driver is enabled.
    pub fn new_multi_thread() -> Self {
        Self::new(Flavor::MultiThread)
    }

    fn new(flavor: Flavor) -> Self {
        Self {
            config: Config::new(flavor, 1),
            workers: None,
            io: false,
            time: false,
            start_paused: false,
            events_per_turn: 1024,
            events_per_busy_turn: None,
            poll_times: PollTimes {
                enabled: false,
                scale: HistogramScale::Linear,
                resolution: Duration::from_micros(100),
                buckets: 10,
                configuration: None,
            },
        }
    }

    /// Enables sockets and timers.
    pub fn enable_all(&mut self) -> &mut Self {
        self.enable_io().enable_time()
    }

    /// Enables sockets. Without it, using one panics with a message that says so.
    pub fn enable_io(&mut self) -> &mut Self {
        self.io = true;
        self
    }

    /// Enables timers. Without it, using one panics with a message that says so.
    pub fn enable_time(&mut self) -> &mut Self {
        self.time = true;
        self
    }

    /// How many workers a multi-thread runtime has. A current-thread runtime has one, whatever is set. By default the
    /// environment variable `TOKIO_WORKER_THREADS` says it, and if that is not set, the number of cores.
    ///
    /// # Panics
    ///
    /// If `val` is zero.
    #[track_caller]
    pub fn worker_threads(&mut self, val: usize) -> &mut Self {
        assert!(val > 0, "Worker threads cannot be set to 0");
        self.workers = Some(val);
        self
    }

    /// How many threads the blocking pool may have, 512 by default. Workers do not count.
    ///
    /// # Panics
    ///
    /// If `val` is zero.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, val: usize) -> &mut Self {
        assert!(val > 0, "Max blocking threads cannot be set to 0");
        self.config.max_blocking_threads = val;
        self
    }

    /// What the runtime is called; [`Handle::name`](super::Handle::name) tells. Threads have names of their own.
    ///
    /// # Panics
    ///
    /// If `val` is empty or blank.
    #[track_caller]
    pub fn name(&mut self, val: impl Into<String>) -> &mut Self {
        let name = val.into();
        assert!(!name.trim().is_empty(), "runtime name shouldn't be empty");
        self.config.name = Some(name);
        self
    }

    /// One name for all threads of the runtime. By default each says what it is.
    pub fn thread_name(&mut self, val: impl Into<String>) -> &mut Self {
        let name = val.into();
        self.thread_name_fn(move || name.clone())
    }

    /// A function that names each thread of the runtime, called once a thread.
    pub fn thread_name_fn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.config.thread_name = Some(Arc::new(f));
        self
    }

    /// The stack of each thread of the runtime in bytes; the default is the standard library's.
    pub fn thread_stack_size(&mut self, val: usize) -> &mut Self {
        self.config.stack_size = Some(val);
        self
    }

    /// Calls `f` on each thread of the runtime when it starts, workers and blocking threads alike.
    pub fn on_thread_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.hooks.thread_start = Some(Arc::new(f));
        self
    }

    /// Calls `f` on each thread of the runtime before it ends.
    pub fn on_thread_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.hooks.thread_stop = Some(Arc::new(f));
        self
    }

    /// Calls `f` on a worker's thread each time that it is about to sleep. `f` may spawn; the worker then stays awake.
    pub fn on_thread_park<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.hooks.thread_park = Some(Arc::new(f));
        self
    }

    /// Calls `f` on a worker's thread each time that it woke.
    pub fn on_thread_unpark<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.hooks.thread_unpark = Some(Arc::new(f));
        self
    }

    /// How long a blocking thread without work is kept, 10 s by default.
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.config.keep_alive = duration;
        self
    }

    /// After how many ticks a worker looks into the global queue first; 31 by default.
    ///
    /// # Panics
    ///
    /// If `val` is zero.
    #[track_caller]
    pub fn global_queue_interval(&mut self, val: u32) -> &mut Self {
        assert!(val > 0, "global_queue_interval must be greater than 0");
        self.config.global_queue_interval = val;
        self
    }

    /// After how many ticks a worker looks at sockets and timers although there are tasks to run; 61 by default.
    ///
    /// # Panics
    ///
    /// If `val` is zero.
    #[track_caller]
    pub fn event_interval(&mut self, val: u32) -> &mut Self {
        assert!(val > 0, "event_interval must be greater than 0");
        self.config.event_interval = val;
        self
    }

    /// What to do when a spawned task panics. Only a current-thread runtime can shut down for it.
    ///
    /// # Panics
    ///
    /// On a multi-thread builder, for [`UnhandledPanic::ShutdownRuntime`].
    #[track_caller]
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut Self {
        let shutdown = behavior == UnhandledPanic::ShutdownRuntime;
        assert!(
            !shutdown || self.config.flavor == Flavor::CurrentThread,
            "UnhandledPanic::ShutdownRuntime is only supported in current thread runtime"
        );
        self.config.shutdown_on_panic = shutdown;
        self
    }

    /// Sends woken tasks to the back of the local queue and not to the LIFO slot.
    pub fn disable_lifo_slot(&mut self) -> &mut Self {
        self.config.lifo_slot = false;
        self
    }

    /// How many I/O events one look at the sockets takes at most; 1,024 by default.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, capacity: usize) -> &mut Self {
        assert!(capacity > 0, "max_io_events_per_tick must be non-zero");
        self.events_per_turn = capacity;
        self
    }

    /// How many I/O events one look at the sockets takes at most if it is one between two tasks, and not a wait. By default
    /// as many as [`max_io_events_per_tick`](Self::max_io_events_per_tick) says. Fewer keep an overloaded worker from
    /// piling up tasks that it cannot run soon; the system holds the others back meanwhile.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, capacity: usize) -> &mut Self {
        assert!(capacity > 0, "max_io_events_per_busy_tick must be non-zero");
        self.events_per_busy_turn = Some(capacity);
        self
    }

    /// Starts with a paused clock, which moves only by `time::advance` or when nothing else is left to do. For tests; only
    /// current-thread runtimes can.
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Self {
        self.start_paused = start_paused;
        self
    }

    /// Builds the runtime and starts its workers.
    ///
    /// # Errors
    ///
    /// If the I/O driver cannot be made or a worker's thread cannot be started.
    ///
    /// # Panics
    ///
    /// If a multi-thread runtime is to start with a paused clock.
    #[track_caller]
    pub fn build(&mut self) -> io::Result<Runtime> {
        self.build_from(self.config.clone())
    }

    /// Builds a runtime that is bound to this thread, for tasks that are not `Send`.
    ///
    /// # Errors
    ///
    /// If the I/O driver cannot be made.
    ///
    /// # Panics
    ///
    /// On a multi-thread builder.
    #[track_caller]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        let mut config = self.config.clone();
        assert!(config.flavor == Flavor::CurrentThread, "only a current-thread runtime can be local to its thread");
        config.bound_to = Some(thread::current().id());
        self.build_from(config).map(LocalRuntime::bind)
    }

    #[track_caller]
    fn build_from(&self, mut config: Config) -> io::Result<Runtime> {
        config.poll_times = self.poll_times.chosen();
        if config.flavor == Flavor::MultiThread {
            config.workers = self.workers.unwrap_or_else(default_workers);
            assert!(!self.start_paused, "`start_paused` requires the `current_thread` runtime");
        }
        config.recorder = recording::open(&config)?;
        let driver = Driver::new(self.io, self.events_per_turn, self.events_per_busy_turn, self.build_timer())?;
        let (shared, mut cores) = Shared::new(config, driver);
        let (scheduler, launched) = match shared.config.flavor {
            Flavor::MultiThread => (Scheduler::MultiThread, multi_thread::launch(cores)),
            Flavor::CurrentThread | Flavor::Stepper => {
                let core = cores.pop().expect("one worker");
                (Scheduler::CurrentThread(Seat::new(Worker::new(shared.clone(), Box::new(core)))), Ok(()))
            }
        };
        if let Err(error) = launched {
            shut_down(&shared, || {}, None);
            return Err(error);
        }
        schedtrace::start(&shared);
        Ok(Runtime::from_parts(scheduler, shared.handle()))
    }

    fn build_timer(&self) -> Option<Timer> {
        if !self.time {
            return None;
        }
        let timer = Timer::with_thread_name("mini-timer");
        if self.start_paused {
            timer.pause().expect("a new clock runs");
        }
        Some(timer)
    }
}

/// A worker a core, unless the environment says otherwise.
#[track_caller]
fn default_workers() -> usize {
    const VARIABLE: &str = "TOKIO_WORKER_THREADS";
    match std::env::var(VARIABLE) {
        Ok(text) => match text.parse() {
            Ok(0) => panic!("\"{VARIABLE}\" cannot be set to 0"),
            Ok(workers) => workers,
            Err(error) => panic!("\"{VARIABLE}\" must be usize, error: {error}, value: {text}"),
        },
        Err(std::env::VarError::NotPresent) => cores(),
        Err(error) => panic!("\"{VARIABLE}\" must be valid unicode, error: {error}"),
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("flavor", &self.config.flavor)
            .field("worker_threads", &self.workers)
            .field("io", &self.io)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
