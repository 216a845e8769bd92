//! [`Drain`]: takes what stands in the lanes, and gives it to the file or to memory.
//!
//! It copies bytes and looks into none: their order is made by who reads them ([`Merge`]). What that needs is the moment
//! `until`, from just before the tails are read. Rejected: to merge here. In a program that only yields it took a fifth of all
//! processor time, where the copy takes a fiftieth.

use std::mem;
use std::sync::Arc;

use super::clock::Clock;
use super::format::{BLOCK_HEAD, Block};
use super::lane::Lane;
use super::lanes::Lanes;
use super::merge::Merge;
use super::recorder::Track;
use super::sink::Sink;
use crate::scheduler::event::Recorded;

/// Where events go.
pub(super) enum Goal {
    File(Sink),
    /// They stay, without a bound, until they are taken.
    Memory {
        merge: Merge,
        events: Vec<Recorded>,
    },
}

impl Goal {
    /// The lane with this number, of `size` bytes.
    pub(super) fn lane(&self, number: usize, size: usize) -> Lane {
        match self {
            Self::File(sink) => sink.lanes.lane(number, size),
            Self::Memory { .. } => Lanes::plain().lane(number, size),
        }
    }

    /// A moment: a stamp, and the same in nanoseconds.
    fn note(&mut self, moment: (u64, u64)) {
        if let Self::File(sink) = self {
            sink.lanes.note(moment);
        }
    }
}

pub(super) struct Drain {
    /// Of the workers, then that of everybody else.
    tracks: Box<[Arc<Track>]>,
    clock: Arc<Clock>,
    goal: Goal,
    ended: bool,
    /// How many blocks there were.
    blocks: u64,
    /// The last block may hold events later than its `until`, which only another block releases.
    owes: bool,
    block: Vec<u8>,
    /// Which lanes are in it, and up to where; empty in between.
    copied: Vec<(usize, u64)>,
}

impl Drain {
    pub(super) fn new(tracks: Box<[Arc<Track>]>, clock: Arc<Clock>, goal: Goal) -> Self {
        Self { tracks, clock, goal, ended: false, blocks: 0, owes: false, block: Vec::new(), copied: Vec::new() }
    }

    // ANCHOR: recording-drain
    pub(super) fn run(&mut self) {
        let until = self.clock.pair();
        self.goal.note(until);
        self.block.clear();
        let mut block = Block::begin(self.blocks, until, &mut self.block);
        for (place, track) in self.tracks.iter().enumerate() {
            let range = track.lane.published();
            if range.is_empty() {
                continue;
            }
            self.copied.push((place, range.end));
            let worker = Some(place).filter(|&place| place < self.tracks.len() - 1);
            block.segment(worker, (range.end - range.start) as usize, |out| track.lane.copy(range, out));
        }
        block.end();
        let owed = mem::replace(&mut self.owes, !self.copied.is_empty());
        if owed || self.owes {
            self.blocks += 1;
            self.give();
        }
        // Only now (`LANES-1`).
        for (place, end) in self.copied.drain(..) {
            self.tracks[place].lane.release(end);
            self.tracks[place].look_next();
        }
    }

    /// For the recorder's thread: whether the recorder is still there. If so, everything was drained.
    pub(super) fn goes_on(&mut self) -> bool {
        if !self.ended {
            self.run();
        }
        !self.ended
    }

    /// The recorder's end: everything is drained, and nothing comes after it.
    pub(super) fn end(&mut self) {
        self.run();
        self.ended = true;
        if let Goal::File(sink) = &mut self.goal {
            sink.lanes.remove();
        }
    }

    fn give(&mut self) {
        match &mut self.goal {
            Goal::File(sink) => sink.write(&self.block),
            Goal::Memory { merge, events } => {
                merge.block(&self.block[BLOCK_HEAD..], events).expect("a lane holds what the recorder put there")
            }
        }
    }

    pub(super) fn take_events(&mut self) -> Vec<Recorded> {
        match &mut self.goal {
            Goal::File(_) => Vec::new(),
            Goal::Memory { events, .. } => mem::take(events),
        }
    }
}
