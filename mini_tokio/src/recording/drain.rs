//! [`Drain`]: takes what stands in the lanes, puts it into one order, and gives it to the file or to memory.
//!
//! ```text
//!   lane 0   t=3 a b   t=9 c              until = 8, the clock just before the tails were read
//!   lane 1   t=5 d     t=6 e
//!   stream   LANE 0  t=3 a b  LANE 1  t=5 d  t=6 e          c stays where it is
//! ```
//!
//! A run drains whatever has a stamp of at most `until`. No cause is missing from that: if `x` came before `y` on another
//! lane, then `x` was published before `y` looked at the clock (`EVENT-1`, `EVENT-3`), so with `y` not later than `until`, `x`
//! was published before the tails were read, and its stamp is not greater than `y`'s (`CLOCK-1`). So every prefix of the
//! stream is a state that the runtime may have been in, whatever the lanes hold back.
//!
//! An event whose thread was interrupted between the stamp and the publication comes with a later run. Nobody has seen what
//! it gives away before that, so nothing that stands earlier in the stream depends on it. Its time is told as that of its
//! neighbours.

use std::mem;
use std::ops::Range;

use super::clock::Clock;
use super::lane::Lane;
use super::read::Reader;
use super::recorder::Track;
use super::sink::Sink;
use super::word;
use crate::scheduler::event::Recorded;

/// Where events go.
pub(super) enum Goal {
    File(Sink),
    /// They stay, without a bound, until they are taken.
    Memory {
        reader: Reader,
        events: Vec<Recorded>,
    },
}

pub(super) struct Drain {
    goal: Goal,
    /// The last stamp that was drained from each lane.
    times: Vec<u64>,
    /// The lane that the stream is in.
    lane: usize,
    workers: usize,
    /// A stamp and the nanoseconds of the same moment, at the end of the last run.
    last: (u64, u64),
    stream: Vec<u64>,
}

impl Drain {
    pub(super) fn new(workers: usize, goal: Goal) -> Self {
        // A file begins outside.
        Self { goal, times: vec![0; workers + 1], lane: workers, workers, last: (0, 0), stream: Vec::new() }
    }

    // ANCHOR: recording-drain
    pub(super) fn run(&mut self, tracks: &[Track], clock: &Clock) {
        let now = clock.pair();
        let nanos = Scale { from: self.last, to: now };
        let head = |(track, &time): (&'_ Track, &u64)| (track.lane.published(), time);
        let ranges: Vec<(Range<u64>, u64)> = tracks.iter().zip(&self.times).map(head).collect();
        let mut heads: Vec<Head<'_>> = ranges
            .into_iter()
            .zip(tracks)
            .map(|((range, time), track)| Head { lane: &track.lane, range, time })
            .collect();
        while let Some((place, until)) = earliest(&heads, now.0) {
            if mem::replace(&mut self.lane, place) != place {
                let lane = if place == self.workers { 0 } else { place as u64 + 1 };
                self.stream.push(word::single(word::LANE, lane));
            }
            heads[place].copy(until, &nanos, &mut self.stream);
        }
        for (time, head) in self.times.iter_mut().zip(heads) {
            *time = head.time;
            head.lane.release(head.range.start);
        }
        self.last = now;
        self.give();
    }

    fn give(&mut self) {
        match &mut self.goal {
            Goal::File(sink) => sink.write(&self.stream),
            Goal::Memory { reader, events } => {
                let mut rest = &self.stream[..];
                while let [first, ..] = *rest {
                    let (record, after) = rest.split_at(1 + word::more(first) as usize);
                    reader.record(record, events).expect("a lane holds what the recorder put there");
                    rest = after;
                }
            }
        }
        self.stream.clear();
    }

    pub(super) fn take_events(&mut self) -> Vec<Recorded> {
        match &mut self.goal {
            Goal::File(_) => Vec::new(),
            Goal::Memory { events, .. } => mem::take(events),
        }
    }
}

/// What is still to be drained of a lane.
struct Head<'a> {
    lane: &'a Lane,
    range: Range<u64>,
    time: u64,
}

impl Head<'_> {
    /// The stamp of its next record.
    fn next(&self) -> Option<u64> {
        if self.range.is_empty() {
            return None;
        }
        let first = self.lane.read(self.range.start);
        Some(if word::kind_of(first) == word::TIME { word::number_of_single(first) } else { self.time })
    }

    /// Copies the records with stamps of at most `until`.
    fn copy(&mut self, until: u64, nanos: &Scale, out: &mut Vec<u64>) {
        while !self.range.is_empty() {
            let first = self.lane.read(self.range.start);
            if word::kind_of(first) == word::TIME {
                let stamp = word::number_of_single(first);
                if stamp > until {
                    return;
                }
                self.time = stamp;
                out.push(word::single(word::TIME, nanos.of(stamp)));
            } else {
                out.push(first);
            }
            self.range.start += 1;
            for _ in 0..word::more(first) {
                out.push(self.lane.read(self.range.start));
                self.range.start += 1;
            }
        }
    }
}

/// The lane with the earliest record up to `until`, and how far it goes on before another has its turn.
fn earliest(heads: &[Head<'_>], until: u64) -> Option<(usize, u64)> {
    let mut best: Option<(usize, u64)> = None;
    let mut second = until;
    for (place, head) in heads.iter().enumerate() {
        let Some(next) = head.next().filter(|&next| next <= until) else { continue };
        match best {
            Some((_, first)) if first <= next => second = second.min(next),
            Some((_, first)) => (best, second) = (Some((place, next)), first),
            None => best = Some((place, next)),
        }
    }
    best.map(|(place, _)| (place, second))
}

/// Stamps to nanoseconds, on the straight line between two moments of which both are known: no rate has to be measured in
/// advance, and none can drift.
struct Scale {
    from: (u64, u64),
    to: (u64, u64),
}

impl Scale {
    fn of(&self, stamp: u64) -> u64 {
        let (stamps, nanos) = (self.to.0.saturating_sub(self.from.0), self.to.1.saturating_sub(self.from.1));
        if stamps == nanos {
            return self.from.1 + stamp.saturating_sub(self.from.0);
        }
        let part = stamp.saturating_sub(self.from.0) as f64 / stamps.max(1) as f64;
        self.from.1 + (part * nanos as f64) as u64
    }
}
