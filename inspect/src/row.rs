//! [`Row`]: an event in the shape that a page or a line of text wants.

use mini_tokio::recording::{Event, Outcome, Queue, Recorded, Source};
use serde::Serialize;

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "queue", rename_all = "snake_case")]
pub enum Place {
    /// A worker's LIFO slot.
    Lifo {
        /// Whose.
        worker: usize,
    },
    /// A worker's local queue.
    Local {
        /// Whose.
        worker: usize,
    },
    /// The tasks of a worker that yielded, until it has polled the drivers.
    Deferred {
        /// Whose.
        worker: usize,
    },
    /// The queue of all.
    Global {
        /// Nobody's.
        worker: Option<usize>,
    },
}

impl From<Queue> for Place {
    fn from(queue: Queue) -> Self {
        match queue {
            Queue::Lifo(worker) => Self::Lifo { worker },
            Queue::Local(worker) => Self::Local { worker },
            Queue::Global => Self::Global { worker: None },
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lifo { worker } => write!(f, "the LIFO slot of w{worker}"),
            Self::Local { worker } => write!(f, "the local queue of w{worker}"),
            Self::Deferred { worker } => write!(f, "the deferred list of w{worker}"),
            Self::Global { .. } => f.write_str("the global queue"),
        }
    }
}

/// One event, flat. See the JSON of the [crate](crate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its position.
    pub n: u64,
    /// Nanoseconds since the runtime was built.
    pub at: u64,
    /// By how many nanoseconds that may be wrong.
    pub unsure: u64,
    /// On whose thread it happened, if on a worker's.
    pub worker: Option<usize>,
    /// Its name.
    pub kind: &'static str,
    /// The task that it is about.
    pub task: Option<u64>,
    /// The task that caused it.
    pub by: Option<u64>,
    /// Where a task came from.
    pub from: Option<Place>,
    /// Where it went.
    pub to: Option<Place>,
    /// How many tasks, timers or I/O events.
    pub count: Option<usize>,
    /// Plain words.
    pub text: String,
}

/// The number of a task's id.
pub(crate) fn number(id: mini_tokio::task::Id) -> u64 {
    // An id shows itself as text alone, as tokio's does.
    id.to_string().parse().expect("an id prints its number")
}

fn by_whom(by: Option<u64>) -> String {
    by.map_or(String::new(), |by| format!(" by t{by}"))
}

fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "waits",
        Outcome::Requeued => "will run again",
        Outcome::Completed => "is complete",
        Outcome::Panicked => "panicked",
        Outcome::Cancelled => "is dropped unfinished",
    }
}

impl Row {
    /// The row of an event.
    pub fn new(recorded: &Recorded) -> Self {
        let mut row = Self {
            n: recorded.sequence,
            at: recorded.at.as_nanos() as u64,
            unsure: recorded.unsure.as_nanos() as u64,
            worker: recorded.worker,
            kind: "",
            task: None,
            by: None,
            from: None,
            to: None,
            count: None,
            text: String::new(),
        };
        (row.kind, row.text) = row.fill(&recorded.event);
        row
    }

    /// Fills in what the event has; returns its name and its words.
    fn fill(&mut self, event: &Event) -> (&'static str, String) {
        match event {
            Event::Spawned { .. } | Event::Named { .. } | Event::Woken { .. } | Event::Aborted { .. } => {
                self.of_task(event)
            }
            Event::Pushed { .. } | Event::Moved { .. } | Event::PollStart { .. } | Event::PollEnd { .. } => {
                self.of_turn(event)
            }
            Event::Overflowed { worker, moved } => {
                self.count = Some(*moved);
                ("overflowed", format!("the local queue of w{worker} is full: {moved} tasks move to the global queue"))
            }
            Event::TookShare { worker, count } => {
                self.count = Some(*count);
                ("took_share", format!("w{worker} takes {count} tasks from the global queue"))
            }
            Event::Stole { thief, victim, count } => {
                (self.count, self.from) = (Some(*count), Some(Place::Local { worker: *victim }));
                self.to = Some(Place::Local { worker: *thief });
                ("stole", format!("w{thief} steals {count} tasks from w{victim}"))
            }
            Event::PolledDrivers { worker } => ("polled_drivers", format!("w{worker} polls the drivers")),
            Event::Parked { worker } => ("parked", format!("w{worker} falls asleep")),
            Event::Called { worker } => ("called", format!("w{worker} is called")),
            Event::Unparked { worker } => ("unparked", format!("w{worker} wakes up")),
            Event::Retired { worker } => ("retired", format!("w{worker} retires")),
            Event::IoReady { worker, events } => {
                self.count = Some(*events);
                ("io_ready", format!("w{worker} delivered {events} I/O events"))
            }
            Event::ShutdownBegan { alive } => {
                self.count = Some(*alive);
                ("shutdown_began", format!("shutdown begins: {alive} tasks alive"))
            }
            other => self.of_time_or_pool(other),
        }
    }

