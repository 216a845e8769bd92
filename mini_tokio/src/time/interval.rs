//! [`Interval`]: ticks, one a period.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::alarm::Alarm;
use super::instant::FAR;
use super::{Instant, MissedTickBehavior};
use crate::leaf;

/// Ticks every `period`; the first tick is ready at once.
///
/// A period of more than thirty years is cut to that.
///
/// # Panics
///
/// If `period` is zero. Outside a runtime, or in one that was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// # Examples
///
/// ```
/// use mini_tokio::time::{Duration, Instant, interval};
///
/// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let start = Instant::now();
/// let mut interval = interval(Duration::from_secs(10));
/// for _ in 0..3 {
///     interval.tick().await;
/// }
/// assert_eq!(start.elapsed(), Duration::from_secs(20));
/// # }
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert!(period > Duration::ZERO, "`period` must be non-zero.");
    Interval::new(Instant::now(), period)
}

/// Ticks every `period`; the first tick is at `start`.
///
/// # Panics
///
/// Where [`interval`] does.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(period > Duration::ZERO, "`period` must be non-zero.");
    Interval::new(start, period)
}

/// Ticks, one a period; from [`interval`] or [`interval_at`].
///
/// Time counts while nobody asks for a tick. What happens to ticks that are missed says [`MissedTickBehavior`].
#[derive(Debug)]
pub struct Interval {
    /// Set to the next tick.
    alarm: Alarm,
    period: Duration,
    missed: MissedTickBehavior,
}

impl Interval {
    #[track_caller]
    fn new(start: Instant, period: Duration) -> Self {
        Self { alarm: Alarm::new(start), period: period.min(FAR), missed: MissedTickBehavior::default() }
    }

    /// The next tick: waits for it and gives the instant for which it was planned, which is in the past if it was missed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a call that is dropped before it is ready has consumed no tick.
    ///
    /// # Panics
    ///
    /// If the runtime is shut down before the tick.
    pub fn tick(&mut self) -> impl Future<Output = Instant> {
        leaf::at(poll_fn(|cx| self.poll_tick(cx)))
    }

    /// [`Interval::tick`] as a poll. When it is ready, nobody is registered for the tick after: poll again for that.
    ///
    /// # Panics
    ///
    /// If the runtime was shut down before the tick.
    #[track_caller]
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.alarm.poll(cx));
        let due = self.alarm.deadline();
        self.alarm.reset(self.missed.next_tick(due, Instant::now(), self.period));
        Poll::Ready(due)
    }

    /// Puts the next tick a period from now.
    ///
    /// A task that waits for a tick is woken at the new instant. This holds for the other resets as well.
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Puts the next tick at this instant.
    pub fn reset_immediately(&mut self) {
        self.reset_after(Duration::ZERO);
    }

    /// Puts the next tick `after` from now; later ones follow in periods from there.
    pub fn reset_after(&mut self, after: Duration) {
        self.reset_at(Instant::now() + after.min(FAR));
    }

    /// Puts the next tick at `deadline`; later ones follow in periods from there.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.alarm.reset(deadline);
    }

    /// What happens to missed ticks.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed
    }

    /// Says what shall happen to missed ticks, from the next one on.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed = behavior;
    }

    /// The time between two ticks.
    pub fn period(&self) -> Duration {
        self.period
    }
}
