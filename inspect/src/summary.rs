//! `inspect summary`: what stands out in a recording, worst first.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use mini_tokio::recording::{Event, Recording};

use crate::row::number;
use crate::state::{Phase, State};

/// How many lines each list has at most.
const TOP: usize = 10;

/// A duration, the task that it is about, and the event where it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// How long. A poll in a group of which only the length of all together is known: that.
    pub length: Duration,
    /// By how much that may be wrong; a poll may be shorter by so much.
    pub unsure: Duration,
    /// Whose.
    pub task: u64,
    /// The event where it ended.
    pub event: u64,
}

/// The figures of a recording; each list is complete, and worst first.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Polls.
    pub polls: Vec<Span>,
    /// From a wake, or a spawn, to the poll that followed.
    pub waits: Vec<Span>,
    /// How long after their deadline timers fired; the task is the one that armed the timer.
    pub late_timers: Vec<Span>,
    /// How often each task was woken while it waited.
    pub woken: Vec<(u64, u64)>,
    /// The state at the end.
    pub last: State,
}

impl Summary {
    /// Reads a recording from beginning to end.
    pub fn new(recording: &Recording) -> Self {
        let mut summary = Self { last: State::new(recording.header.workers), ..Self::default() };
        let (mut ready_since, mut polled_since) = (BTreeMap::new(), BTreeMap::new());
        for recorded in &recording.events {
            let (at, event, unsure) = (recorded.at, recorded.sequence, recorded.unsure);
            let since = |(since, before): (Duration, Duration)| (at.saturating_sub(since), unsure.max(before));
            match &recorded.event {
                Event::Spawned { task, .. } | Event::Woken { task, .. } => {
                    ready_since.insert(number(*task), (at, unsure));
                }
                Event::PollStart { task, worker, .. } => {
                    let task = number(*task);
                    if let Some((length, unsure)) = ready_since.remove(&task).map(since) {
                        summary.waits.push(Span { length, unsure, task, event });
                    }
                    polled_since.insert((task, *worker), (at, unsure));
                }
                Event::PollEnd { task, worker, .. } => {
                    let task = number(*task);
                    if let Some((length, unsure)) = polled_since.remove(&(task, *worker)).map(since) {
                        summary.polls.push(Span { length: length.max(unsure), unsure, task, event });
                    }
                }
                Event::TimerFired { timer, late } => {
                    let task = summary.last.timers.get(timer).and_then(|timer| timer.task).unwrap_or(0);
                    summary.late_timers.push(Span { length: *late, unsure: Duration::ZERO, task, event });
                }
                _ => {}
            }
            summary.last.apply(recorded);
        }
        for list in [&mut summary.polls, &mut summary.waits, &mut summary.late_timers] {
            list.sort_by(|a, b| b.length.cmp(&a.length).then(a.event.cmp(&b.event)));
        }
        summary.woken =
            summary.last.tasks.iter().map(|(&task, seen)| (task, seen.wakes)).filter(|seen| seen.1 > 0).collect();
        summary.woken.sort_by_key(|&(task, wakes)| (std::cmp::Reverse(wakes), task));
        summary
    }

    fn who(&self, task: u64) -> String {
        match self.last.tasks.get(&task) {
            Some(seen) => {
                let name = seen.name.as_ref().map_or(String::new(), |name| format!(" \"{name}\""));
                format!("t{task}{name}, spawned at {}", seen.site)
            }
            None => "a root future".to_owned(),
        }
    }

    /// The summary as text.
    pub fn text(&self, recording: &Recording) -> String {
        let mut out = String::new();
        let alive = self.last.tasks.values().filter(|task| task.phase < Phase::Completed).count();
        let length = recording.events.last().map_or(Duration::ZERO, |last| last.at);
        let _ = writeln!(
            out,
            "{} events in {length:?}, {} workers, {} tasks, {alive} of them alive at the end, {} polls",
            recording.events.len(),
            recording.header.workers,
            self.last.tasks.len(),
            self.polls.len(),
        );
        self.list(&mut out, "Longest polls", &self.polls);
        self.list(&mut out, "Longest waits between wake and poll", &self.waits);
        self.list(&mut out, "Latest timers", &self.late_timers);
        if recording.events.iter().any(|recorded| !recorded.unsure.is_zero()) {
            let _ = writeln!(out, "\n~ is known only together with what stands beside it: a poll took so long at most");
        }
        let _ = writeln!(out, "\nMost woken");
        for &(task, wakes) in self.woken.iter().take(TOP) {
            let _ = writeln!(out, "  {wakes:>10}  {}", self.who(task));
        }
        if !self.last.contradictions.is_empty() {
            let _ = writeln!(
                out,
                "\n{} contradictions; the first: {}",
                self.last.contradictions.len(),
                self.last.contradictions[0]
            );
        }
        out
    }

    fn list(&self, out: &mut String, title: &str, spans: &[Span]) {
        let _ = writeln!(out, "\n{title}");
        // Of those that are known only together, the first is told, and how many they are.
        let together = |a: &Span, b: &Span| !a.unsure.is_zero() && (a.unsure, a.length) == (b.unsure, b.length);
        for group in spans.chunk_by(together).take(TOP) {
            let span = group[0];
            let about = if span.unsure.is_zero() { "" } else { "~" };
            let others = match group.len() {
                1 => String::new(),
                2 => ", or the one beside it".to_owned(),
                more => format!(", or one of {} beside it", more - 1),
            };
            let _ = writeln!(
                out,
                "  {:>10}  {} (event {}{others})",
                format!("{about}{:.1?}", span.length),
                self.who(span.task),
                span.event
            );
        }
    }
}
