//! [`State`]: what every queue, worker, timer and task was at after an event, rebuilt by applying events in order.
//!
//! Tasks are followed by their ids and not by their positions: see `EVENT-1` and `EVENT-2` in `scheduler/event.rs`. A task that
//! is not where an event takes it from is a contradiction, which is noted and otherwise ignored. A recording that begins with
//! its runtime has none.

use std::collections::{BTreeMap, VecDeque};

use mini_tokio::recording::{Event, Outcome, Queue, Recorded};
use serde::Serialize;

use crate::row::{Place, number, place_of};

/// Whether a worker is awake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// It works, or looks for work.
    #[default]
    Awake,
    /// It sleeps.
    Asleep,
    /// It slept, and was called to work.
    Called,
    /// It has left for good.
    Retired,
}

/// A worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// The task in its LIFO slot.
    pub lifo: Option<u64>,
    /// The tasks in its local queue, oldest first.
    pub local: VecDeque<u64>,
    /// Tasks between two queues: displaced from the LIFO slot.
    pub hand: Vec<u64>,
    /// Tasks that yielded, to be woken when the drivers were polled.
    pub deferred: VecDeque<u64>,
    /// The task that it polls.
    pub running: Option<u64>,
    /// Its last tick that found a task.
    pub tick: u32,
    /// Whether it sleeps.
    pub mood: Mood,
    /// How many polls it has begun.
    pub polls: u64,
}

/// What a task is at; from `Completed` on its future is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Spawned, and not yet in a queue.
    New,
    /// It waits for a wake.
    Waiting,
    /// It was woken, and is not yet in a queue.
    Woken,
    /// It stands in a queue.
    Queued,
    /// A worker, or a thread of the blocking pool, runs it.
    Running,
    /// Its future is finished.
    Completed,
    /// Its code panicked.
    Panicked,
    /// It was dropped unfinished.
    Cancelled,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was spawned.
    pub site: String,
    /// The task that spawned it.
    pub spawned_by: Option<u64>,
    /// Whether it is a closure on the blocking pool.
    pub blocking: bool,
    /// What it is at.
    pub phase: Phase,
    /// The queue that it stands in.
    pub place: Option<Place>,
    /// How often it was polled.
    pub polls: u64,
    /// How often it was woken while it waited.
    pub wakes: u64,
    /// When its phase last changed.
    pub since: u64,
    /// The task that woke it last.
    pub woken_by: Option<u64>,
}

/// An armed timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timer {
    /// The task that armed it.
    pub task: Option<u64>,
    /// When it will fire, by the runtime's clock.
    pub deadline: u64,
    /// When it was armed, in nanoseconds since the runtime was built.
    pub armed_at: u64,
}

/// A runtime after an event. See the JSON of the [crate](crate).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// How many events were applied.
    pub events: u64,
    /// When the last of them was.
    pub at: u64,
    /// How far a paused clock was moved, in nanoseconds.
    pub clock: u64,
    /// The global queue, oldest first.
    pub global: VecDeque<u64>,
    /// The workers.
    pub workers: Vec<Worker>,
    /// The armed timers, by their numbers.
    pub timers: BTreeMap<u64, Timer>,
    /// All tasks that ever were.
    pub tasks: BTreeMap<u64, Task>,
    /// Whether shutdown has begun.
    pub ending: bool,
    /// What could not have happened.
    pub contradictions: Vec<String>,
}

impl State {
    /// A runtime that was just built.
    pub fn new(workers: usize) -> Self {
        Self { workers: vec![Worker::default(); workers], ..Self::default() }
    }

    /// The state after the first `n` of `events`.
    pub fn after(workers: usize, events: &[Recorded], n: usize) -> Self {
        let mut state = Self::new(workers);
        events.iter().take(n).for_each(|recorded| state.apply(recorded));
        state
    }

    /// The sleeping workers that nobody has called, in ascending order.
    pub fn sleeping(&self) -> Vec<usize> {
        (0..self.workers.len()).filter(|&worker| self.workers[worker].mood == Mood::Asleep).collect()
    }

    // ANCHOR: inspect-apply
    /// Goes one event on.
    pub fn apply(&mut self, recorded: &Recorded) {
        (self.events, self.at) = (recorded.sequence + 1, recorded.at.as_nanos() as u64);
        match &recorded.event {
            Event::Spawned { task, by, at } => self.enter(number(*task), by.map(number), at.to_string(), false),
            Event::BlockingJob { task, by, at } => self.enter(number(*task), by.map(number), at.to_string(), true),
            Event::Named { task, name } => self.task(number(*task), |task| task.name = Some(name.to_string())),
            Event::Woken { task, by } => self.woken(number(*task), by.map(number)),
            Event::Pushed { task, queue } => self.push(number(*task), *queue),
            Event::Moved { task, from, to } => {
                self.take(number(*task), Place::from(*from));
                self.put(number(*task), Place::from(*to));
            }
            Event::PollStart { worker, task, from, tick } => {
                self.take(number(*task), place_of(*from, *worker));
                self.start(number(*task));
                let worker = &mut self.workers[*worker];
                (worker.running, worker.tick) = (Some(number(*task)), *tick);
                worker.polls += 1;
            }
            Event::PollEnd { worker, task, outcome } => self.poll_end(*worker, number(*task), *outcome),
            Event::Deferred { worker, task } => self.put(number(*task), Place::Deferred { worker: *worker }),
            Event::Parked { worker } => self.workers[*worker].mood = Mood::Asleep,
            Event::Called { worker } if self.workers[*worker].mood == Mood::Asleep => {
                self.workers[*worker].mood = Mood::Called;
            }
            Event::Unparked { worker } => self.workers[*worker].mood = Mood::Awake,
            Event::Retired { worker } => self.workers[*worker].mood = Mood::Retired,
            Event::TimerArmed { timer, task, after } => {
                let deadline = (self.at + self.clock).saturating_add(after.as_nanos() as u64);
                let armed = Timer { task: task.map(number), deadline, armed_at: self.at };
                self.timers.insert(*timer, armed);
            }
            Event::TimerFired { timer, .. } | Event::TimerDropped { timer } => drop(self.timers.remove(timer)),
            Event::ClockAdvanced { by, .. } => self.clock = self.clock.saturating_add(by.as_nanos() as u64),
            Event::Cancelled { task, .. } => self.cancel(number(*task)),
            Event::BlockingStart { task } => self.start(number(*task)),
            Event::BlockingEnd { task, outcome } => self.end(number(*task), *outcome),
            Event::ShutdownBegan { .. } => self.ending = true,
            _ => {}
        }
    }

