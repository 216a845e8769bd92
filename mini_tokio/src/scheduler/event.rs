//! Every scheduling decision as a value.
//!
//! The stepper's transcript, recordings and whatever else looks inside are readers of these events; [`recording`] keeps
//! them. With no recorder, each site costs one branch.
//!
//! # When a site speaks
//!
//! Events are put into one order by their stamps (see [`recording`], "Order"). That order is true to each task, because of
//! where the sites stand:
//!
//! * `EVENT-1` What gives a task away (a push, a move, a spawn, an armed timer, a submitted closure) is recorded before
//!   anybody else can see it.
//! * `EVENT-2` What takes a task (a poll's start, a move, a cancellation) is recorded after it was claimed.
//! * `EVENT-3` What took something from another thread (a theft, a share, a wake, a call) has a stamp that was made after
//!   that; it is later than all that the other thread had recorded then. What gives needs no new stamp, and what a worker
//!   takes from its own queue neither, for it was put there in the same lane: the lane's last will do. Of tasks that were
//!   claimed together the first one's stamp is enough. The same goes for a wake on the worker of a runtime that has one: what
//!   it wakes was polled in that lane.
//!
//! So a task is never taken before it was given, and a reader who follows tasks by their ids finds each where it is taken
//! from. What may be told the wrong way round is the order of two tasks that two threads put into, or took out of, one queue
//! at the same moment; and the end of a poll, which may come after the start of the same task's next poll elsewhere.
//!
//! [`recording`]: crate::recording

use std::panic::Location;
use std::time::Duration;

use crate::task::{Id, Outcome};

/// A place in the source: a [`Location`] that can also come out of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&'static Location<'static>> for Site {
    fn from(at: &'static Location<'static>) -> Self {
        Self { file: at.file(), line: at.line(), column: at.column() }
    }
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A task came into being.
    Spawned {
        /// The new task.
        task: Id,
        /// The task that spawned it, if one did.
        by: Option<Id>,
        /// Where in the program.
        at: Site,
    },
    /// What the program calls a task.
    Named {
        /// The task, just spawned.
        task: Id,
        /// Its name.
        name: Box<str>,
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
    /// A task went from one queue to another: the single tasks of an overflow, of a share or of a theft.
    Moved {
        /// The task.
        task: Id,
        /// Where it was.
        from: Queue,
        /// Where it is.
        to: Queue,
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
    /// A timer was armed, or set to another deadline.
    TimerArmed {
        /// Its number, which no other timer of the runtime has.
        timer: u64,
        /// The task that will wait for it, if one does.
        task: Option<Id>,
        /// How long from now.
        after: Duration,
    },
    /// A timer's deadline came, and who waits for it is woken.
    TimerFired {
        /// Its number.
        timer: u64,
        /// How long after its deadline.
        late: Duration,
    },
    /// An armed timer was dropped before it fired.
    TimerDropped {
        /// Its number.
        timer: u64,
    },
    /// A worker looked at the sockets, and some had become ready: the wakes before this are their tasks'.
    IoReady {
        /// The worker.
        worker: usize,
        /// How many events the system reported.
        events: usize,
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
        /// The task that gave it, if one did.
        by: Option<Id>,
        /// Where in the program.
        at: Site,
    },
    /// A thread of the blocking pool begins to run a closure, or to cancel it.
    BlockingStart {
        /// Its task.
        task: Id,
    },
    /// It is done with it.
    BlockingEnd {
        /// The closure's task.
        task: Id,
        /// How it ended.
        outcome: Outcome,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Position among all events of the runtime.
    pub sequence: u64,
    /// The worker on whose thread it happened, if it was one.
    pub worker: Option<usize>,
    /// When, by the real clock, since the runtime was built. It goes on from event to event of one worker.
    pub at: Duration,
    /// By how much `at` may be wrong. Zero where the recorder looked at the clock, as it does unless so many things happen in a
    /// microsecond that looks would cost more than they do. There the time between two looks is shared out evenly among them,
    /// and this is how long it was.
    pub unsure: Duration,
    /// What.
    pub event: Event,
}
