//! Which numbers the record of each kind of event holds, and in which order: [`encode`] and [`decode`] side by side.

use std::mem;
use std::num::NonZeroU64;
use std::time::Duration;

use super::refs::Refs;
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
/// it has one. Zeros at the end cost nothing (see [`record`](super::record)), so what is seldom another stands last.
#[inline(always)]
pub(super) fn encode(event: &Event, lane: Option<usize>, site: u64, refs: &Refs) -> [u64; 4] {
    // A worker in its own lane is not told.
    let own = |worker: usize| if lane == Some(worker) { 0 } else { worker as u64 + 1 };
    let task = |task: Id| refs.tell_task(task.0.get());
    let cause = |task: Option<Id>| refs.tell_cause(task.map(|task| task.0.get()));
    match *event {
        Event::Spawned { task: id, by, .. } | Event::BlockingJob { task: id, by, .. } => {
            encode_spawned(id, by, site, None, refs)
        }
        Event::Named { task: id, .. } | Event::BlockingStart { task: id } => [task(id), 0, 0, 0],
        Event::Woken { task: id, by } | Event::Aborted { task: id, by } => [task(id), cause(by), 0, 0],
        Event::Pushed { task: id, queue: to } => [task(id), queue(to, lane), 0, 0],
        Event::Moved { task: id, from, to } => encode_moved(id, from, to, lane, refs),
        Event::Overflowed { worker, moved: count }
        | Event::TookShare { worker, count }
        | Event::IoReady { worker, events: count } => [count as u64, own(worker), 0, 0],
        Event::Stole { thief, victim, count } => [count as u64, victim as u64, own(thief), 0],
        Event::PollStart { worker, task, from, tick } => {
            let (task, tick) = refs.tell_start(task.0.get(), tick);
            let (from, victim) = source(from);
            [task, tick << 2 | from, victim, own(worker)]
        }
        Event::PollEnd { worker, task, outcome } => [ending(outcome), refs.tell_end(task.0.get()), own(worker), 0],
        Event::Deferred { worker, task: id } => [task(id), own(worker), 0, 0],
        Event::PolledDrivers { worker }
        | Event::Parked { worker }
        | Event::Called { worker }
        | Event::Unparked { worker }
        | Event::Retired { worker } => [own(worker), 0, 0, 0],
        Event::TimerArmed { timer, task, after } => [timer, nanos(after), cause(task), 0],
        Event::TimerFired { timer, late } => [timer, nanos(late), 0, 0],
        Event::TimerDropped { timer } => [timer, 0, 0, 0],
        Event::ClockAdvanced { by, fired } => [fired as u64, nanos(by), 0, 0],
        Event::Cancelled { task: id, worker } => [task(id), worker.map_or(0, |worker| worker as u64 + 1), 0, 0],
        Event::BlockingEnd { task: id, outcome } => [task(id), ending(outcome), 0, 0],
        Event::ShutdownBegan { alive } => [alive as u64, 0, 0, 0],
    }
}

/// A move: mostly to the lane's own local queue, which is 0, or the global one.
#[inline(always)]
pub(super) fn encode_moved(task: Id, from: Queue, to: Queue, lane: Option<usize>, refs: &Refs) -> [u64; 4] {
    let (from, to) = (queue(from, lane), queue(to, lane));
    let (global, other) = if to == GLOBAL { (1, 0) } else { (0, to) };
    [refs.tell_task(task.0.get()), from << 1 | global, other, 0]
}

/// A spawn, or a job's submission: the task, a place, by whom, and in two bits the lane's queue to which the task is pushed next: 0
/// for none, or a push that is told alone.
#[inline(always)]
pub(super) fn encode_spawned(task: Id, by: Option<Id>, site: u64, to: Option<Queue>, refs: &Refs) -> [u64; 4] {
    let new = refs.tell_new(task.0.get());
    let cause = by.map_or(0, |by| refs.tell_cause(Some(by.0.get())));
    [new, spawned(site, to, by.is_none()), cause, 0]
}

/// The second of these numbers.
#[inline(always)]
pub(super) fn spawned(site: u64, to: Option<Queue>, by_nobody: bool) -> u64 {
    let to = match to {
        None => 0,
        Some(Queue::Lifo(_)) => 1,
        Some(Queue::Local(_)) => 2,
        Some(Queue::Global) => 3,
    };
    site << 3 | to << 1 | u64::from(by_nobody)
}

