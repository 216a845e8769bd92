//! [`Merge`]: the lanes of a recording, put into one order by their stamps.
//!
//! ```text
//!   lane 0    t=3 a b   t=9 c         until = 8, the clock just before the lanes were drained
//!   lane 1    t=5 d     t=6 e
//!   events    a b d e                 c waits for the next block
//! ```
//!
//! A block releases whatever has a stamp of at most `until`. No cause is missing from that: if `x` came before `y` on another
//! lane, then `x` was published before `y` looked at the clock (`EVENT-1`, `EVENT-3`), so with `y` not later than `until`, `x`
//! was published before the tails were read, and its stamp is not greater than `y`'s (`CLOCK-1`). So every prefix of the
//! events is a state that the runtime may have been in, wherever the file ends.
//!
//! An event whose thread was interrupted between the stamp and the publication comes with a later block. Nobody has seen what
//! it gives away before that, so nothing that stands earlier depends on it. Its time is told as that of its neighbours.

use std::collections::{HashSet, VecDeque};
use std::mem;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;

use super::fields::{self, Known};
use super::format::Cursor;
use super::lanes::Left;
use super::record::{self, NEXT, POLL_END, POLL_START, POLLED_DRIVERS, RECALLED, Record, SITE, TEXT, UNSURE};
use super::refs::Refs;
use super::span::{Span, When};
use crate::scheduler::event::{Event, Queue, Recorded, Site};
use crate::task::{Id, Outcome};

/// Makes events of blocks.
pub(super) struct Merge {
    workers: usize,
    /// Of everybody else, then of the workers. They are made when they are used: a damaged header may speak of very many.
    lanes: Vec<Told>,
    /// A stamp and the nanoseconds of the same moment, at the end of the last block.
    last: (u64, u64),
    sequence: u64,
}

/// What one lane has told so far.
#[derive(Default)]
struct Told {
    /// Records, of which those before `at` are events already.
    bytes: Vec<u8>,
    at: usize,
    /// How many bytes came in blocks.
    heard: u64,
    /// The stamp of its last event, or in an ordered block the nanoseconds.
    time: u64,
    sites: Vec<Site>,
    text: Vec<u8>,
    refs: Refs,
    span: Span,
    /// The time of its last event, in nanoseconds, and by how much it may be wrong.
    now: u64,
    unsure: u64,
    /// Its tasks that yielded, in their order.
    deferred: VecDeque<Id>,
}

impl Merge {
    pub(super) fn new(workers: usize) -> Self {
        Self { workers, lanes: Vec::new(), last: (0, 0), sequence: 0 }
    }

    // ANCHOR: recording-merge
    /// The body of a block. None if it cannot be one; what stood before the damage is among the events.
    pub(super) fn block(&mut self, body: &[u8], events: &mut Vec<Recorded>) -> Option<()> {
        let mut body = Cursor::new(body);
        let until = (body.number()?, body.number()?);
        let ordered = until == (0, 0);
        while body.left() > 0 {
            let lane = usize::try_from(body.number()?).ok().filter(|&lane| lane <= self.workers)?;
            let length = usize::try_from(body.number()?).ok()?;
            self.reach(lane);
            self.lanes[lane].bytes.extend_from_slice(body.take(length)?);
            self.lanes[lane].heard += length as u64;
            if ordered {
                self.release(lane, u64::MAX, None, events)?;
            }
        }
        if !ordered {
            let scale = Scale { from: self.last, to: until };
            while let Some((lane, limit)) = self.earliest(until.0) {
                self.release(lane, limit, Some(&scale), events)?;
            }
            self.last = until;
        }
        self.lanes.iter_mut().for_each(Told::forget);
        Some(())
    }

