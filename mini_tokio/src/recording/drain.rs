//! [`Drain`]: takes what stands in the lanes, and gives it to the file or to memory.
//!
//! It copies bytes and looks into none: their order is made by who reads them ([`Merge`]). What that needs is the moment
//! `until`, from just before the tails are read. Rejected: to merge here. In a program that only yields it took a fifth of all
//! processor time, where the copy takes a fiftieth.

use std::mem;
use std::sync::Arc;

use super::clock::Clock;
use super::format::{BLOCK_HEAD, Block};
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

pub(super) struct Drain {
    goal: Goal,
    /// How many blocks there were.
    blocks: u64,
    /// The last block may hold events later than its `until`, which only another block releases.
    owes: bool,
    block: Vec<u8>,
}

impl Drain {
    pub(super) fn new(goal: Goal) -> Self {
        Self { goal, blocks: 0, owes: false, block: Vec::new() }
    }

    // ANCHOR: recording-drain
    /// `tracks`: of the workers, then that of everybody else.
    pub(super) fn run(&mut self, tracks: &[Arc<Track>], clock: &Clock) {
        let until = clock.pair();
        self.block.clear();
        let mut block = Block::begin(self.blocks, until, &mut self.block);
        let mut empty = true;
        for (place, track) in tracks.iter().enumerate() {
            let range = track.lane.published();
            if range.is_empty() {
                continue;
            }
            let worker = Some(place).filter(|&place| place < tracks.len() - 1);
            let (length, end) = ((range.end - range.start) as usize, range.end);
            block.segment(worker, length, |out| track.lane.copy(range, out));
            track.lane.release(end);
            track.look_next();
            empty = false;
        }
        block.end();
        if !empty || self.owes {
            self.owes = !empty;
            self.blocks += 1;
            self.give();
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
