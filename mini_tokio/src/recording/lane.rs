//! [`Lane`]: a ring of words between the one thread that records into it and the one that drains it.
//!
//! ```text
//!        head                        tail
//!   ......│ word word word word word  │..........   positions count up for ever; a word stands at `position % size`
//!         └ drained up to here        └ published up to here
//! ```
//!
//! A *record* is one or more words and appears as a whole: its words are written first, then the tail moves over all of them.
//!
//! # Invariants
//!
//! * `LANE-1` One thread at a time writes (whoever holds the worker's core, or the lock of the outside lane), and one at a time
//!   drains (whoever holds the recorder's lock). Each side finds its own last store by the hand-over of core or lock.
//! * `LANE-2` Words from `head` to `tail` are not written; words elsewhere are not read.
//!
//! # Ordering
//!
//! The tail's Release, with the Acquire in [`Lane::published`]: who sees the tail sees the words behind it. The head's
//! Release, with the Acquire in [`Lane::room`]: who sees the room has the drainer's reads behind him. The words are atomics
//! and Relaxed, so that not even a broken `LANE-1` is undefined behaviour; on a processor they are plain moves.
//!
//! Rejected: a lock a lane and an event enum in a vector, which was here before. Lock, enum and a shared counter cost 370
//! instructions an event; a word or two cost about twenty.

use crate::shim::{AtomicU64, Ordering};

#[cfg(all(test, loom))]
mod model;

/// What one side writes, away from what the other does.
#[repr(align(128))]
struct Apart<T>(T);

pub(super) struct Lane {
    /// The writer's: written by it, read by the drainer.
    tail: Apart<AtomicU64>,
    /// The drainer's.
    head: Apart<AtomicU64>,
    words: Box<[AtomicU64]>,
}

impl Lane {
    /// `size`: how many words it holds, a power of two.
    pub(super) fn new(size: usize) -> Self {
        assert!(size.is_power_of_two());
        Self {
            tail: Apart(AtomicU64::new(0)),
            head: Apart(AtomicU64::new(0)),
            words: (0..size).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.words.len() as u64
    }

    fn word(&self, position: u64) -> &AtomicU64 {
        &self.words[position as usize & (self.words.len() - 1)]
    }

    // ANCHOR: recording-lane
    /// The writer: begins a record. There must be [`room`](Self::room) for it.
    #[inline]
    pub(super) fn begin(&self) -> Pen<'_> {
        Pen { lane: self, at: self.tail.0.load(Ordering::Relaxed) }
    }

    /// The writer: how many words fit.
    pub(super) fn room(&self) -> u64 {
        let head = self.head.0.load(Ordering::Acquire);
        self.size() - (self.tail.0.load(Ordering::Relaxed) - head)
    }

    /// The drainer: the words that can be read are those at the positions of this range.
    pub(super) fn published(&self) -> std::ops::Range<u64> {
        let tail = self.tail.0.load(if cfg!(bug_lane_relaxed_tail) { Ordering::Relaxed } else { Ordering::Acquire });
        self.head.0.load(Ordering::Relaxed)..tail
    }

    /// The drainer: a word within what is published.
    pub(super) fn read(&self, position: u64) -> u64 {
        self.word(position).load(Ordering::Relaxed)
    }

    /// The drainer: has read all before `position`, and gives the room back.
    pub(super) fn release(&self, position: u64) {
        self.head.0.store(position, Ordering::Release);
    }
}

/// Writes one record.
pub(super) struct Pen<'a> {
    lane: &'a Lane,
    at: u64,
}

impl Pen<'_> {
    /// Where the next word goes.
    #[inline]
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    #[inline]
    pub(super) fn put(&mut self, word: u64) {
        self.lane.word(self.at).store(word, Ordering::Relaxed);
        self.at += 1;
    }

    /// The record is whole.
    #[inline]
    pub(super) fn publish(self) {
        self.lane.tail.0.store(self.at, Ordering::Release);
    }
}
