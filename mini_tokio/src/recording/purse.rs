//! [`Purse`]: when a lane looks at the clock.
//!
//! A look costs 15 ns or more, as much as all else that a poll's two records cost, and a poll may be over in 60. So a lane
//! *buys* its looks with the time that passes: [`PRICE`] stamps for each. One whose events are farther apart than that looks at
//! each of them that would like to (a poll's end, a spawn: `Look::Mark`). One whose events are closer together leaves looks
//! out. How much time has passed it does not know without a look; so it looks again where, at the pace since its last look, the
//! next one is paid for, and when it has written [`GROUP`] bytes at the latest, which is what some thirty polls take.
//!
//! Sleep pays for [`NAP`] looks at most: else a worker that slept for a millisecond would look at each of the thousand tasks for
//! which it is woken, and they would wait for that.
//!
//! ```text
//!   events that would like to look   |   |   |   |   |   |   |   |          |        |
//!   looks                            ^                           ^          ^        ^
//!                                    └─────── a group ───────────┘          a long poll has paid for the next looks
//! ```
//!
//! A *group* is what stands between two looks if some were left out there. Its two ends are exact; within it the reader shares
//! the time out evenly, and says so ([`Recorded::unsure`](crate::scheduler::event::Recorded::unsure)). A long poll among short
//! ones may thus be taken for thirty of middling length, of which a reader knows only how long they took together. But it
//! pays for many looks, so the next one of its kind is told exactly.
//!
//! What took something from another thread always looks: order depends on it (`EVENT-3`). So does who goes to sleep, so
//! that sleep is no part of a group. When the drain empties a lane it has the lane look at its next mark: what is longer than
//! the time between two drains ends exactly, and what the drain found in the lane had begun by then.
//!
//! Rejected: a look at every so many events, always (a program with long polls would pay nothing for exact times, and not
//! get them); groups of one length (polls that cannot quite pay for a look each share one by thirty, where two or three would
//! do); to look again as soon as a group was long (a long poll every hundred short ones is in a group each time).

use super::refs::Register;

#[cfg(test)]
mod tests;

/// What a look costs, in stamps: on the machine that it was chosen on three microseconds, fifty times what the look and its longer
/// record take.
pub(super) const PRICE: u64 = 8192;
/// A lane that cannot pay looks again after so many bytes at the latest: the look, and thirty polls of three.
pub(super) const GROUP: u64 = 96;
/// So many bytes a look's stamp makes its record longer.
const STAMP: u64 = 2;
/// For how many looks sleep pays, or on the lane of everybody else the time in which nobody records. They are free when nothing is
/// to be done; those who wake a thousand tasks at once would wait for a thousand looks.
const NAP: i64 = 32;
/// For how many looks a lane may save, or be in debt for those that it had to take.
const SAVINGS: i64 = 1024;
const DEBT: i64 = 16;

pub(super) struct Purse {
    price: u64,
    works: bool,
    /// The stamp of the last look, and where in the lane the next group begins.
    time: Register,
    place: Register,
    /// Stamps that have passed and are not spent; two's complement.
    saved: Register,
    /// Where in the lane looks begin again that are left out up to there.
    look_at: Register,
}

impl Purse {
    /// `price`: 0 if every event that would like to look may. `works`: the lane is a worker's, whose time between two looks is work
    /// unless it says that it slept.
    pub(super) fn new(price: u64, works: bool) -> Self {
        Self {
            price,
            works,
            time: Register::default(),
            place: Register::default(),
            saved: Register::default(),
            look_at: Register::default(),
        }
    }

    // ANCHOR: recording-purse
    /// Where in the lane events look that would like to.
    #[inline(always)]
    pub(super) fn look_at(&self) -> u64 {
        self.look_at.get()
    }

    /// The time from the last look to `stamp` was no work.
    #[inline(always)]
    pub(super) fn slept(&self, stamp: u64) {
        let passed = stamp.saturating_sub(self.time.get()) as i64;
        let saved = self.saved.get() as i64;
        let most = saved.max(NAP * self.price as i64);
        self.saved.set(saved.saturating_add(passed).min(most).saturating_sub(passed) as u64);
    }

    /// Somebody looked, `at` a place in the lane. Returns how much later than the last look that was.
    #[inline(always)]
    pub(super) fn looked(&self, stamp: u64, at: u64) -> u64 {
        if !self.works {
            self.slept(stamp);
        }
        // A lane never goes back in time, even if a worker has changed to a thread elsewhere.
        let passed = stamp.saturating_sub(self.time.get());
        self.time.set(self.time.get() + passed);
        let price = self.price as i64;
        let saved = (self.saved.get() as i64).saturating_add(passed as i64) - price;
        let saved = saved.clamp(-DEBT * price, SAVINGS * price);
        self.saved.set(saved as u64);
        let (begin, begins) = (self.place.get(), at + STAMP);
        self.place.set(begins);
        self.look_at.set(if saved >= price {
            0
        } else {
            let (missing, bytes) = ((price - saved) as u64, at.saturating_sub(begin));
            begins + (missing.saturating_mul(bytes) / passed.max(1)).min(GROUP)
        });
        passed
    }

    /// The next event that would like to look does. The drain says so, from another thread: a lane that misses it is none the
    /// worse.
    pub(super) fn look_next(&self) {
        self.look_at.set(0);
    }
}
