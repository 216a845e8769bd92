//! A runtime that is stepped by hand: N workers on the calling thread, a clock that stands still, and a seed.
//!
//! ```
//! use mini_tokio::stepper::{Moved, Policy, Stepper};
//!
//! let mut stepper = Stepper::builder().workers(2).policy(Policy::RoundRobin).build();
//! let task = stepper.spawn(async { 7 });
//! while stepper.step() != Moved::Quiescent {}
//! assert!(task.is_finished());
//! println!("{}", stepper.transcript());
//! ```
//!
//! Each call of [`Stepper::step`] lets one worker take one decision, with the code that threads run:
//! `Worker::step` in the scheduler. What differs is who moves next: a [`Policy`] says so, or the
//! caller, with [`Stepper::step_worker`]. When no worker can move, the paused clock jumps to the next deadline.
//!
//! # What is the same every time
//!
//! With the same workers, seed, policy and program, every decision and so the [`Transcript`] is the same, to the byte. That
//! holds as long as the program itself is: blocking closures run on real threads, sockets speak when they like, and both
//! let time in from outside.
//!
//! # Vocabulary
//!
//! * **to move**: to take a step, to fall asleep, or to wake.
//! * **quiescent**: every worker sleeps and no timer is armed, so nothing will happen unless someone outside acts.

mod builder;
mod policy;
mod transcript;

use std::future::Future;
use std::time::Duration;

pub use self::builder::StepperBuilder;
pub use self::policy::Policy;
pub use self::transcript::Transcript;
use crate::context;
use crate::runtime::{EnterGuard, Handle, shut_down};
use crate::scheduler::event::Recorded;
pub use crate::scheduler::event::{Event, Queue, Recorded as RecordedEvent, Source};
pub use crate::scheduler::worker::Step;
use crate::scheduler::worker::Worker;
pub use crate::task::Outcome;
use crate::task::{Id, JoinHandle};

/// What one call of [`Stepper::step`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// A worker took a step.
    Stepped {
        /// Which.
        worker: usize,
        /// What it did.
        step: Step,
    },
    /// A worker found nothing to do and fell asleep.
    FellAsleep {
        /// Which.
        worker: usize,
    },
    /// A worker that had been called woke up.
    Woke {
        /// Which.
        worker: usize,
    },
    /// No worker could move, and the clock jumped to the next deadline.
    ClockAdvanced {
        /// How far.
        by: Duration,
        /// How many timers fired.
        fired: usize,
    },
    /// Nothing can happen any more, unless someone outside acts.
    Quiescent,
}

/// Where each queued task of a stepper stands, by the number of its id: see [`Stepper::queues`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// The LIFO slot of each worker.
    pub lifo: Vec<Option<u64>>,
    /// The local queue of each worker, oldest first.
    pub local: Vec<Vec<u64>>,
    /// The tasks of each worker that yielded, oldest first.
    pub deferred: Vec<Vec<u64>>,
    /// The global queue, oldest first.
    pub global: Vec<u64>,
    /// The workers that sleep and were not called, in ascending order.
    pub sleeping: Vec<usize>,
    /// How many timers wait in the wheel.
    pub armed_timers: usize,
}

/// A runtime of virtual workers; see the [module](self).
///
/// Dropping it cancels the tasks that are left, as dropping a runtime does.
pub struct Stepper {
    handle: Handle,
    /// None once it has retired.
    workers: Vec<Option<Worker>>,
    asleep: Vec<bool>,
    policy: policy::Chooser,
    /// All events so far; the recorder is emptied into it.
    events: Vec<Recorded>,
}

impl Stepper {
    /// Two workers, random order, seed 0; the builder changes each.
    pub fn builder() -> StepperBuilder {
        StepperBuilder::new()
    }

    /// A handle to the runtime.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Makes the runtime the current one of this thread; see [`Handle::enter`].
    #[must_use = "the runtime is current only as long as the guard lives"]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Spawns from outside: the task goes to the global queue, and a sleeping worker is called.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }

    /// The workers that can move now: those that are awake, and those that sleep and have been called.
    pub fn movable(&self) -> Vec<usize> {
        (0..self.workers.len()).filter(|&worker| self.can_move(worker)).collect()
    }

    fn can_move(&self, worker: usize) -> bool {
        self.workers[worker].is_some() && (!self.asleep[worker] || !self.handle.shared.idle.is_sleeping(worker))
    }