    fn contradiction(&mut self, what: String) {
        self.contradictions.push(format!("event {}: {what}", self.events - 1));
    }

    fn task(&mut self, id: u64, change: impl FnOnce(&mut Task)) {
        match self.tasks.get_mut(&id) {
            Some(task) => change(task),
            None => self.contradiction(format!("t{id} was never spawned")),
        }
    }

    fn phase(&mut self, id: u64, phase: Phase) {
        let at = self.at;
        self.task(id, |task| (task.phase, task.since) = (phase, at));
    }

    fn enter(&mut self, id: u64, spawned_by: Option<u64>, site: String, blocking: bool) {
        let task = Task {
            name: None,
            site,
            spawned_by,
            blocking,
            phase: if blocking { Phase::Queued } else { Phase::New },
            place: None,
            polls: 0,
            wakes: 0,
            since: self.at,
            woken_by: None,
        };
        if self.tasks.insert(id, task).is_some() {
            self.contradiction(format!("t{id} is spawned twice"));
        }
    }

    fn woken(&mut self, id: u64, by: Option<u64>) {
        self.phase(id, Phase::Woken);
        self.task(id, |task| {
            task.wakes += 1;
            task.woken_by = by;
        });
    }

    /// Puts a task into a queue; it stands in none, or was displaced from a LIFO slot, or yielded.
    fn push(&mut self, id: u64, queue: Queue) {
        let place = self.tasks.get(&id).and_then(|task| task.place);
        match place {
            Some(place @ (Place::Lifo { .. } | Place::Deferred { .. })) => self.take(id, place),
            Some(place) => self.contradiction(format!("t{id} is pushed, and stands in {place} already")),
            None => self.workers.iter_mut().for_each(|worker| worker.hand.retain(|&held| held != id)),
        }
        self.put(id, queue.into());
    }

    fn put(&mut self, id: u64, place: Place) {
        match place {
            Place::Lifo { worker } => {
                let displaced = self.workers[worker].lifo.replace(id);
                self.workers[worker].hand.extend(displaced);
                if let Some(displaced) = displaced {
                    self.task(displaced, |task| task.place = None);
                }
            }
            Place::Local { worker } => self.workers[worker].local.push_back(id),
            Place::Deferred { worker } => self.workers[worker].deferred.push_back(id),
            Place::Global { .. } => self.global.push_back(id),
        }
        let at = self.at;
        self.task(id, |task| {
            task.place = Some(place);
            if task.phase != Phase::Running && task.phase != Phase::Queued {
                (task.phase, task.since) = (Phase::Queued, at);
            }
        });
    }

    fn take(&mut self, id: u64, place: Place) {
        let found = match place {
            Place::Lifo { worker } => self.workers[worker].lifo.take_if(|task| *task == id).is_some(),
            Place::Local { worker } => remove(&mut self.workers[worker].local, id),
            Place::Deferred { worker } => remove(&mut self.workers[worker].deferred, id),
            Place::Global { .. } => remove(&mut self.global, id),
        };
        if !found {
            self.contradiction(format!("t{id} is taken from {place}, and does not stand there"));
        }
        self.task(id, |task| task.place = None);
    }

    fn start(&mut self, id: u64) {
        self.phase(id, Phase::Running);
        self.task(id, |task| task.polls += 1);
    }

    fn poll_end(&mut self, worker: usize, id: u64, outcome: Outcome) {
        // A worker whose task blocks in place polls others beside it.
        self.workers[worker].running.take_if(|running| *running == id);
        let elsewhere = self.workers.iter().any(|worker| worker.running == Some(id));
        let moved_on = self.tasks.get(&id).is_some_and(|task| task.phase != Phase::Running);
        // It may have been woken, queued, and polled again by another worker before this one could tell; even to its end.
        let is_last = !matches!(outcome, Outcome::Pending | Outcome::Requeued);
        if is_last || !elsewhere && !moved_on {
            self.end(id, outcome);
        }
    }

    fn end(&mut self, id: u64, outcome: Outcome) {
        let queued = self.tasks.get(&id).is_some_and(|task| task.place.is_some());
        self.phase(
            id,
            match outcome {
                Outcome::Pending | Outcome::Requeued if queued => Phase::Queued,
                Outcome::Pending => Phase::Waiting,
                Outcome::Requeued => Phase::Woken,
                Outcome::Completed => Phase::Completed,
                Outcome::Panicked => Phase::Panicked,
                Outcome::Cancelled => Phase::Cancelled,
            },
        );
    }

    fn cancel(&mut self, id: u64) {
        if let Some(place) = self.tasks.get(&id).and_then(|task| task.place) {
            self.take(id, place);
        }
        self.phase(id, Phase::Cancelled);
    }
}

fn remove(queue: &mut VecDeque<u64>, id: u64) -> bool {
    let position = queue.iter().position(|&task| task == id);
    position.is_some_and(|position| queue.remove(position).is_some())
}
