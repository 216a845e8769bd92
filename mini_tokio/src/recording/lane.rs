//! [`Lane`]: a ring of bytes between the one thread that records into it and the one that drains it.
//!
//! ```text
//!        head                        tail
//!   ......│ record record record ...   │..........   positions count bytes up for ever;
//!         └ drained up to here         └ published    a byte stands in the cell at `position % size`
//! ```
//!
//! A *record* is some bytes, mostly fewer than eight, and appears as a whole: its bytes are written first, then the tail moves
//! over all of them.
//!
//! # Invariants
//!
//! * `LANE-1` One thread at a time writes (whoever holds the worker's core, or the lock of the outside lane), and one at a time
//!   drains (whoever holds the recorder's lock). Each side finds its own last store by the hand-over of core or lock.
//! * `LANE-2` Bytes from `head` to `tail` do not change; bytes elsewhere are not read. The writer always stores [`STORE`] bytes
//!   at once, of which those behind the record are nobody's: so a full lane is two stores short of its size.
//! * `LANE-3` The last [`STORE`] cells stand behind the ring: what is stored across its end falls there, and is stored again at
//!   the ring's beginning.
//!
//! # Cache lines
//!
//! Whoever drains has the ring's lines in the cache of another core, and the writer, who comes to them a lap later, must have each
//! of them back. The store itself would not wait for that; but the next locked instruction does, and the scheduler has two in each
//! poll. So the writer asks for a line long before it writes there.
//!
//! # Ordering
//!
//! The tail's Release, with the Acquire in [`Lane::published`]: who sees the tail sees the bytes below it. The head's
//! Release, with the Acquire in [`Lane::room`]: who sees the room has the drainer's reads behind him.
//!
//! Rejected: a lock a lane and an event enum in a vector, which was here before: 370 instructions an event. Words of 64 bits as
//! records, which came next: 64 bytes for a task that yields once, of which each is moved, summed and written to a file. Bytes
//! within atomic words: a record lies across two of them, which takes three times the instructions of a store anywhere.

use std::ops::Range;
use std::ptr::NonNull;

#[cfg(not(loom))]
use memmap2::MmapMut;

use crate::shim::{AtomicU64, Ordering, UnsafeCell};

#[cfg(all(test, loom))]
mod model;

/// So many bytes are stored at once.
const STORE: u64 = 8;

/// So far before they are written, bytes are asked for: some fifty records.
const AHEAD: usize = 256;

/// In a lane's memory: where the ring begins, behind its two ends.
#[cfg(not(loom))]
const ENDS: usize = 2 * size_of::<Apart<u64>>();

/// What one side writes, away from what the other does.
#[repr(align(128))]
struct Apart<T>(T);

// ANCHOR: recording-ring
/// A lane's memory. All zeros it is an empty one. In the file of [`lanes`](super::lanes) it looks like this, too.
#[repr(C)]
struct Ring<B: ?Sized = [UnsafeCell<u8>]> {
    /// The writer's: written by it, read by the drainer.
    tail: Apart<AtomicU64>,
    /// The drainer's.
    head: Apart<AtomicU64>,
    /// The ring, and [`STORE`] more (LANE-3).
    bytes: B,
}

pub(super) struct Lane {
    ring: NonNull<Ring>,
    /// Where `ring` lies.
    #[cfg(not(loom))]
    _memory: MmapMut,
}

// SAFETY: a byte is written by one thread at a time (LANE-1), and read only where nobody writes (LANE-2).
unsafe impl Send for Lane {}
// SAFETY: the same.
unsafe impl Sync for Lane {}

impl Lane {
    /// So much memory has a lane of `size` bytes.
    #[cfg(not(loom))]
    pub(super) const fn memory(size: usize) -> usize {
        (ENDS + size + STORE as usize).next_multiple_of(align_of::<Apart<u64>>())
    }

    /// `size`: how many bytes it has, a power of two. `memory`: of so many bytes as [`Lane::memory`] says, all zeros.
    #[cfg(not(loom))]
    pub(super) fn new(size: usize, mut memory: MmapMut) -> Self {
        assert!(size.is_power_of_two() && size as u64 > 2 * STORE && memory.len() >= Self::memory(size));
        let start = memory.as_mut_ptr().cast::<UnsafeCell<u8>>();
        let ring = std::ptr::slice_from_raw_parts_mut(start, size + STORE as usize) as *mut Ring;
        Self { ring: NonNull::new(ring).expect("memory is nowhere null"), _memory: memory }
    }

    #[inline(always)]
    fn ring(&self) -> &Ring {
        // SAFETY: the memory is as long as the ring, begins at a page, is valid all zeros, and lives as long as the lane. All that
        // is changed in it is atomic or in a cell.
        unsafe { self.ring.as_ref() }
    }

    #[inline(always)]
    pub(super) fn size(&self) -> u64 {
        self.ring().bytes.len() as u64 - STORE
    }

    /// The cell of a byte within the ring.
    #[inline(always)]
    fn place(&self, position: u64) -> usize {
        (position & (self.size() - 1)) as usize
    }

    /// Stores `bytes`, lowest first, from `place` on.
    ///
    /// # Safety
    /// The caller is the writer, nobody reads these bytes, and `place` is one of the ring.
    #[inline(always)]
    unsafe fn store(&self, place: usize, bytes: u64) {
        // SAFETY: `STORE` cells stand behind the last place (LANE-3).
        let cells = unsafe { self.ring().bytes.get_unchecked(place..place + STORE as usize) };
        let bytes = bytes.to_le_bytes();
        // SAFETY: the cells are in a row, so many, and to be written, as the caller promises.
        #[cfg(not(loom))]
        unsafe {
            cells.as_ptr().cast_mut().cast::<[u8; STORE as usize]>().write(bytes);
        }
        #[cfg(loom)]
        for (cell, byte) in cells.iter().zip(bytes) {
            // SAFETY: as the caller promises.
            cell.with_mut(|cell| unsafe { *cell = byte });
        }
    }

