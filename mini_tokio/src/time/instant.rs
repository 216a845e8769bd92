//! [`Instant`]: a point in time by the runtime's clock.
//!
//! It is the standard library's instant in a type of its own, for one reason: [`Instant::now`] reads the clock of the
//! runtime, which a test may have stopped. A program that measures with `std::time::Instant` does not notice the pause.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use crate::context;

/// A point in time by the clock of the current runtime.
///
/// The clock is the machine's monotonic one until a test pauses it; see [`pause`](super::pause). Differences that would be
/// negative are zero.
///
/// The interface is that of `tokio::time::Instant`.
#[derive(Clone, Copy, Eq, PartialEq, PartialOrd, Ord, Hash)]
pub struct Instant {
    std: std::time::Instant,
}

impl Instant {
    // ANCHOR: time-now
    /// The present, by the clock of the runtime that is current on this thread; by the machine's if none is.
    ///
    /// ```
    /// use mini_tokio::time::Instant;
    ///
    /// let before = Instant::now();
    /// assert!(Instant::now() >= before);
    /// ```
    pub fn now() -> Instant {
        Instant { std: context::now() }
    }
    // ANCHOR_END: time-now

    /// Wraps an instant of the standard library.
    pub fn from_std(std: std::time::Instant) -> Instant {
        Instant { std }
    }

    /// The instant of the standard library.
    pub fn into_std(self) -> std::time::Instant {
        self.std
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.saturating_duration_since(earlier)
    }

    /// How long after `earlier` this is; `None` if it is before.
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.std.checked_duration_since(earlier.std)
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.std.saturating_duration_since(earlier.std)
    }

    /// How long ago this was, by the clock that [`Instant::now`] reads; zero if it is still to come.
    ///
    /// ```
    /// use mini_tokio::time::{Duration, Instant, sleep};
    ///
    /// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let start = Instant::now();
    /// sleep(Duration::from_secs(3600)).await; // over at once: the clock is paused, and jumps
    /// assert_eq!(start.elapsed(), Duration::from_secs(3600));
    /// # }
    /// ```
    pub fn elapsed(&self) -> Duration {
        Instant::now().saturating_duration_since(*self)
    }

    /// The instant `duration` later; `None` if there is none.
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.std.checked_add(duration).map(Instant::from_std)
    }

    /// The instant `duration` earlier; `None` if there is none.
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.std.checked_sub(duration).map(Instant::from_std)
    }
}

/// So long that nobody waits for it, some thirty years: what stands for a duration that leads beyond the last instant.
pub(super) const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Instant {
        Instant { std }
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> std::time::Instant {
        instant.std
    }
}

/// # Panics
///
/// If there is no such instant. The same holds for the other three operators with a [`Duration`].
impl Add<Duration> for Instant {
    type Output = Instant;

    #[track_caller]
    fn add(self, duration: Duration) -> Instant {
        Instant { std: self.std + duration }
    }
}

impl AddAssign<Duration> for Instant {
    #[track_caller]
    fn add_assign(&mut self, duration: Duration) {
        self.std += duration;
    }
}

/// Zero if the result would be negative.
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    #[track_caller]
    fn sub(self, duration: Duration) -> Instant {
        Instant { std: self.std - duration }
    }
}

impl SubAssign<Duration> for Instant {
    #[track_caller]
    fn sub_assign(&mut self, duration: Duration) {
        self.std -= duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}
