//! The hierarchical timing wheel: where armed entries wait, sorted just enough.
//!
//! ```text
//!             one slot spans        the level spans
//!   level 0   1 ms                  64 ms             at = tick 130 = 2·64 + 2
//!   level 1   64 ms                 4.1 s
//!   level 2   4.1 s                 4.4 min           tick  133 →  level 0, slot 5   (2·64 + 5: same digit above)
//!   level 3   4.4 min               4.7 h             tick  200 →  level 1, slot 3   (3·64 + 8)
//!   ...                                               tick 9000 →  level 2, slot 2   (2·4096 + 12·64 + 40)
//!   level 6   2.2 years             139 years
//! ```
//!
//! Write a tick as seven digits of base 64, and *at*, the tick the wheel stands at, beside it. The level of an entry is the
//! place of the highest digit in which the two differ; its slot is the entry's digit there. Every slot of a level lies
//! therefore after *at*, no slot is ever used for two rounds at once, and all of level 0 comes before all of level 1, and
//! so on: the earliest slot is found in seven looks at a bitmap. When the wheel comes to a slot of a higher level, it
//! spreads its entries over the levels below (it *cascades*). An entry is touched at most seven times in its life.
//!
//! # Invariants
//!
//! * `WHEEL-1`: *at* is at or before the present rounded up, and every record lies at or after *at*.
//! * `WHEEL-2`: a slot above level 0 whose span contains *at* is a cascade that was interrupted; it is finished before
//!   anything else is fired.
//! * `WHEEL-3`: nothing is fired before its slot has come up, and a level 0 slot holds one tick. Firing goes slot by slot,
//!   hence in the order of ticks, and first come first served within one.
//! * `WHEEL-4`: a record lies in the slot of its entry's deadline or in an earlier one (the deadline was postponed, see
//!   `ENTRY-3`). So the earliest slot says when to look, not that there is something to fire.
//!
//! Rejected: a heap. It costs log n at every insert and needs an index in each entry to remove one; a wheel costs a shift
//! and a push, which pays since most delays are timeouts that are cancelled long before they are due.

use std::sync::Arc;
use std::task::Waker;

use crate::clock::{HORIZON, TICK, tick_after};
use crate::entry::{End, Entry, Fire};
use crate::level::{Level, SLOTS};

#[cfg(test)]
mod tests;

const DIGIT_BITS: u32 = SLOTS.trailing_zeros();

/// Seven digits hold 139 years of ticks, and the clock ends after 73 (`CLOCK-2`): no deadline is beyond the wheel.
const LEVELS: usize = 7;
const _: () = assert!(HORIZON / TICK < 1 << (LEVELS as u32 * DIGIT_BITS));

/// At least this many records are looked at in a sweep, which then stops at the end of a slot.
const SWEEP_STEP: usize = 2048;

/// What a turn came to.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The budget is spent: unlock, wake, and come back.
    More,
    /// Everything due has fired. The tick at which the next slot comes up, if any.
    Done(Option<u64>),
}

/// A slot, and the first tick it stands for.
#[derive(Debug, Clone, Copy)]
struct Place {
    level: usize,
    slot: usize,
    start: u64,
}

pub(crate) struct Wheel {
    /// The tick the wheel stands at.
    at: u64,
    levels: Vec<Level>,
    /// Records in all slots, dead ones included.
    pub(crate) filed: usize,
    /// Dead records dropped since the timer last asked.
    reaped: usize,
    /// Entries fired, in all.
    pub(crate) fired: usize,
    /// The slot (counted through all levels) at which the next sweep goes on.
    broom: usize,
}

/// The digit of `tick` that counts at `level`.
fn digit(tick: u64, level: usize) -> usize {
    (tick >> (level as u32 * DIGIT_BITS)) as usize % SLOTS
}

impl Wheel {
    pub(crate) fn new() -> Self {
        let levels = (0..LEVELS).map(|_| Level::new()).collect();
        Self { at: 0, levels, filed: 0, reaped: 0, fired: 0, broom: 0 }
    }

    /// Dead records dropped since the last call.
    pub(crate) fn take_reaped(&mut self) -> usize {
        std::mem::take(&mut self.reaped)
    }

    /// True if an entry may be filed at `tick`; false if that was passed already. `now` is a tick that has come.
    #[must_use]
    pub(crate) fn admits(&mut self, tick: u64, now: u64) -> bool {
        if self.filed == 0 {
            self.at = self.at.max(now); // an empty wheel turns for free
        }
        tick >= self.at
    }

    // ANCHOR: timer-wheel-file
    /// Files an armed entry. The wheel must admit it.
    pub(crate) fn file(&mut self, entry: Arc<Entry>, tick: u64) {
        debug_assert!(tick >= self.at, "WHEEL-1");
        // The highest digit that differs; if none does, the lowest.
        let level = (((self.at ^ tick) | 1).ilog2() / DIGIT_BITS) as usize;
        self.levels[level].push(digit(tick, level), entry);
        self.filed += 1;
    }
    // ANCHOR_END: timer-wheel-file

    fn unfile(&mut self, place: Place) -> Option<Arc<Entry>> {
        let entry = self.levels[place.level].pop(place.slot)?;
        self.filed -= 1;
        Some(entry)
    }

