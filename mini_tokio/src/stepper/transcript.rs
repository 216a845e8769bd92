//! [`Transcript`]: what happened, one decision a line.
//!
//! Tasks are numbered in the order in which they were spawned (`t1`, `t2`, …) and not by their ids, which are unique in the
//! process and so differ from run to run. What a task did stands indented under the line that says that it runs.

use std::collections::HashMap;
use std::fmt;

use super::{Event, Outcome, Queue, Recorded, Source};
use crate::task::Id;

/// The text of a stepper's run. [`Display`](fmt::Display) prints it.
#[derive(Clone, Debug)]
pub struct Transcript {
    lines: Vec<(Event, String)>,
}

impl Transcript {
    pub(super) fn new(events: &[Recorded]) -> Self {
        let mut writer = Writer::default();
        let shown =
            events.iter().filter(|recorded| !matches!(recorded.event, Event::Moved { .. } | Event::TimerFired { .. }));
        let lines = shown.map(|recorded| (recorded.event.clone(), writer.line(recorded))).collect();
        Self { lines }
    }

    /// Only the lines of events that `keep` wants, numbered and named as in the whole.
    pub fn filter(mut self, mut keep: impl FnMut(&Event) -> bool) -> Self {
        self.lines.retain(|(event, _)| keep(event));
        self
    }

    /// The lines in order.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|(_, line)| line.as_str())
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Names tasks, and knows who is in a poll.
#[derive(Default)]
struct Writer {
    numbers: HashMap<Id, usize>,
    running: bool,
}

impl Writer {
    fn task(&mut self, id: Id) -> String {
        let next = self.numbers.len() + 1;
        format!("t{}", self.numbers.entry(id).or_insert(next))
    }

    fn by(&mut self, by: Option<Id>) -> String {
        by.map_or(String::new(), |by| format!(" by {}", self.task(by)))
    }

    /// A task, or a root future, which has no number.
    fn who(&mut self, task: Option<Id>) -> String {
        task.map_or("a root".to_owned(), |task| self.task(task))
    }

    /// The line of an event: the worker, indentation, and what happened.
    fn line(&mut self, recorded: &Recorded) -> String {
        let event = &recorded.event;
        self.running &= !matches!(event, Event::PollEnd { .. });
        let worker = recorded.worker.map_or(String::new(), |worker| format!("w{worker}"));
        let indent = if self.running { "  " } else { "" };
        let line = format!("{worker:<4}{indent}{}", self.text(event));
        self.running |= matches!(event, Event::PollStart { .. });
        line
    }

    fn text(&mut self, event: &Event) -> String {
        match *event {
            Event::Spawned { task, by, .. } => format!("{} is spawned{}", self.task(task), self.by(by)),
            Event::Woken { task, by } => format!("{} is woken{}", self.task(task), self.by(by)),
            Event::Aborted { task, by } => format!("{} is aborted{}", self.task(task), self.by(by)),
            Event::Cancelled { task, .. } => format!("cancels {}", self.task(task)),
            Event::Pushed { task, queue } => format!("{} goes to {}", self.task(task), place(queue)),
            Event::PollStart { task, from, tick, .. } => {
                format!("tick {tick}: runs {} from {}", self.task(task), origin(from))
            }
            Event::PollEnd { task, outcome, .. } => format!("{} {}", self.task(task), ending(outcome)),
            Event::Deferred { task, .. } => format!("{} yields: it is deferred", self.task(task)),
            Event::Named { task, ref name } => format!("{} is called {name}", self.task(task)),
            Event::Moved { task, to, .. } => format!("{} moves to {}", self.task(task), place(to)),
            Event::TimerFired { .. } => "a timer fires".to_owned(),
            Event::TimerDropped { .. } => "drops a timer that has not fired".to_owned(),
            Event::IoReady { events, .. } => format!("{events} I/O events were delivered"),
            Event::BlockingStart { task } => format!("{} starts on the blocking pool", self.task(task)),
            Event::BlockingEnd { task, outcome } => format!("{} {}", self.task(task), ending(outcome)),
            Event::BlockingJob { task, .. } => format!("{} goes to the blocking pool", self.task(task)),
            Event::TimerArmed { task, after, .. } => format!("{} arms a timer: {after:?} from now", self.who(task)),
            Event::Overflowed { moved, .. } => format!("overflow: {moved} tasks move to the global queue"),
            Event::TookShare { count, .. } => format!("takes {count} tasks from the global queue"),
            Event::Stole { victim, count, .. } => format!("steals {count} tasks from w{victim}"),
            Event::PolledDrivers { .. } => "polls the drivers".to_owned(),
            Event::Parked { .. } => "falls asleep".to_owned(),
            Event::Called { worker } => format!("w{worker} is called"),
            Event::Unparked { .. } => "wakes up".to_owned(),
            Event::ClockAdvanced { by, fired } => format!("the clock moves on by {by:?}: {fired} timers fire"),
            Event::ShutdownBegan { alive } => format!("shutdown begins: {alive} tasks alive"),
            Event::Retired { .. } => "retires".to_owned(),
        }
    }
}

fn place(queue: Queue) -> String {
    match queue {
        Queue::Lifo(worker) => format!("the LIFO slot of w{worker}"),
        Queue::Local(worker) => format!("the local queue of w{worker}"),
        Queue::Global => "the global queue".to_owned(),
    }
}

fn origin(source: Source) -> String {
    match source {
        Source::Lifo => "its LIFO slot".to_owned(),
        Source::Local => "its local queue".to_owned(),
        Source::Global => "the global queue".to_owned(),
        Source::Stolen { victim } => format!("what it stole from w{victim}"),
    }
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