/// That queue, from the second number. None within: none. None without: the lane has no such queue.
pub(super) fn decode_spawned_to(second: u64, lane: Option<usize>) -> Option<Option<Queue>> {
    Some(match second >> 1 & 3 {
        0 => None,
        1 => Some(Queue::Lifo(lane?)),
        2 => Some(Queue::Local(lane?)),
        _ => Some(Queue::Global),
    })
}

/// What a poll's end holds for its outcome if the task is over.
pub(super) const COMPLETED: u64 = 2;
/// What it holds if the task was requeued, and the event before this one is that it was deferred.
pub(super) const YIELDED: u64 = 5;
/// As that, and two more events follow: the worker looked at the drivers, and pushed the task, which was alone in having yielded,
/// to its local queue.
pub(super) const RETURNED: u64 = 6;

/// A poll of a task from the worker's own queues that begins.
#[inline(always)]
pub(super) fn encode_start(task: Id, from: Source, tick: u32, refs: &Refs) -> [u64; 4] {
    let (task, tick) = refs.tell_start(task.0.get(), tick);
    [task, start(from, tick), 0, 0]
}

/// The second of these numbers; `tick`: as it is told.
#[inline(always)]
pub(super) fn start(from: Source, tick: u64) -> u64 {
    tick << 2 | source(from).0
}

/// The second number of the record `NEXT`; `tick`: as it is told.
#[inline(always)]
pub(super) fn near(ending: u64, from: Source, tick: u64) -> u64 {
    tick << 4 | ending << 1 | source(from).0
}

/// The record `NEXT` of a poll that ended and one that begins.
pub(super) fn encode_next(ending: u64, task: Id, from: Source, tick: u32, refs: &Refs) -> [u64; 4] {
    let (task, tick) = refs.tell_next(task.0.get(), tick);
    [task, near(ending, from, tick), 0, 0]
}

/// The numbers of its two events.
pub(super) fn decode_next([task, second, ..]: [u64; 4]) -> ([u64; 4], [u64; 4]) {
    ([second >> 1 & 7, 0, 0, 0], [task, second >> 4 << 2 | second & 1, 0, 0])
}

/// What the numbers of an event refer to.
pub(super) struct Known<'a> {
    pub(super) workers: usize,
    pub(super) lane: Option<usize>,
    pub(super) refs: &'a Refs,
    /// The places and the text that the lane has told.
    pub(super) sites: &'a [Site],
    pub(super) text: &'a mut Vec<u8>,
}

