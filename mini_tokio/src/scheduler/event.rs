//! Every scheduling decision as a value, and the recorder that keeps them.
//!
//! The stepper's transcript, recordings and whatever else looks inside are readers of these events. With no recorder, each
//! site costs one branch.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::task::{Id, Outcome};

/// Where a worker found the task that it polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its own LIFO slot.
    Lifo,
    /// Its own local queue.
    Local,
    /// The global queue.
    Global,
    /// The local queue of another worker.
    Stolen {
        /// Whose queue it was.
        victim: usize,
    },
}

/// A place where tasks wait for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// The LIFO slot of a worker.
    Lifo(usize),
    /// The local queue of a worker.
    Local(usize),
    /// The queue that all workers share.
    Global,
}

/// One decision of the scheduler, or one thing that happened to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A task came into being.
    Spawned {
        /// The new task.
        task: Id,
        /// The task that spawned it, if one did.
        by: Option<Id>,
        /// Where in the program.
        at: &'static Location<'static>,
    },
    /// An idle task was woken.
    Woken {
        /// The task.
        task: Id,
        /// The task that woke it, if one did.
        by: Option<Id>,
    },
    /// A task was put into a queue.
    Pushed {
        /// The task.
        task: Id,
        /// Which queue.
        queue: Queue,
    },
    /// A full local queue moved its older half, and the task that did not fit, to the global queue.
    Overflowed {
        /// The worker whose queue was full.
        worker: usize,
        /// How many tasks moved.
        moved: usize,
    },
    /// A worker took a share of the global queue into its own.
    TookShare {
        /// The worker.
        worker: usize,
        /// How many tasks, with the one that it polls at once.
        count: usize,
    },
    /// A worker took half of another's local queue.
    Stole {
        /// Who took.
        thief: usize,
        /// From whom.
        victim: usize,
        /// How many tasks, with the one that the thief polls at once.
        count: usize,
    },
    /// A worker begins to run a task.
    PollStart {
        /// The worker.
        worker: usize,
        /// The task.
        task: Id,
        /// Where the worker found it.
        from: Source,
        /// The worker's tick.
        tick: u32,
    },
    /// A worker is done with a task for now.
    PollEnd {
        /// The worker.
        worker: usize,
        /// The task.
        task: Id,
        /// How the turn ended.
        outcome: Outcome,
    },
    /// A task yielded; it goes on when all that is ready has run and the drivers were polled.
    Deferred {
        /// The worker that keeps it on its list.
        worker: usize,
        /// The task.
        task: Id,
    },
    /// A worker polls the drivers between two tasks.
    PolledDrivers {
        /// The worker.
        worker: usize,
    },
    /// A worker found nothing to do and sleeps.
    Parked {
        /// The worker.
        worker: usize,
    },
    /// A sleeping worker was called to work.
    Called {
        /// The worker.
        worker: usize,
    },
    /// A worker woke.
    Unparked {
        /// The worker.
        worker: usize,
    },
    /// A timer was armed.
    TimerArmed {
        /// The task that will wait for it, if one does.
        task: Option<Id>,
        /// How long from now.
        after: Duration,
    },
    /// The paused clock was moved on to the next deadline.
    ClockAdvanced {
        /// How far.
        by: Duration,
        /// How many timers fired there.
        fired: usize,
    },
    /// Somebody asked for the end of a task.
    Aborted {
        /// The task.
        task: Id,
        /// The task that asked, if one did.
        by: Option<Id>,
    },
    /// The runtime shuts down, and a task that was still queued is dropped unfinished.
    Cancelled {
        /// The task.
        task: Id,
        /// The worker that held it, if one did.
        worker: Option<usize>,
    },
    /// A closure was given to the blocking pool.
    BlockingJob {
        /// Its task.
        task: Id,
    },
    /// A worker left for good.
    Retired {
        /// The worker.
        worker: usize,
    },
    /// The runtime began to shut down.
    ShutdownBegan {
        /// How many tasks were still alive.
        alive: usize,
    },
}

/// An event and when it was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Position among all events of the runtime.
    pub sequence: u64,
    /// The worker on whose thread it happened, if it was one.
    pub worker: Option<usize>,
    /// When, by the real clock.
    pub at: Instant,
    /// What.
    pub event: Event,
}

/// Keeps the events of one runtime: a lane a worker, so that recorders rarely meet, and one for everybody else.
pub(crate) struct Recorder {
    /// Relaxed: the number orders events that a lane's lock, or the program, already ordered.
    next: AtomicU64,
    lanes: Box<[Mutex<Vec<Recorded>>]>,
}

impl Recorder {
    pub(crate) fn new(workers: usize) -> Self {
        Self { next: AtomicU64::new(0), lanes: (0..=workers).map(|_| Mutex::default()).collect() }
    }

    /// `worker`: on whose thread it happened, if it was a worker's.
    pub(crate) fn record(&self, worker: Option<usize>, event: Event) {
        let sequence = self.next.fetch_add(1, Ordering::Relaxed);
        let lane = worker.unwrap_or(self.lanes.len() - 1);
        self.lanes[lane].lock().push(Recorded { sequence, worker, at: Instant::now(), event });
    }

    /// Takes all events so far, in order.
    pub(crate) fn drain(&self) -> Vec<Recorded> {
        let mut events: Vec<_> = self.lanes.iter().flat_map(|lane| std::mem::take(&mut *lane.lock())).collect();
        events.sort_unstable_by_key(|recorded| recorded.sequence);
        events
    }
}
