//! [`Lane`]: a ring of bytes between the one thread that records into it and the one that drains it.
//!
//! ```text
//!        head                        tail
//!   ......│ record record record ...   │..........   positions count bytes up for ever; eight of them are a word, and
//!         └ drained up to here         └ published    a byte stands in the word at `position / 8 % words`
//! ```
//!
//! A *record* is some bytes, mostly fewer than eight, and appears as a whole: its bytes are written first, then the tail moves
//! over all of them.
//!
//! # Invariants
//!
//! * `LANE-1` One thread at a time writes (whoever holds the worker's core, or the lock of the outside lane), and one at a time
//!   drains (whoever holds the recorder's lock). Each side finds its own last store by the hand-over of core or lock.
//! * `LANE-2` Bytes from `head` to `tail` do not change; bytes elsewhere are not read. The word that the tail is in is stored
//!   again with more bytes, and with the same ones below the tail; the word after it is stored, too. Neither is the word that
//!   the head is in, on the next round: a full lane is [`MARGIN`] short of its size.
//! * `LANE-3` In the word that the tail is in, the bytes from the tail on are zero.
//!
//! # Ordering
//!
//! The tail's Release, with the Acquire in [`Lane::published`]: who sees the tail sees the bytes below it. The head's
//! Release, with the Acquire in [`Lane::room`]: who sees the room has the drainer's reads behind him. The words are atomics
//! and Relaxed, so that not even a broken `LANE-1` is undefined behaviour; on a processor they are plain moves.
//!
//! Rejected: a lock a lane and an event enum in a vector, which was here before: 370 instructions an event. Words of 64 bits as
//! records, which came next: 64 bytes for a task that yields once, of which each is moved, summed and written to a file.

use std::ops::Range;

use crate::shim::{AtomicU64, Ordering};

#[cfg(all(test, loom))]
mod model;

const WORD: u64 = 8;
const MARGIN: u64 = 2 * WORD;

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
    /// `size`: how many bytes it has, a power of two and whole words.
    pub(super) fn new(size: usize) -> Self {
        assert!(size.is_power_of_two() && size as u64 > MARGIN);
        Self {
            tail: Apart(AtomicU64::new(0)),
            head: Apart(AtomicU64::new(0)),
            words: (0..size as u64 / WORD).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.words.len() as u64 * WORD
    }

    fn word(&self, position: u64) -> &AtomicU64 {
        &self.words[(position / WORD) as usize & (self.words.len() - 1)]
    }

    // ANCHOR: recording-lane
    /// The writer: begins a record. There must be [`room`](Self::room) for it.
    #[inline]
    pub(super) fn begin(&self) -> Pen<'_> {
        Pen { lane: self, at: self.end() }
    }

    /// The writer: where the next record begins.
    #[inline]
    pub(super) fn end(&self) -> u64 {
        self.tail.0.load(Ordering::Relaxed)
    }

    /// The writer: how many bytes fit.
    pub(super) fn room(&self) -> u64 {
        let head = self.head.0.load(Ordering::Acquire);
        (self.size() - MARGIN).saturating_sub(self.end() - head)
    }

    /// The drainer: the bytes that can be read are those at the positions of this range.
    pub(super) fn published(&self) -> Range<u64> {
        let tail = self.tail.0.load(if cfg!(bug_lane_relaxed_tail) { Ordering::Relaxed } else { Ordering::Acquire });
        self.head.0.load(Ordering::Relaxed)..tail
    }

    /// The drainer: appends bytes within what is published.
    pub(super) fn copy(&self, range: Range<u64>, out: &mut Vec<u8>) {
        let (first, mut at) = (out.len(), range.start / WORD * WORD);
        // Whole words, in two runs if the ring ends in between; then what is too much is cut off at both ends.
        while at < range.end {
            let from = (at / WORD) as usize & (self.words.len() - 1);
            let count = ((range.end - at).div_ceil(WORD) as usize).min(self.words.len() - from);
            let end = out.len();
            out.resize(end + count * WORD as usize, 0);
            let (copies, _) = out[end..].as_chunks_mut();
            for (copy, word) in copies.iter_mut().zip(&self.words[from..from + count]) {
                *copy = word.load(Ordering::Relaxed).to_le_bytes();
            }
            at += count as u64 * WORD;
        }
        out.drain(first..first + (range.start % WORD) as usize);
        out.truncate(first + (range.end - range.start) as usize);
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
    /// Writes the lowest `count` bytes of `bytes`, which are at most eight; those above must be zero (`LANE-3`).
    #[inline(always)]
    pub(super) fn put(&mut self, bytes: u64, count: u64) {
        let (word, next) = (self.lane.word(self.at), self.lane.word(self.at + WORD));
        let filled = self.at % WORD * 8;
        word.store(word.load(Ordering::Relaxed) | bytes << filled, Ordering::Relaxed);
        // What did not fit, or zeros. No branch: where in a word a record falls cannot be foretold.
        next.store(bytes >> 1 >> (63 - filled), Ordering::Relaxed);
        self.at += count;
    }

    /// The record is whole.
    #[inline(always)]
    pub(super) fn publish(self) {
        self.lane.tail.0.store(self.at, Ordering::Release);
    }
}