    // ANCHOR: stepper-step
    /// Lets one worker move, the one that the policy chooses; if none can, moves the clock.
    ///
    /// # Panics
    ///
    /// In async context; and in a user's hook if that panics. Panics of tasks stop at the task.
    #[track_caller]
    pub fn step(&mut self) -> Moved {
        loop {
            // Read first: a closure that ends after this has woken somebody by the time that nobody is found movable.
            let in_flight = self.handle.shared.blocking.in_flight();
            let movable = self.movable();
            if let Some(worker) = self.policy.choose(&movable, self.workers.len()) {
                return self.step_worker(worker).expect("the policy chose one that can move");
            }
            if in_flight == 0 {
                return self.advance_clock().unwrap_or(Moved::Quiescent);
            }
            // A closure on a real thread will wake somebody.
            std::thread::yield_now();
        }
    }

    /// Lets `worker` move; `None` if it sleeps and was not called.
    ///
    /// # Panics
    ///
    /// If there is no such worker; and as [`step`](Self::step).
    #[track_caller]
    pub fn step_worker(&mut self, worker: usize) -> Option<Moved> {
        if !self.can_move(worker) {
            return None;
        }
        let _entered = context::enter_runtime(&self.handle, false);
        let seat = self.workers[worker].as_mut()?;
        if std::mem::take(&mut self.asleep[worker]) {
            seat.leave_idle_set();
            return Some(Moved::Woke { worker });
        }
        Some(match seat.step_told() {
            Step::Idle => {
                seat.announce_sleep();
                self.asleep[worker] = true;
                Moved::FellAsleep { worker }
            }
            step => {
                if step == Step::PollDrivers {
                    seat.poll_drivers();
                }
                Moved::Stepped { worker, step }
            }
        })
    }

    /// Moves until nothing can happen any more; returns how many moves that took.
    ///
    /// Does not return if the program never comes to rest: a task that yields for ever, an interval.
    #[track_caller]
    pub fn run_until_quiescent(&mut self) -> usize {
        let mut moves = 0;
        while self.step() != Moved::Quiescent {
            moves += 1;
        }
        moves
    }

    /// Moves the clock to the next deadline. What fires there is woken from outside: it goes to the global queue.
    fn advance_clock(&mut self) -> Option<Moved> {
        let timer = self.handle.shared.driver.paused_timer()?;
        let before = timer.now();
        let fired = timer.advance_to_next()?;
        let by = fired.at.saturating_duration_since(before);
        self.handle.shared.record(None, || Event::ClockAdvanced { by, fired: fired.count });
        Some(Moved::ClockAdvanced { by, fired: fired.count })
    }

    /// Everything that happened so far.
    pub fn events(&mut self) -> &[Recorded] {
        let recorder = self.handle.shared.recorder.as_ref().expect("a stepper records");
        self.events.extend(recorder.drain());
        &self.events
    }

    /// Everything that happened so far, as a recording: what [`recording::read`](crate::recording::read) reads.
    pub fn recording(&mut self) -> Vec<u8> {
        self.events();
        let recorder = self.handle.shared.recorder.as_ref().expect("a stepper records");
        recorder.to_bytes(&self.events)
    }

    /// What the runtime itself says of its queues and workers, now.
    pub fn queues(&mut self) -> Queues {
        let shared = self.handle.shared.clone();
        let numbers = |ids: Vec<Id>| ids.into_iter().map(|id| id.0.get()).collect();
        let mut queues = Queues {
            global: numbers(shared.global.queued()),
            sleeping: (0..self.workers.len()).filter(|&worker| shared.idle.is_sleeping(worker)).collect(),
            armed_timers: shared.driver.timer.as_ref().map_or(0, timer::Timer::armed),
            ..Queues::default()
        };
        for worker in &mut self.workers {
            let queued = worker.as_mut().and_then(Worker::core).map(|core| core.queued());
            let (lifo, local, deferred) = queued.unwrap_or_default();
            queues.lifo.push(lifo.map(|id| id.0.get()));
            queues.local.push(numbers(local));
            queues.deferred.push(numbers(deferred));
        }
        queues
    }

    /// Everything that happened so far, as text.
    pub fn transcript(&mut self) -> Transcript {
        Transcript::new(self.events())
    }

    /// Ends the runtime, step by step as a runtime's drop does, with each worker leaving in turn. The transcript shows it.
    pub fn shutdown(&mut self) {
        let workers: Vec<_> = self.workers.iter_mut().filter_map(Option::take).collect();
        shut_down(&self.handle.shared, || workers.into_iter().for_each(Worker::retire), Some(Duration::ZERO));
    }
}

impl Drop for Stepper {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl std::fmt::Debug for Stepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stepper").field("handle", &self.handle).field("asleep", &self.asleep).finish_non_exhaustive()
    }
}