    /// What a program left in its lanes (`LANES-2`). None if that is not the rest of what the blocks hold; then there are no more
    /// events.
    pub(super) fn left(&mut self, left: &Left, events: &mut Vec<Recorded>) -> Option<()> {
        for (number, memory) in left.lanes()?.iter().enumerate() {
            let lane = if number < self.workers { number + 1 } else { 0 };
            self.reach(lane);
            let rest = memory.since(self.lanes[lane].heard)?;
            self.lanes[lane].bytes.extend_from_slice(&rest);
        }
        let until = self.lanes.iter().map(Told::latest).max().unwrap_or(0).max(self.last.0);
        // On from the last moment, at the pace of the whole program.
        let pace = left.moment().filter(|moment| moment.0 > self.last.0).unwrap_or(self.last);
        let scale = Scale { from: self.last, to: (self.last.0 + pace.0, self.last.1 + pace.1) };
        while let Some((lane, limit)) = self.earliest(until) {
            self.release(lane, limit, Some(&scale), events)?;
        }
        Some(())
    }

    /// From here on there is a lane with this number.
    fn reach(&mut self, lane: usize) {
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, Told::default);
        }
    }

    /// The lane with the earliest record up to `until`, and how far it goes on before another has its turn.
    fn earliest(&self, until: u64) -> Option<(usize, u64)> {
        let mut best: Option<(usize, u64)> = None;
        let mut second = until;
        for (lane, told) in self.lanes.iter().enumerate() {
            let Some(next) = told.next().filter(|&next| next <= until) else { continue };
            match best {
                Some((_, first)) if first <= next => second = second.min(next),
                Some((_, first)) => (best, second) = (Some((lane, next)), first),
                None => best = Some((lane, next)),
            }
        }
        best.map(|(lane, _)| (lane, second))
    }

    /// Makes events of a lane's records with stamps of at most `until`. `scale`: from stamps to nanoseconds.
    fn release(&mut self, lane: usize, until: u64, scale: Option<&Scale>, events: &mut Vec<Recorded>) -> Option<()> {
        let (worker, told) = (lane.checked_sub(1), &mut self.lanes[lane]);
        let bytes = mem::take(&mut told.bytes);
        let mut rest = Cursor::new(&bytes[told.at..]);
        while rest.left() > 0 {
            let before = bytes.len() - rest.left();
            let record = record::take(&mut rest)?;
            let time = told.time.wrapping_add(record.time.unwrap_or(0));
            if time > until {
                told.at = before;
                told.bytes = bytes;
                return Some(());
            }
            let when = match record.time {
                _ if scale.is_none() => When { at: time, between: None },
                Some(_) => told.span.looked(time),
                None => told.span.left_out(record.kind, told.time, &rest, until),
            };
            told.time = time;
            told.now(when, scale);
            told.record(record, worker, self.workers, |now, unsure, event| {
                let (at, unsure) = (Duration::from_nanos(now), Duration::from_nanos(unsure));
                events.push(Recorded { sequence: self.sequence, worker, at, unsure, event });
                self.sequence += 1;
            })?;
        }
        told.span.end();
        (told.bytes, told.at) = (bytes, 0);
        told.bytes.clear();
        Some(())
    }
}

impl Told {
    /// Sets the time of the next events.
    fn now(&mut self, when: When, scale: Option<&Scale>) {
        let Some(scale) = scale else { return self.now = when.at };
        self.now = self.now.max(scale.nanos_of(when.at));
        self.unsure = when.between.map_or(0, |(from, to)| scale.nanos_of(to).saturating_sub(scale.nanos_of(from)));
    }

    /// Gives the events of a record to `give`, with their time and how unsure that is.
    fn record(
        &mut self,
        record: Record<'_>,
        worker: Option<usize>,
        workers: usize,
        mut give: impl FnMut(u64, u64, Event),
    ) -> Option<()> {
        let (now, [first, second, ..]) = (self.now, record.numbers);
        match record.kind {
            TEXT => self.text.extend_from_slice(record.text),
            SITE => {
                let text = String::from_utf8(mem::take(&mut self.text)).ok()?;
                let (line, column) = (first.try_into().ok()?, second.try_into().ok()?);
                self.sites.push(Site { file: intern(&text), line, column });
            }
            UNSURE => self.unsure = first,
            RECALLED => {
                let count = usize::try_from(first).ok().filter(|&count| count <= self.deferred.len())?;
                let queue = Queue::Local(worker?);
                self.deferred.drain(..count).for_each(|task| give(now, self.unsure, Event::Pushed { task, queue }));
            }
            NEXT => {
                let (end, start) = fields::decode_next(record.numbers);
                self.event(POLL_END, end, worker, workers, &mut give)?;
                self.event(POLL_START, start, worker, workers, &mut give)?;
            }
            POLLED_DRIVERS if second != 0 => {
                self.event(POLL_END, [second - 1, 0, 0, 0], worker, workers, &mut give)?;
                self.event(POLLED_DRIVERS, [first, 0, 0, 0], worker, workers, &mut give)?;
            }
            kind => self.event(kind, record.numbers, worker, workers, &mut give)?,
        }
        Some(())
    }

