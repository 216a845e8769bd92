//! Which fields the frame of each kind of event holds, and in which order: [`encode`] and [`decode`] side by side.

use std::num::NonZeroU64;
use std::time::Duration;

use super::format::{Cursor, Frame};
use crate::scheduler::event::{Event, Queue, Site, Source};
use crate::task::{Id, Outcome};

/// The number of an event's kind in a file. A number is never used for another kind.
pub(super) fn kind(event: &Event) -> u8 {
    match event {
        Event::Spawned { .. } => 1,
        Event::Named { .. } => 2,
        Event::Woken { .. } => 3,
        Event::Pushed { .. } => 4,
        Event::Moved { .. } => 5,
        Event::Overflowed { .. } => 6,
        Event::TookShare { .. } => 7,
        Event::Stole { .. } => 8,
        Event::PollStart { .. } => 9,
        Event::PollEnd { .. } => 10,
        Event::Deferred { .. } => 11,
        Event::PolledDrivers { .. } => 12,
        Event::Parked { .. } => 13,
        Event::Called { .. } => 14,
        Event::Unparked { .. } => 15,
        Event::TimerArmed { .. } => 16,
        Event::TimerFired { .. } => 17,
        Event::TimerDropped { .. } => 18,
        Event::IoReady { .. } => 19,
        Event::ClockAdvanced { .. } => 20,
        Event::Aborted { .. } => 21,
        Event::Cancelled { .. } => 22,
        Event::BlockingJob { .. } => 23,
        Event::BlockingStart { .. } => 24,
        Event::BlockingEnd { .. } => 25,
        Event::Retired { .. } => 26,
        Event::ShutdownBegan { .. } => 27,
    }
}

/// Appends the numbers of `event`, and returns its text; `site` is the number of its place, if it has one.
pub(super) fn encode<'a>(event: &'a Event, site: u64, out: &mut Frame) -> &'a [u8] {
    fn all<const N: usize>(out: &mut Frame, list: [u64; N]) {
        list.into_iter().for_each(|number| out.put(number));
    }
    match *event {
        Event::Spawned { task, by, .. } | Event::BlockingJob { task, by, .. } => {
            all(out, [id(task), maybe_id(by), site]);
        }
        Event::Named { task, ref name } => {
            all(out, [id(task), name.len() as u64]);
            return name.as_bytes();
        }
        Event::Woken { task, by } | Event::Aborted { task, by } => all(out, [id(task), maybe_id(by)]),
        Event::Pushed { task, queue: to } => all(out, [id(task), queue(to)]),
        Event::Moved { task, from, to } => all(out, [id(task), queue(from), queue(to)]),
        Event::Overflowed { worker, moved: count } | Event::TookShare { worker, count } => {
            all(out, [worker as u64, count as u64]);
        }
        Event::Stole { thief, victim, count } => all(out, [thief as u64, victim as u64, count as u64]),
        Event::PollStart { worker, task, from, tick } => {
            all(out, [worker as u64, id(task), source(from), u64::from(tick)]);
        }
        Event::PollEnd { worker, task, outcome } => all(out, [worker as u64, id(task), ending(outcome)]),
        Event::Deferred { worker, task } => all(out, [worker as u64, id(task)]),
        Event::PolledDrivers { worker }
        | Event::Parked { worker }
        | Event::Called { worker }
        | Event::Unparked { worker }
        | Event::Retired { worker } => all(out, [worker as u64]),
        Event::TimerArmed { timer, task, after } => all(out, [timer, maybe_id(task), nanos(after)]),
        Event::TimerFired { timer, late } => all(out, [timer, nanos(late)]),
        Event::TimerDropped { timer } => all(out, [timer]),
        Event::IoReady { worker, events } => all(out, [worker as u64, events as u64]),
        Event::ClockAdvanced { by, fired } => all(out, [nanos(by), fired as u64]),
        Event::Cancelled { task, worker } => all(out, [id(task), worker.map_or(0, |worker| worker as u64 + 1)]),
        Event::BlockingStart { task } => all(out, [id(task)]),
        Event::BlockingEnd { task, outcome } => all(out, [id(task), ending(outcome)]),
        Event::ShutdownBegan { alive } => all(out, [alive as u64]),
    }
    &[]
}