/// The event of kind `kind`; `None` if the numbers cannot be one.
pub(super) fn decode(kind: u8, numbers: [u64; 4], known: Known<'_>) -> Option<Event> {
    let Known { workers, lane, refs, sites, text } = known;
    let [first, second, third, fourth] = numbers;
    let id = |number: u64| NonZeroU64::new(number).map(Id);
    let task = || id(refs.hear_task(first));
    let new = || id(refs.hear_new(first));
    // None within: nobody. None without: no such task.
    let cause = |told: u64| refs.hear_cause(told).map_or(Some(None), |cause| id(cause).map(Some));
    let count = |number: u64| usize::try_from(number).ok();
    // A worker that the runtime has: readers use it as an index.
    let worker = |number: u64| count(number).filter(|&worker| worker < workers);
    let own = |number: u64| number.checked_sub(1).map_or(lane, worker);
    let site = || sites.get(count(second >> 3)?).copied();
    let spawner = || if second & 1 == 1 { Some(None) } else { cause(third) };
    let queue = |number: u64| queue_of(number, lane, workers);
    Some(match kind {
        1 => Event::Spawned { task: new()?, by: spawner()?, at: site()? },
        2 => Event::Named { task: task()?, name: String::from_utf8(mem::take(text)).ok()?.into() },
        3 => Event::Woken { task: task()?, by: cause(second)? },
        4 => Event::Pushed { task: task()?, queue: queue(second)? },
        5 => {
            let to = if second & 1 == 1 { GLOBAL } else { third };
            Event::Moved { task: task()?, from: queue(second >> 1)?, to: queue(to)? }
        }
        6 => Event::Overflowed { worker: own(second)?, moved: count(first)? },
        7 => Event::TookShare { worker: own(second)?, count: count(first)? },
        8 => Event::Stole { thief: own(third)?, victim: worker(second)?, count: count(first)? },
        9 => {
            let (task, tick) = refs.hear_start(first, second >> 2);
            let (task, tick) = (id(task)?, tick?);
            Event::PollStart { worker: own(fourth)?, task, from: source_of(second & 3, worker(third))?, tick }
        }
        10 => Event::PollEnd { worker: own(third)?, task: id(refs.hear_end(second))?, outcome: outcome(first)? },
        11 => Event::Deferred { worker: own(second)?, task: task()? },
        12 => Event::PolledDrivers { worker: own(first)? },
        13 => Event::Parked { worker: own(first)? },
        14 => Event::Called { worker: own(first)? },
        15 => Event::Unparked { worker: own(first)? },
        16 => Event::TimerArmed { timer: first, task: cause(third)?, after: Duration::from_nanos(second) },
        17 => Event::TimerFired { timer: first, late: Duration::from_nanos(second) },
        18 => Event::TimerDropped { timer: first },
        19 => Event::IoReady { worker: own(second)?, events: count(first)? },
        20 => Event::ClockAdvanced { by: Duration::from_nanos(second), fired: count(first)? },
        21 => Event::Aborted { task: task()?, by: cause(second)? },
        22 => {
            let worker = if second == 0 { None } else { Some(worker(second - 1)?) };
            Event::Cancelled { task: task()?, worker }
        }
        23 => Event::BlockingJob { task: new()?, by: spawner()?, at: site()? },
        24 => Event::BlockingStart { task: task()? },
        25 => Event::BlockingEnd { task: task()?, outcome: outcome(second)? },
        26 => Event::Retired { worker: own(first)? },
        27 => Event::ShutdownBegan { alive: count(first)? },
        _ => return None,
    })
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

const GLOBAL: u64 = 2;

/// 0 and 1: local queue and LIFO slot of the lane's own worker; 2: the global queue; then both of each worker in turn.
#[inline(always)]
pub(super) fn queue(queue: Queue, lane: Option<usize>) -> u64 {
    match queue {
        Queue::Local(worker) if lane == Some(worker) => 0,
        Queue::Lifo(worker) if lane == Some(worker) => 1,
        Queue::Global => GLOBAL,
        Queue::Local(worker) => 3 + 2 * worker as u64,
        Queue::Lifo(worker) => 4 + 2 * worker as u64,
    }
}

/// In two bits, and the victim of a theft.
#[inline(always)]
fn source(source: Source) -> (u64, u64) {
    match source {
        Source::Local => (0, 0),
        Source::Lifo => (1, 0),
        Source::Global => (2, 0),
        Source::Stolen { victim } => (3, victim as u64),
    }
}

#[inline(always)]
pub(super) fn ending(outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Pending => 0,
        Outcome::Requeued => 1,
        Outcome::Completed => COMPLETED,
        Outcome::Panicked => 3,
        Outcome::Cancelled => 4,
    }
}

fn queue_of(number: u64, lane: Option<usize>, workers: usize) -> Option<Queue> {
    let known = |number: u64| usize::try_from(number).ok().filter(|&worker| worker < workers);
    Some(match number {
        0 => Queue::Local(lane?),
        1 => Queue::Lifo(lane?),
        GLOBAL => Queue::Global,
        odd if odd % 2 == 1 => Queue::Local(known((odd - 3) / 2)?),
        even => Queue::Lifo(known((even - 4) / 2)?),
    })
}

fn source_of(number: u64, victim: Option<usize>) -> Option<Source> {
    Some(match number {
        0 => Source::Local,
        1 => Source::Lifo,
        2 => Source::Global,
        _ => Source::Stolen { victim: victim? },
    })
}

fn outcome(number: u64) -> Option<Outcome> {
    Some(match number {
        0 => Outcome::Pending,
        1 => Outcome::Requeued,
        COMPLETED => Outcome::Completed,
        3 => Outcome::Panicked,
        4 => Outcome::Cancelled,
        _ => return None,
    })
}