    /// Gives an event, before it the deferral that the end of a poll says along, and behind it the push that a spawn does, or what
    /// followed a yield.
    fn event(
        &mut self,
        kind: u8,
        mut numbers: [u64; 4],
        worker: Option<usize>,
        workers: usize,
        give: &mut impl FnMut(u64, u64, Event),
    ) -> Option<()> {
        let returned = kind == POLL_END && numbers[0] == fields::RETURNED;
        let yielded = returned || kind == POLL_END && numbers[0] == fields::YIELDED;
        if yielded {
            numbers[0] = fields::ending(Outcome::Requeued);
        }
        let Self { refs, sites, text, .. } = &mut *self;
        let event = fields::decode(kind, numbers, Known { workers, lane: worker, refs, sites, text })?;
        match event {
            Event::PollEnd { worker, task, .. } if yielded => {
                self.deferred.push_back(task);
                give(self.now, self.unsure, Event::Deferred { worker, task });
            }
            Event::Deferred { task, .. } => self.deferred.push_back(task),
            // Of those that yielded, one for which there was no room in the queue.
            Event::Pushed { task, .. } if self.deferred.front() == Some(&task) => drop(self.deferred.pop_front()),
            _ => {}
        }
        let (looked, pushed) = match event {
            Event::Spawned { task, .. } => (None, fields::decode_spawned_to(numbers[1], worker)?.map(|to| (task, to))),
            Event::PollEnd { worker, task, .. } if returned => {
                self.deferred.pop_front().filter(|&first| first == task)?;
                (Some(Event::PolledDrivers { worker }), Some((task, Queue::Local(worker))))
            }
            _ => (None, None),
        };
        let pushed = pushed.map(|(task, queue)| Event::Pushed { task, queue });
        [Some(event), looked, pushed].into_iter().flatten().for_each(|event| give(self.now, self.unsure, event));
        Some(())
    }

    /// The stamp of its next record. Of one that is broken, the lane's time: so it is looked at, and found to be broken.
    fn next(&self) -> Option<u64> {
        let mut rest = Cursor::new(&self.bytes[self.at..]);
        let head = rest.byte()?;
        Some(self.time.wrapping_add(record::time_of(head, &mut rest).flatten().unwrap_or(0)))
    }

    /// The stamp of its last record.
    fn latest(&self) -> u64 {
        let (mut rest, mut time) = (Cursor::new(&self.bytes[self.at..]), self.time);
        while let Some(record) = record::take(&mut rest) {
            time = time.wrapping_add(record.time.unwrap_or(0));
        }
        time
    }

    /// Throws away what are events.
    fn forget(&mut self) {
        self.bytes.drain(..std::mem::take(&mut self.at));
    }
}

/// Stamps to nanoseconds, on the straight line between two moments of which both are known: no rate has to be measured in
/// advance, and none can drift.
struct Scale {
    from: (u64, u64),
    to: (u64, u64),
}

impl Scale {
    fn nanos_of(&self, stamp: u64) -> u64 {
        let (stamps, nanos) = (self.to.0.saturating_sub(self.from.0), self.to.1.saturating_sub(self.from.1));
        let since = stamp.saturating_sub(self.from.0);
        if stamps == nanos {
            return self.from.1.saturating_add(since);
        }
        let part = since as f64 / stamps.max(1) as f64;
        self.from.1.saturating_add((part * nanos as f64) as u64)
    }
}

/// A text that lives on: an event refers to a place in the source as events of this very program do.
fn intern(text: &str) -> &'static str {
    static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock();
    if let Some(text) = texts.get(text) {
        return text;
    }
    let text: &'static str = Box::leak(text.into());
    texts.insert(text);
    text
}
