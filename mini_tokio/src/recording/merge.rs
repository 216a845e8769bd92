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

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;

use super::fields::{self, Known};
use super::format::Cursor;
use super::record::{self, SITE, TEXT};
use super::refs::Refs;
use crate::scheduler::event::{Recorded, Site};

/// Makes events of blocks.
pub(super) struct Merge {
    workers: usize,
    /// Of everybody else, then of the workers. They are made when they are used: a damaged header may speak of very many.
    lanes: Vec<Told>,
    /// A stamp and the nanoseconds of the same moment, at the end of the last block.
    last: (u64, u64),
    now: u64,
    sequence: u64,
}

/// What one lane has told so far.
#[derive(Default)]
struct Told {
    /// Records, of which those before `at` are events already.
    bytes: Vec<u8>,
    at: usize,
    /// The stamp of its last event, or in an ordered block the nanoseconds.
    time: u64,
    sites: Vec<Site>,
    text: Vec<u8>,
    refs: Refs,
}

impl Merge {
    pub(super) fn new(workers: usize) -> Self {
        Self { workers, lanes: Vec::new(), last: (0, 0), now: 0, sequence: 0 }
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
            if self.lanes.len() <= lane {
                self.lanes.resize_with(lane + 1, Told::default);
            }
            self.lanes[lane].bytes.extend_from_slice(body.take(length)?);
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
        let bytes = std::mem::take(&mut told.bytes);
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
            told.time = time;
            let [first, second, ..] = record.numbers;
            match record.kind {
                TEXT => told.text.extend_from_slice(record.text),
                SITE => {
                    let text = String::from_utf8(std::mem::take(&mut told.text)).ok()?;
                    told.sites.push(Site {
                        file: intern(&text),
                        line: first.try_into().ok()?,
                        column: second.try_into().ok()?,
                    });
                }
                kind => {
                    let Told { refs, sites, text, .. } = &mut *told;
                    let known = Known { workers: self.workers, lane: worker, refs, sites, text };
                    let event = fields::decode(kind, record.numbers, known)?;
                    // A lane's time is that of its last look at the clock; others may have been later.
                    self.now = self.now.max(scale.map_or(time, |scale| scale.nanos_of(time)));
                    let (sequence, at) = (self.sequence, Duration::from_nanos(self.now));
                    events.push(Recorded { sequence, worker, at, event });
                    self.sequence += 1;
                }
            }
        }
        (told.bytes, told.at) = (bytes, 0);
        told.bytes.clear();
        Some(())
    }
}

impl Told {
    /// The stamp of its next record. Of one that is broken, the lane's time: so it is looked at, and found to be broken.
    fn next(&self) -> Option<u64> {
        let mut rest = Cursor::new(&self.bytes[self.at..]);
        let head = rest.byte()?;
        Some(self.time.wrapping_add(record::time_of(head, &mut rest).flatten().unwrap_or(0)))
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