    /// The earliest occupied slot.
    fn next_place(&self) -> Option<Place> {
        for level in (1..LEVELS).rev() {
            let slot = digit(self.at, level);
            if self.levels[level].is_occupied(slot) {
                return Some(Place { level, slot, start: self.at }); // WHEEL-2
            }
        }
        (0..LEVELS).find_map(|level| {
            let slot = self.levels[level].first_from(digit(self.at, level))?;
            Some(Place { level, slot, start: self.start_of(level, slot) })
        })
    }

    /// The first tick of a slot: the digits of *at* above, the slot's number, zeros below. Not before *at*.
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * DIGIT_BITS;
        let above = self.at >> (shift + DIGIT_BITS) << (shift + DIGIT_BITS);
        (above | (slot as u64) << shift).max(self.at)
    }

    // ANCHOR: timer-wheel-turn
    /// Turns the wheel to `tick`, firing what has its deadline (in nanoseconds) at or before `due`. `due` lies in the span
    /// of `tick` or at its end: on a real clock a whole tick fires, on a paused one the part whose deadline has come.
    /// Touches at most `budget` records before it returns, so that the lock is not held for long.
    pub(crate) fn turn(&mut self, tick: u64, due: u64, mut budget: usize, wakers: &mut Vec<Waker>) -> Turn {
        debug_assert!(tick_after(due) == tick, "the caller's `due` is in another tick");
        loop {
            let place = match self.next_place() {
                Some(place) if place.start <= tick => place,
                later => {
                    self.at = self.at.max(tick); // no occupied slot is skipped, so every record keeps its place
                    return Turn::Done(later.map(|place| place.start));
                }
            };
            self.at = place.start;
            if place.level > 0 {
                self.cascade(place, &mut budget);
            } else {
                self.fire_slot(place, due, &mut budget, wakers);
                if place.start == tick && budget > 0 {
                    // What is left in the slot, if anything, is in this tick but after `due`.
                    let next = self.next_place();
                    return Turn::Done(next.map(|place| place.start));
                }
            }
            if budget == 0 {
                return Turn::More;
            }
        }
    }
    // ANCHOR_END: timer-wheel-turn

    // ANCHOR: timer-wheel-cascade
    /// Spreads a slot of a higher level, whose span has begun, over the levels below. Drops the dead on the way.
    fn cascade(&mut self, place: Place, budget: &mut usize) {
        while *budget > 0 {
            let Some(entry) = self.unfile(place) else { return };
            *budget -= 1;
            match entry.deadline() {
                // At the slot's digit *at* and the deadline agree now, so the level is a lower one: this comes to an end.
                Some(deadline) => self.file(entry, tick_after(deadline).max(self.at)),
                None => self.reaped += 1,
            }
        }
    }
    // ANCHOR_END: timer-wheel-cascade

    /// Passes once over a level 0 slot, fires what is due and files the rest again.
    fn fire_slot(&mut self, place: Place, due: u64, budget: &mut usize, wakers: &mut Vec<Waker>) {
        let records = self.levels[0].slot(place.slot).len();
        for _ in 0..records {
            if *budget == 0 {
                return;
            }
            let Some(entry) = self.unfile(place) else { return };
            *budget -= 1;
            match entry.fire(due, End::Fired) {
                Fire::Ended(waker) => {
                    self.fired += 1;
                    wakers.extend(waker);
                }
                // Postponed (`WHEEL-4`); or, on a paused clock, later in this tick: back to the end of the same slot.
                Fire::Later(deadline) => self.file(entry, tick_after(deadline).max(self.at)),
                Fire::Dead => self.reaped += 1,
            }
        }
    }

    /// The earliest deadline of a live entry, in nanoseconds. Deadlines at the horizon do not count: they never come.
    ///
    /// Looks at whole slots, so it is for callers with time: the paused clock, and the curious.
    pub(crate) fn earliest(&self) -> Option<u64> {
        let mut best = HORIZON;
        for level in 0..LEVELS {
            let mut from = 0;
            while let Some(slot) = self.levels[level].first_from(from) {
                if self.start_of(level, slot) > tick_after(best) {
                    break; // later slots begin later still (a deadline is never before its slot, `WHEEL-4`)
                }
                let deadlines = self.levels[level].slot(slot).iter().filter_map(|entry| entry.deadline());
                best = deadlines.fold(best, u64::min);
                from = slot + 1;
                if from == SLOTS {
                    break;
                }
            }
        }
        (best < HORIZON).then_some(best)
    }

    /// Drops dead records for a bounded while, going on where the last sweep stopped.
    pub(crate) fn sweep(&mut self) {
        let mut looked_at = 0;
        for _ in 0..LEVELS * SLOTS {
            let (level, slot) = (self.broom / SLOTS, self.broom % SLOTS);
            self.broom = (self.broom + 1) % (LEVELS * SLOTS);
            if !self.levels[level].is_occupied(slot) {
                continue;
            }
            let (looked, dropped) = self.levels[level].sweep(slot);
            self.filed -= dropped;
            self.reaped += dropped;
            looked_at += looked;
            if looked_at >= SWEEP_STEP {
                break;
            }
        }
    }

    /// Ends every entry with `Stopped`, in no particular order, and returns their wakers.
    pub(crate) fn stop(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for level in 0..LEVELS {
            while let Some(slot) = self.levels[level].first_from(0) {
                while let Some(entry) = self.unfile(Place { level, slot, start: self.at }) {
                    match entry.fire(u64::MAX, End::Stopped) {
                        Fire::Ended(waker) => wakers.extend(waker),
                        Fire::Later(_) | Fire::Dead => self.reaped += 1,
                    }
                }
            }
        }
        wakers
    }
}
