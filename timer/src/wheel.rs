//! The hierarchical timing wheel: where armed entries wait, sorted just enough.
//!
//! ```text
//!             one slot spans        the level spans
//!   level 0   1 ms                  64 ms             at = tick 130 = 2·64 + 2
//!   level 1   64 ms                 4.1 s
//!   level 2   4.1 s                 4.4 min           tick  133 →  level 0, slot 5   (2·64 + 5: same digit above)
//!   level 3   4.4 min               4.7 h             tick  200 →  level 1, slot 3   (3·64 + 8)
//!   ...                                               tick 9000 →  level 2, slot 2   (2·4096 + 12·64 + 40)
//!   level 7   139 years             8,920 years
//! ```
//!
//! Write a tick as eight digits of base 64, and *at*, the tick the wheel stands at, beside it. The level of an entry is the
//! place of the highest digit in which the two differ; its slot is the entry's digit there. Every slot of a level lies
//! therefore after *at*, no slot is ever used for two rounds at once, and all of level 0 comes before all of level 1, and
//! so on: the earliest slot is found in eight looks at a bitmap. When the wheel comes to a slot of a higher level, it
//! spreads its entries over the levels below (it *cascades*). An entry is touched at most eight times in its life.
//!
//! # Invariants
//!
//! * `WHEEL-1`: *at* is at or before the present rounded up, and every record lies at or after *at*.
//! * `WHEEL-2`: a slot above level 0 whose span contains *at* is a cascade that was interrupted; it is finished before
//!   anything else is fired.
//! * `WHEEL-3`: nothing is fired before its slot has come up, and a level 0 slot holds one tick. Firing goes slot by slot,
//!   hence in the order of ticks, and first come first served within one.
//! * `WHEEL-4`: every record lies in the slot of its deadline, seen from *at*, or in one that is being cascaded.
//!
//! Rejected: a heap. It costs log n at every insert and every removal; a wheel costs a shift
//! and the end of a list, which pays since most delays are timeouts that are cancelled long before they are due.

use std::task::Waker;

use crate::clock::{HORIZON, TICK, tick_after, tick_before};
use crate::entry::{Key, Links, NONE, State, Table};
use crate::level::{Level, SLOTS};

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

const DIGIT_BITS: u32 = SLOTS.trailing_zeros();

/// Seven digits hold 139 years of ticks, and time ends after 250 (`CLOCK-2`): no deadline is beyond the wheel.
const LEVELS: usize = 8;
const _: () = assert!(HORIZON / TICK < 1 << (LEVELS as u32 * DIGIT_BITS));

/// What a turn came to.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The budget is spent: unlock, wake, and come back.
    More,
    /// Everything due has fired. The tick at which the next slot comes up, if any.
    Done(Option<u64>),
}

/// What a poll finds.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The deadline is still to come, and the waker will be woken then.
    Armed,
    /// The same, with another waker: come back with a clone of this one.
    OtherWaker,
    /// The deadline has come.
    Elapsed,
    /// The timer was shut down before it came.
    Stopped,
}

/// What another deadline comes to.
#[must_use]
#[derive(Debug)]
pub(crate) enum Reset {
    Moved,
    /// The deadline has come: the entry has fired, and its waker is to be woken.
    Due(Option<Waker>),
    Over,
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
    table: Table,
    /// Records in all slots.
    armed: usize,
}

/// The digit of `tick` that counts at `level`.
fn digit(tick: u64, level: usize) -> usize {
    (tick >> (level as u32 * DIGIT_BITS)) as usize % SLOTS
}

impl Wheel {
    pub(crate) fn new() -> Self {
        let levels = (0..LEVELS).map(|_| Level::new()).collect();
        Self { at: 0, levels, table: Table::default(), armed: 0 }
    }

    pub(crate) fn armed(&self) -> usize {
        self.armed
    }

    /// True if an entry may be filed at `tick`; false if that was passed already. `now` is a tick that has come.
    #[must_use]
    pub(crate) fn admits(&mut self, tick: u64, now: u64) -> bool {
        if self.armed == 0 {
            self.at = self.at.max(now); // an empty wheel turns for free
        }
        tick >= self.at
    }

    // The owner's side.

    /// Files a new record. The wheel must admit its tick.
    pub(crate) fn arm(&mut self, deadline: u64, waker: Waker) -> Key {
        let key = self.table.insert(deadline, waker);
        self.file(key, deadline);
        key
    }

