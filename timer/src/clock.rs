//! The clock of one timer: the machine's monotonic clock, or a frozen one that only moves when it is told to.
//!
//! Inside the crate an instant is a number of nanoseconds since the timer was made (its *origin*), because a number fits
//! in an atomic word and an `Instant` does not. The wheel counts in ticks of one millisecond; [`tick_after`] rounds up and
//! [`tick_before`] rounds down, and that pair is the whole secret of never being early.
//!
//! ```text
//!              tick 7             tick 8             tick 9
//!   ─────────────┼──────────────────┼──────────────────┼────────►  nanoseconds since the origin
//!                     ▲ deadline    ▲ filed under          ▲ now
//!                       7.3 ms        tick_after = 8         tick_before = 9: ticks up to 9 are due
//! ```
//!
//! # Invariants
//!
//! * `CLOCK-1`: the clock never goes back. Pausing freezes it, resuming goes on from the frozen instant.
//! * `CLOCK-2`: a paused clock never passes `HORIZON` (250 years after the origin), the end of time. A deadline beyond is
//!   clamped to it, so it comes there; `advance` refuses to go further. What a program that means "never" sleeps is 30 years, as
//!   with tokio: on a paused clock eight of these take their time, one after the other, a ninth is cut short, and later ones are
//!   over at once. (tokio's clock goes on for longer than anybody tests.)
//! * `CLOCK-3`: the word changes under the timer's lock only, hence plain stores are enough.
//! * `CLOCK-4`: the flag of the process is set before any word is, and stays set. While it is not, every clock is the
//!   machine's.
//!
//! # Ordering
//!
//! Every access is Relaxed: neither the word nor the flag publishes other memory. A thread that is told of an `advance` by
//! any synchronising means also sees the word (coherence); one that is not told may as well have read the clock a little
//! earlier.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::error::ClockError;

/// Nanoseconds in a tick.
pub(crate) const TICK: u64 = 1_000_000;

/// The end of time, in nanoseconds since the origin. 63 bits hold 42 years more: a clock that was advanced to its end and
/// resumed stays in its word for that long. See `CLOCK-2`.
pub(crate) const HORIZON: u64 = 250 * 365 * 86_400 * 1000 * TICK;

/// See `CLOCK-4`.
static WAS_PAUSED: AtomicBool = AtomicBool::new(false);

const PAUSED: u64 = 1;

/// The bits of a time.
const TIME: u64 = u64::MAX >> 1;

// ANCHOR: timer-clock-flag
/// False as long as no clock of this process was paused, as in every program that is no test. All of them show what
/// `Instant::now` does then, so that who asks this first need not look for a timer.
#[inline]
pub fn was_any_clock_paused() -> bool {
    WAS_PAUSED.load(Relaxed)
}
// ANCHOR_END: timer-clock-flag

/// The tick at or after `nanos`: where a deadline is filed.
pub(crate) fn tick_after(nanos: u64) -> u64 {
    nanos.div_ceil(TICK)
}

/// The tick at or before `nanos`: how far the wheel may turn.
pub(crate) fn tick_before(nanos: u64) -> u64 {
    nanos / TICK
}

/// Real or paused time, counted from an origin.
pub(crate) struct Clock {
    origin: Instant,
    /// Bit 0 says whether the clock is paused. The other 63 bits are the frozen time if it is, and else how far the clock
    /// is ahead of the machine's, modulo 2^63. A clock that was never paused is therefore 0.
    word: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now(), word: AtomicU64::new(0) }
    }

    pub(crate) fn now(&self) -> Instant {
        if was_any_clock_paused() { self.instant(self.nanos_now()) } else { Instant::now() }
    }

    /// The present, in nanoseconds since the origin.
    pub(crate) fn nanos_now(&self) -> u64 {
        let word = self.word.load(Relaxed);
        if word & PAUSED != 0 { word >> 1 } else { self.nanos(Instant::now()).wrapping_add(word >> 1) & TIME }
    }

    /// `instant` in nanoseconds since the origin; clamped to 0 and to `HORIZON` (`CLOCK-2`).
    pub(crate) fn nanos(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.origin);
        // A u64 of nanoseconds holds 584 years of seconds and any fraction; beyond, the first factor saturates.
        since.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(since.subsec_nanos())).min(HORIZON)
    }

    pub(crate) fn instant(&self, nanos: u64) -> Instant {
        self.origin + Duration::from_nanos(nanos)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.word.load(Relaxed) & PAUSED != 0
    }

    /// Freezes the present. Under the timer's lock.
    pub(crate) fn pause(&self) -> Result<(), ClockError> {
        if self.is_paused() {
            return Err(ClockError::AlreadyPaused);
        }
        WAS_PAUSED.store(true, Relaxed);
        self.set(self.nanos_now());
        Ok(())
    }

    /// Lets time flow on from the frozen present. Under the timer's lock.
    pub(crate) fn resume(&self) -> Result<(), ClockError> {
        let word = self.word.load(Relaxed);
        if word & PAUSED == 0 {
            return Err(ClockError::NotPaused);
        }
        self.word.store((word >> 1).wrapping_sub(self.nanos(Instant::now())) << 1, Relaxed);
        Ok(())
    }

    /// Moves the frozen present forward to `nanos`, never back (`CLOCK-1`). Paused only, under the timer's lock.
    pub(crate) fn move_to(&self, nanos: u64) {
        let word = self.word.load(Relaxed);
        debug_assert!(word & PAUSED != 0, "only a paused clock is moved by hand");
        self.set(nanos.max(word >> 1));
    }

    fn set(&self, nanos: u64) {
        self.word.store(nanos << 1 | PAUSED, Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_rounds_up_and_the_present_rounds_down() {
        assert_eq!((tick_after(0), tick_after(1), tick_after(TICK), tick_after(TICK + 1)), (0, 1, 1, 2));
        assert_eq!((tick_before(0), tick_before(TICK - 1), tick_before(TICK)), (0, 0, 1));
    }

    #[test]
    fn a_paused_clock_stands_still_and_goes_on_from_there() {
        let clock = Clock::new();
        clock.pause().unwrap();
        assert_eq!(clock.pause(), Err(ClockError::AlreadyPaused));
        let frozen = clock.now();
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(clock.now(), frozen);
        clock.move_to(clock.nanos(frozen) + 5);
        assert_eq!(clock.now(), frozen + Duration::from_nanos(5));
        clock.resume().unwrap();
        assert_eq!(clock.resume(), Err(ClockError::NotPaused));
        let behind = Instant::now() - clock.now();
        assert!(behind >= Duration::from_micros(1900), "the two frozen milliseconds were not counted: {behind:?}");
    }

    #[test]
    fn the_clock_runs_ahead_of_the_machine_after_an_advance() {
        let clock = Clock::new();
        clock.pause().unwrap();
        clock.move_to(clock.nanos_now() + 3600 * 1000 * TICK);
        clock.resume().unwrap();
        assert!(clock.now() - Instant::now() > Duration::from_secs(3590));
    }

    #[test]
    fn instants_outside_the_clock_are_clamped() {
        let clock = Clock::new();
        assert_eq!(clock.nanos(clock.origin - Duration::from_secs(1)), 0);
        assert_eq!(clock.nanos(clock.origin + Duration::from_secs(1 << 40)), HORIZON);
        assert_eq!(clock.nanos(clock.instant(12_345)), 12_345);
    }
}
