//! Which numbers the record of each kind of event holds, and in which order: [`encode`] and [`decode`] side by side.

use std::num::NonZeroU64;
use std::time::Duration;

use super::word;
use crate::scheduler::event::{Event, Queue, Site, Source};
use crate::task::{Id, Outcome};

/// The number of an event's kind in a file. A number is never used for another kind.
#[inline(always)]
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

/// The numbers of `event` in their order, without the text of a name. `lane`: whose it is. `site`: the number of its place, if
/// it has one. The first is best small, the second smaller, and zeros at the end cost nothing (see [`word`](super::word)).
#[inline(always)]
pub(super) fn encode(event: &Event, lane: Option<usize>, site: u64) -> [u64; 4] {
    // A worker in its own lane is not told.
    let own = |worker: usize| if lane == Some(worker) { 0 } else { worker as u64 + 1 };
    match *event {
        Event::Spawned { task, by, .. } | Event::BlockingJob { task, by, .. } => [id(task), site, maybe_id(by), 0],
        Event::Named { task, .. } | Event::BlockingStart { task } => [id(task), 0, 0, 0],
        Event::Woken { task, by } | Event::Aborted { task, by } if by == Some(task) => [id(task), 1, 0, 0],
        Event::Woken { task, by } | Event::Aborted { task, by } => [id(task), 0, maybe_id(by), 0],
        Event::Pushed { task, queue: to } => [id(task), queue(to), 0, 0],
        Event::Moved { task, from, to } => [id(task), queue(from), queue(to), 0],
        Event::Overflowed { worker, moved: count }
        | Event::TookShare { worker, count }
        | Event::IoReady { worker, events: count } => [count as u64, own(worker), 0, 0],
        Event::Stole { thief, victim, count } => [count as u64, victim as u64, own(thief), 0],
        Event::PollStart { worker, task, from, tick } => [id(task), source(from), u64::from(tick), own(worker)],
        Event::PollEnd { worker, task, outcome } => [id(task), ending(outcome), own(worker), 0],
        Event::Deferred { worker, task } => [id(task), own(worker), 0, 0],
        Event::PolledDrivers { worker }
        | Event::Parked { worker }
        | Event::Called { worker }
        | Event::Unparked { worker }
        | Event::Retired { worker } => [own(worker), 0, 0, 0],
        Event::TimerArmed { timer, task, after } => [timer, 0, nanos(after), maybe_id(task)],
        Event::TimerFired { timer, late } => [timer, 0, nanos(late), 0],
        Event::TimerDropped { timer } => [timer, 0, 0, 0],
        Event::ClockAdvanced { by, fired } => [fired as u64, 0, nanos(by), 0],
        Event::Cancelled { task, worker } => [id(task), worker.map_or(0, |worker| worker as u64 + 1), 0, 0],
        Event::BlockingEnd { task, outcome } => [id(task), ending(outcome), 0, 0],
        Event::ShutdownBegan { alive } => [alive as u64, 0, 0, 0],
    }
}

/// What the numbers of an event refer to.
pub(super) struct Known<'a> {
    pub(super) workers: usize,
    pub(super) lane: Option<usize>,
    /// The places and the text that the lane has told.
    pub(super) sites: &'a [Site],
    pub(super) text: &'a mut Vec<u8>,
}

/// The event of kind `kind`; `None` if the numbers cannot be one.
pub(super) fn decode(kind: u8, numbers: [u64; 4], known: Known<'_>) -> Option<Event> {
    let Known { workers, lane, sites, text } = known;
    let [first, second, third, fourth] = numbers;
    let id = |number: u64| NonZeroU64::new(number).map(Id);
    let count = |number: u64| usize::try_from(number).ok();
    // A worker that the runtime has: readers use it as an index.
    let worker = |number: u64| count(number).filter(|&worker| worker < workers);
    let own = |number: u64| number.checked_sub(1).map_or(lane, worker);
    let by = || if second == 1 { Some(id(first)) } else { (second == 0).then(|| id(third)) };
    let site = || sites.get(count(second)?).copied();
    let queue = |number: u64| queue_of(number, workers);
    Some(match kind {
        1 => Event::Spawned { task: id(first)?, by: id(third), at: site()? },
        2 => Event::Named { task: id(first)?, name: word::take_text(text)?.into() },
        3 => Event::Woken { task: id(first)?, by: by()? },
        4 => Event::Pushed { task: id(first)?, queue: queue(second)? },
        5 => Event::Moved { task: id(first)?, from: queue(second)?, to: queue(third)? },
        6 => Event::Overflowed { worker: own(second)?, moved: count(first)? },
        7 => Event::TookShare { worker: own(second)?, count: count(first)? },
        8 => Event::Stole { thief: own(third)?, victim: worker(second)?, count: count(first)? },
        9 => {
            let (worker, tick) = (own(fourth)?, third.try_into().ok()?);
            Event::PollStart { worker, task: id(first)?, from: source_of(second, workers)?, tick }
        }
        10 => Event::PollEnd { worker: own(third)?, task: id(first)?, outcome: outcome(second)? },
        11 => Event::Deferred { worker: own(second)?, task: id(first)? },
        12 => Event::PolledDrivers { worker: own(first)? },
        13 => Event::Parked { worker: own(first)? },
        14 => Event::Called { worker: own(first)? },
        15 => Event::Unparked { worker: own(first)? },
        16 => Event::TimerArmed { timer: first, task: id(fourth), after: Duration::from_nanos(third) },
        17 => Event::TimerFired { timer: first, late: Duration::from_nanos(third) },
        18 => Event::TimerDropped { timer: first },
        19 => Event::IoReady { worker: own(second)?, events: count(first)? },
        20 => Event::ClockAdvanced { by: Duration::from_nanos(third), fired: count(first)? },
        21 => Event::Aborted { task: id(first)?, by: by()? },
        22 => {
            let worker = if second == 0 { None } else { Some(worker(second - 1)?) };
            Event::Cancelled { task: id(first)?, worker }
        }
        23 => Event::BlockingJob { task: id(first)?, by: id(third), at: site()? },
        24 => Event::BlockingStart { task: id(first)? },
        25 => Event::BlockingEnd { task: id(first)?, outcome: outcome(second)? },
        26 => Event::Retired { worker: own(first)? },
        27 => Event::ShutdownBegan { alive: count(first)? },
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

fn queue_of(number: u64, workers: usize) -> Option<Queue> {
    let Some(number) = number.checked_sub(1) else { return Some(Queue::Global) };
    let worker = usize::try_from(number / 2).ok().filter(|&worker| worker < workers)?;
    Some(if number % 2 == 0 { Queue::Lifo(worker) } else { Queue::Local(worker) })
}

fn source_of(number: u64, workers: usize) -> Option<Source> {
    Some(match usize::try_from(number).ok()? {
        0 => Source::Lifo,
        1 => Source::Local,
        2 => Source::Global,
        more => Source::Stolen { victim: Some(more - 3).filter(|&victim| victim < workers)? },
    })
}

fn outcome(number: u64) -> Option<Outcome> {
    Some(match number {
        0 => Outcome::Pending,
        1 => Outcome::Requeued,
        2 => Outcome::Completed,
        3 => Outcome::Panicked,
        4 => Outcome::Cancelled,
        _ => return None,
    })
}
