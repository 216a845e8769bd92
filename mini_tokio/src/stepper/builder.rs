//! [`StepperBuilder`]: what a stepper can be told beforehand.

use timer::Timer;

use super::{Policy, Stepper, policy::Chooser};
use crate::recording::Recorder;
use crate::runtime::config::{Config, Flavor};
use crate::runtime::driver::Driver;
use crate::scheduler::shared::Shared;
use crate::scheduler::worker::Worker;

/// Builds a [`Stepper`].
#[derive(Debug)]
pub struct StepperBuilder {
    config: Config,
    policy: Policy,
}

impl StepperBuilder {
    pub(super) fn new() -> Self {
        Self { config: Config::new(Flavor::Stepper, 2), policy: Policy::Random }
    }

    /// How many virtual workers; 2 unless set.
    ///
    /// # Panics
    ///
    /// If `workers` is zero.
    #[track_caller]
    pub fn workers(mut self, workers: usize) -> Self {
        assert!(workers > 0, "a stepper needs at least one worker");
        self.config.workers = workers;
        self
    }

    /// The seed of every random choice: victims of steals, and the order of workers under [`Policy::Random`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Who moves next; [`Policy::Random`] unless set.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// As [`Builder::global_queue_interval`](crate::runtime::Builder::global_queue_interval).
    ///
    /// # Panics
    ///
    /// If `ticks` is zero.
    #[track_caller]
    pub fn global_queue_interval(mut self, ticks: u32) -> Self {
        assert!(ticks > 0, "global_queue_interval must be greater than 0");
        self.config.global_queue_interval = ticks;
        self
    }

    /// As [`Builder::event_interval`](crate::runtime::Builder::event_interval).
    ///
    /// # Panics
    ///
    /// If `ticks` is zero.
    #[track_caller]
    pub fn event_interval(mut self, ticks: u32) -> Self {
        assert!(ticks > 0, "event_interval must be greater than 0");
        self.config.event_interval = ticks;
        self
    }

    /// As [`Builder::disable_lifo_slot`](crate::runtime::Builder::disable_lifo_slot).
    pub fn disable_lifo_slot(mut self) -> Self {
        self.config.lifo_slot = false;
        self
    }

    /// Builds the stepper. Its clock is paused, and it has no I/O driver.
    pub fn build(mut self) -> Stepper {
        self.config.recorder = Some(Recorder::in_memory(self.config.workers));
        let timer = Timer::with_thread_name("mini-timer");
        timer.pause().expect("a new clock runs");
        let driver = Driver::new(false, 1, None, Some(timer)).expect("a driver without I/O opens nothing");
        let seed = self.config.seed;
        let (shared, cores) = Shared::new(self.config, driver);
        let workers: Vec<_> = cores.into_iter().map(|core| Some(Worker::new(shared.clone(), Box::new(core)))).collect();
        Stepper {
            asleep: vec![false; workers.len()],
            workers,
            policy: Chooser::new(self.policy, seed),
            handle: shared.handle(),
            events: Vec::new(),
        }
    }
}