    // ANCHOR: timer-wheel-register
    /// Sees to it that `waker` is the one that will be woken. To clone it is the user's code and not for this place, under
    /// the lock: the caller comes back with a clone in `spare`, and finds the old one there, to be dropped without the lock.
    /// The entry may have fired meanwhile. A record that is over is removed.
    pub(crate) fn register(&mut self, key: Key, waker: &Waker, spare: &mut Option<Waker>) -> Found {
        let entry = &mut self.table[key];
        match entry.state {
            // The new waker gets into an entry that wakes nobody any more: the task sleeps for ever.
            #[cfg(bug_timer_blind_register)]
            _ if spare.is_some() => {}
            State::Armed => {}
            state => {
                self.table.remove(key);
                return if state == State::Fired { Found::Elapsed } else { Found::Stopped };
            }
        }
        if entry.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            return Found::Armed;
        }
        if spare.is_none() {
            return Found::OtherWaker;
        }
        std::mem::swap(&mut entry.waker, spare);
        Found::Armed
    }
    // ANCHOR_END: timer-wheel-register

    // ANCHOR: timer-wheel-reset
    /// Sets another deadline, if the entry is armed; a record that is over is removed. Both times in nanoseconds; `now` was
    /// read a moment ago.
    pub(crate) fn reset(&mut self, key: Key, deadline: u64, now: u64) -> Reset {
        if self.state(key) != State::Armed {
            #[cfg(bug_timer_lost_reset)]
            {
                self.table[key].deadline = deadline;
                return Reset::Moved; // its owner waits for an entry that lies in no slot
            }
            #[cfg(not(bug_timer_lost_reset))]
            {
                self.table.remove(key);
                return Reset::Over;
            }
        }
        if deadline <= now || !self.admits(tick_after(deadline), tick_before(now)) {
            return Reset::Due(self.end(key, State::Fired));
        }
        self.unlink(self.table[key].links);
        self.table[key].deadline = deadline;
        self.file(key, deadline);
        Reset::Moved
    }
    // ANCHOR_END: timer-wheel-reset

    /// Takes a record away, armed or not; its waker, if it has one, is to be dropped without the lock.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        #[cfg(not(bug_timer_blind_cancel))] // its slot goes on to name it, and fires whoever gets the key next
        if self.state(key) == State::Armed {
            self.unlink(self.table[key].links);
        }
        self.table.remove(key)
    }

    pub(crate) fn state(&self, key: Key) -> State {
        self.table[key].state
    }

    // The driver's side.

    // ANCHOR: timer-wheel-file
    /// Puts an armed record into the slot of its deadline.
    fn file(&mut self, key: Key, deadline: u64) {
        let tick = tick_after(deadline);
        debug_assert!(tick >= self.at, "WHEEL-1");
        // The highest digit that differs; if none does, the lowest.
        let level = (((self.at ^ tick) | 1).ilog2() / DIGIT_BITS) as usize;
        let slot = digit(tick, level);
        let previous = self.levels[level].push(slot, key);
        self.table[key].links = Links { slot: (level * SLOTS + slot) as u16, previous, next: NONE };
        if previous != NONE {
            self.table[previous].links.next = key;
        }
        self.armed += 1;
    }
    // ANCHOR_END: timer-wheel-file

    fn unlink(&mut self, links: Links) {
        let slot = usize::from(links.slot);
        self.levels[slot / SLOTS].unlink(slot % SLOTS, links, &mut self.table);
        self.armed -= 1;
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
            let slot = self.levels[level].first_occupied()?;
            Some(Place { level, slot, start: self.start_of(level, slot) })
        })
    }

    /// The first tick of a slot: the digits of *at* above, the slot's number, zeros below. Not before *at*.
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * DIGIT_BITS;
        let above = self.at >> (shift + DIGIT_BITS) << (shift + DIGIT_BITS);
        (above | (slot as u64) << shift).max(self.at)
    }

    fn keys(&self, level: usize, slot: usize) -> impl Iterator<Item = Key> + '_ {
        self.levels[level].keys(slot, &self.table)
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
                    return Turn::Done(self.next_place().map(|place| place.start));
                }
            }
            if budget == 0 {
                return Turn::More;
            }
        }
    }
    // ANCHOR_END: timer-wheel-turn

    // ANCHOR: timer-wheel-cascade
    /// Spreads a slot of a higher level, whose span has begun, over the levels below.
    fn cascade(&mut self, place: Place, budget: &mut usize) {
        while *budget > 0 {
            let Some(key) = self.keys(place.level, place.slot).next() else { return };
            *budget -= 1;
            // At the slot's digit *at* and the deadline agree now, so the level is a lower one: this comes to an end.
            self.unlink(self.table[key].links);
            self.file(key, self.table[key].deadline);
        }
    }
    // ANCHOR_END: timer-wheel-cascade

    /// Passes once over a level 0 slot and fires what is due.
    fn fire_slot(&mut self, place: Place, due: u64, budget: &mut usize, wakers: &mut Vec<Waker>) {
        let mut next = self.keys(0, place.slot).next().unwrap_or(NONE);
        while next != NONE && *budget > 0 {
            let key = next;
            next = self.table[key].links.next;
            *budget -= 1;
            // On a paused clock the rest of the tick is still to come.
            if self.table[key].deadline <= due {
                wakers.extend(self.end(key, State::Fired));
            }
        }
    }

    /// Ends an armed entry. It has a waker (`ENTRY-2`).
    fn end(&mut self, key: Key, state: State) -> Option<Waker> {
        self.unlink(self.table[key].links);
        let entry = &mut self.table[key];
        entry.state = state;
        entry.waker.take()
    }

    /// The earliest deadline, in nanoseconds.
    ///
    /// Looks at whole slots, so it is for callers with time: the paused clock, and the curious.
    pub(crate) fn earliest(&self) -> Option<u64> {
        let mut best = u64::MAX;
        for level in 0..LEVELS {
            if let Some(slot) = self.levels[level].first_occupied()
                && self.start_of(level, slot) <= tick_after(best)
            {
                best = self.keys(level, slot).map(|key| self.table[key].deadline).fold(best, u64::min);
            }
        }
        (self.armed > 0).then_some(best)
    }

    /// Ends every entry with `Stopped`, in no particular order, and returns their wakers.
    pub(crate) fn stop(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(Place { level, slot, .. }) = self.next_place() {
            let key = self.keys(level, slot).next().expect("the bitmap says so");
            wakers.extend(self.end(key, State::Stopped));
        }
        wakers
    }
}

#[cfg(test)]
impl Wheel {
    /// How many records there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.table.capacity()
    }
}