/// The event of kind `kind`; `None` if the bytes cannot be one. `sites` are the places told so far.
pub(super) fn decode(kind: u8, sites: &[Site], workers: usize, from: &mut Cursor<'_>) -> Option<Event> {
    let mut r = Fields { cursor: from, workers };
    Some(match kind {
        1 => Event::Spawned { task: r.id()?, by: r.maybe_id()?, at: r.site(sites)? },
        2 => Event::Named { task: r.id()?, name: r.cursor.text()?.into() },
        3 => Event::Woken { task: r.id()?, by: r.maybe_id()? },
        4 => Event::Pushed { task: r.id()?, queue: r.queue()? },
        5 => Event::Moved { task: r.id()?, from: r.queue()?, to: r.queue()? },
        6 => Event::Overflowed { worker: r.worker()?, moved: r.count()? },
        7 => Event::TookShare { worker: r.worker()?, count: r.count()? },
        8 => Event::Stole { thief: r.worker()?, victim: r.worker()?, count: r.count()? },
        9 => Event::PollStart {
            worker: r.worker()?,
            task: r.id()?,
            from: r.source()?,
            tick: r.count()?.try_into().ok()?,
        },
        10 => Event::PollEnd { worker: r.worker()?, task: r.id()?, outcome: r.outcome()? },
        11 => Event::Deferred { worker: r.worker()?, task: r.id()? },
        12 => Event::PolledDrivers { worker: r.worker()? },
        13 => Event::Parked { worker: r.worker()? },
        14 => Event::Called { worker: r.worker()? },
        15 => Event::Unparked { worker: r.worker()? },
        16 => Event::TimerArmed { timer: r.cursor.number()?, task: r.maybe_id()?, after: r.duration()? },
        17 => Event::TimerFired { timer: r.cursor.number()?, late: r.duration()? },
        18 => Event::TimerDropped { timer: r.cursor.number()? },
        19 => Event::IoReady { worker: r.worker()?, events: r.count()? },
        20 => Event::ClockAdvanced { by: r.duration()?, fired: r.count()? },
        21 => Event::Aborted { task: r.id()?, by: r.maybe_id()? },
        22 => Event::Cancelled { task: r.id()?, worker: r.maybe_worker()? },
        23 => Event::BlockingJob { task: r.id()?, by: r.maybe_id()?, at: r.site(sites)? },
        24 => Event::BlockingStart { task: r.id()? },
        25 => Event::BlockingEnd { task: r.id()?, outcome: r.outcome()? },
        26 => Event::Retired { worker: r.worker()? },
        27 => Event::ShutdownBegan { alive: r.count()? },
        _ => return None,
    })
}

fn id(id: Id) -> u64 {
    id.0.get()
}

fn maybe_id(id: Option<Id>) -> u64 {
    id.map_or(0, |id| id.0.get())
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// 0: the global queue; then LIFO slot and local queue of each worker in turn.
fn queue(queue: Queue) -> u64 {
    match queue {
        Queue::Global => 0,
        Queue::Lifo(worker) => 1 + 2 * worker as u64,
        Queue::Local(worker) => 2 + 2 * worker as u64,
    }
}

fn source(source: Source) -> u64 {
    match source {
        Source::Lifo => 0,
        Source::Local => 1,
        Source::Global => 2,
        Source::Stolen { victim } => 3 + victim as u64,
    }
}

fn ending(outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Pending => 0,
        Outcome::Requeued => 1,
        Outcome::Completed => 2,
        Outcome::Panicked => 3,
        Outcome::Cancelled => 4,
    }
}

struct Fields<'a, 'b> {
    cursor: &'a mut Cursor<'b>,
    workers: usize,
}

impl Fields<'_, '_> {
    fn id(&mut self) -> Option<Id> {
        self.maybe_id()?
    }

    fn maybe_id(&mut self) -> Option<Option<Id>> {
        Some(NonZeroU64::new(self.cursor.number()?).map(Id))
    }

    fn count(&mut self) -> Option<usize> {
        self.cursor.number()?.try_into().ok()
    }

    /// A worker that the runtime has: readers use it as an index.
    fn worker(&mut self) -> Option<usize> {
        self.count().filter(|&worker| worker < self.workers)
    }

    fn maybe_worker(&mut self) -> Option<Option<usize>> {
        match self.count()?.checked_sub(1) {
            None => Some(None),
            Some(worker) => (worker < self.workers).then_some(Some(worker)),
        }
    }

    fn queue(&mut self) -> Option<Queue> {
        let Some(number) = self.count()?.checked_sub(1) else { return Some(Queue::Global) };
        let worker = number / 2;
        let queue = if number % 2 == 0 { Queue::Lifo(worker) } else { Queue::Local(worker) };
        (worker < self.workers).then_some(queue)
    }

    fn source(&mut self) -> Option<Source> {
        Some(match self.count()? {
            0 => Source::Lifo,
            1 => Source::Local,
            2 => Source::Global,
            more => Source::Stolen { victim: Some(more - 3).filter(|&victim| victim < self.workers)? },
        })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        Some(match self.count()? {
            0 => Outcome::Pending,
            1 => Outcome::Requeued,
            2 => Outcome::Completed,
            3 => Outcome::Panicked,
            4 => Outcome::Cancelled,
            _ => return None,
        })
    }

    fn duration(&mut self) -> Option<Duration> {
        self.cursor.number().map(Duration::from_nanos)
    }

    fn site(&mut self, sites: &[Site]) -> Option<Site> {
        sites.get(self.count()?).copied()
    }
}