    fn of_task(&mut self, event: &Event) -> (&'static str, String) {
        match event {
            Event::Spawned { task, by, at } => {
                let task = self.about(*task, *by);
                ("spawned", format!("t{task} is spawned{} at {at}", by_whom(self.by)))
            }
            Event::Named { task, name } => {
                let task = self.about(*task, None);
                ("named", format!("t{task} is called {name}"))
            }
            Event::Woken { task, by } => {
                let task = self.about(*task, *by);
                ("woken", format!("t{task} is woken{}", by_whom(self.by)))
            }
            Event::Aborted { task, by } => {
                let task = self.about(*task, *by);
                ("aborted", format!("t{task} is aborted{}", by_whom(self.by)))
            }
            _ => unreachable!("`fill` sends no other"),
        }
    }

    fn of_turn(&mut self, event: &Event) -> (&'static str, String) {
        match event {
            Event::Pushed { task, queue } => {
                let (task, to) = (self.about(*task, None), Place::from(*queue));
                self.to = Some(to);
                ("pushed", format!("t{task} goes to {to}"))
            }
            Event::Moved { task, from, to } => {
                let (task, from, to) = (self.about(*task, None), Place::from(*from), Place::from(*to));
                (self.from, self.to) = (Some(from), Some(to));
                ("moved", format!("t{task} moves from {from} to {to}"))
            }
            Event::PollStart { worker, task, from, tick } => {
                let (task, from) = (self.about(*task, None), place_of(*from, *worker));
                self.from = Some(from);
                ("poll_start", format!("w{worker} runs t{task} from {from} (tick {tick})"))
            }
            Event::PollEnd { task, outcome, .. } => {
                let task = self.about(*task, None);
                ("poll_end", format!("t{task} {}", ending(*outcome)))
            }
            _ => unreachable!("`fill` sends no other"),
        }
    }

    fn of_time_or_pool(&mut self, event: &Event) -> (&'static str, String) {
        match event {
            Event::Deferred { worker, task } => {
                let task = self.about(*task, None);
                self.to = Some(Place::Deferred { worker: *worker });
                ("deferred", format!("t{task} yields on w{worker}"))
            }
            Event::TimerArmed { timer, task, after } => {
                self.task = task.map(number);
                let who = self.task.map_or("a root future".to_owned(), |task| format!("t{task}"));
                ("timer_armed", format!("{who} arms timer {timer}: {after:?} from now"))
            }
            Event::TimerFired { timer, late } => {
                ("timer_fired", format!("timer {timer} fires, {late:?} after its deadline"))
            }
            Event::TimerDropped { timer } => ("timer_dropped", format!("timer {timer} is dropped unfired")),
            Event::ClockAdvanced { by, fired } => {
                self.count = Some(*fired);
                ("clock_advanced", format!("the clock moves on by {by:?}: {fired} timers fire"))
            }
            Event::Cancelled { task, .. } => {
                let task = self.about(*task, None);
                ("cancelled", format!("t{task} is cancelled by the shutdown"))
            }
            Event::BlockingJob { task, by, at } => {
                let task = self.about(*task, *by);
                ("blocking_job", format!("t{task} goes to the blocking pool{} at {at}", by_whom(self.by)))
            }
            Event::BlockingStart { task } => {
                let task = self.about(*task, None);
                ("blocking_start", format!("t{task} starts on the blocking pool"))
            }
            Event::BlockingEnd { task, outcome } => {
                let task = self.about(*task, None);
                ("blocking_end", format!("t{task} {} on the blocking pool", ending(*outcome)))
            }
            other => ("unknown", format!("{other:?}")),
        }
    }

    fn about(&mut self, task: mini_tokio::task::Id, by: Option<mini_tokio::task::Id>) -> u64 {
        (self.task, self.by) = (Some(number(task)), by.map(number));
        number(task)
    }
}

/// The queue that a worker found a task in.
pub(crate) fn place_of(source: Source, worker: usize) -> Place {
    match source {
        Source::Lifo => Place::Lifo { worker },
        Source::Local => Place::Local { worker },
        Source::Global => Place::Global { worker: None },
        Source::Stolen { victim } => Place::Local { worker: victim },
    }
}