    // ANCHOR: recording-ask
    /// Has the processor fetch what will be written soon, to write: see the file's first lines. A hint, and no access.
    #[inline(always)]
    fn ask_for(&self, place: usize) {
        #[cfg(all(target_arch = "x86_64", not(loom)))]
        {
            let cell = self.ring().bytes.as_ptr().wrapping_add(place);
            // SAFETY: it changes nothing, and any address will do. (There is an intrinsic, which for processors of unknown age
            // becomes a fetch to read.)
            unsafe { std::arch::asm!("prefetchw [{}]", in(reg) cell, options(nostack, preserves_flags)) };
        }
        #[cfg(not(all(target_arch = "x86_64", not(loom))))]
        let _ = place;
    }

    /// Stores at the ring's beginning what fell behind its end (LANE-3).
    ///
    /// # Safety
    /// As in `store`.
    #[cold]
    #[inline(never)]
    unsafe fn go_round(&self, place: usize, bytes: u64) {
        let within = self.size() - place as u64;
        // SAFETY: the ring begins at 0; as the caller promises.
        unsafe { self.store(0, bytes >> (8 * within)) };
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
        self.ring().tail.0.load(Ordering::Relaxed)
    }

    /// The writer: what begins before can be stored in one piece, until the ring has been gone round.
    pub(super) fn lap_to(&self) -> u64 {
        let (size, end) = (self.size(), self.end());
        (end & !(size - 1)) + size - STORE + 1
    }

    /// The writer: a record that begins before [`lap_to`](Self::lap_to), of the lowest `count` bytes of `bytes`. There must be
    /// room for it.
    #[inline(always)]
    pub(super) fn put_in_one_piece(&self, bytes: u64, count: u64) {
        let end = self.end();
        let place = self.place(end);
        // SAFETY: there is only one writer, and nothing from the end on is published (LANE-2).
        unsafe { self.store(place, bytes) };
        self.ask_for(place + AHEAD);
        self.ring().tail.0.store(end + count, Ordering::Release);
    }

    /// The writer: how many bytes fit.
    pub(super) fn room(&self) -> u64 {
        let head = self.ring().head.0.load(Ordering::Acquire);
        (self.size() - 2 * STORE).saturating_sub(self.end() - head)
    }

    /// The drainer: the bytes that can be read are those at the positions of this range.
    pub(super) fn published(&self) -> Range<u64> {
        let tail =
            self.ring().tail.0.load(if cfg!(bug_lane_relaxed_tail) { Ordering::Relaxed } else { Ordering::Acquire });
        self.ring().head.0.load(Ordering::Relaxed)..tail
    }

    /// The drainer: appends bytes within what is published: in two runs, if the ring ends in between.
    pub(super) fn copy(&self, mut range: Range<u64>, out: &mut Vec<u8>) {
        while !range.is_empty() {
            let from = self.place(range.start);
            let count = (range.end - range.start).min(self.size() - from as u64);
            let cells = &self.ring().bytes[from..from + count as usize];
            // SAFETY: published bytes do not change before they are released (LANE-2).
            out.extend(cells.iter().map(|cell| cell.with(|byte| unsafe { *byte })));
            range.start += count;
        }
    }

    /// The drainer: has read all before `position`, and gives the room back.
    pub(super) fn release(&self, position: u64) {
        self.ring().head.0.store(position, Ordering::Release);
    }
}

/// Writes one record.
pub(super) struct Pen<'a> {
    lane: &'a Lane,
    at: u64,
}

impl Pen<'_> {
    /// Writes the lowest `count` bytes of `bytes`, which are at most eight.
    #[inline(always)]
    pub(super) fn put(&mut self, bytes: u64, count: u64) {
        let (place, size) = (self.lane.place(self.at), self.lane.size());
        // SAFETY: there is only one pen, and nothing from its position on is published (LANE-2).
        unsafe { self.lane.store(place, bytes) };
        if place as u64 > size - STORE {
            // SAFETY: the same, and these are the bytes behind those.
            unsafe { self.lane.go_round(place, bytes) };
        }
        self.at += count;
    }

    /// The record is whole.
    #[inline(always)]
    pub(super) fn publish(self) {
        self.lane.ring().tail.0.store(self.at, Ordering::Release);
    }
}

/// A lane's memory in which nobody writes any more.
#[cfg(not(loom))]
pub(super) struct Left<'a> {
    tail: u64,
    ring: &'a [u8],
}

#[cfg(not(loom))]
impl<'a> Left<'a> {
    /// `memory`: that of a lane of `size` bytes.
    pub(super) fn new(memory: &'a [u8], size: usize) -> Option<Self> {
        let tail = u64::from_ne_bytes(*memory.first_chunk()?);
        Some(Self { tail, ring: memory.get(ENDS..)?.get(..size)? })
    }

    /// The bytes from `position` on; None if they do not stand there any more, or never did.
    pub(super) fn since(&self, position: u64) -> Option<Vec<u8>> {
        let (size, count) = (self.ring.len(), usize::try_from(self.tail.checked_sub(position)?).ok()?);
        let from = position as usize % size.max(1);
        (count <= size).then(|| self.ring.iter().cycle().skip(from).take(count).copied().collect())
    }
}
