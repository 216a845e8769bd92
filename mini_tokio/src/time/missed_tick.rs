//! [`MissedTickBehavior`]: what an interval does about ticks for which nobody came in time.

use std::time::Duration;

use super::Instant;

/// What an [`Interval`](super::Interval) does when it is asked for a tick long after that was due.
///
/// With a period of 10 and work that takes 25 after the tick at 10 (each number is the time at which the tick is ready):
///
/// ```text
///            0    10   20   30   40   50   60   70
///   Burst    0    10        ───►35,35  40   50   60     catches up; the later ticks are on time
///   Delay    0    10        ───►35    45   55   65      counts anew from the late tick
///   Skip     0    10        ───►35  40   50   60        leaves out what it missed; the later ticks are on time
/// ```
///
/// In each case the late tick itself comes at once. A tick that is late by at most 5 ms is not a missed one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// All ticks, one after the other without a pause until the interval has caught up: their number is right.
    #[default]
    Burst,
    /// The next tick a full period after the late one: the distance is right.
    Delay,
    /// The next tick at the next multiple of the period, counted from the beginning: the phase is right.
    Skip,
}

/// A thread that is preempted, or a wheel that turns in milliseconds, must not shift the ticks of an interval.
const TOLERANCE: Duration = Duration::from_millis(5);

impl MissedTickBehavior {
    // ANCHOR: time-next-tick
    /// When the tick after the one that was due at `due` and is delivered `now` shall be.
    pub(super) fn next_tick(self, due: Instant, now: Instant, period: Duration) -> Instant {
        let late = now.saturating_duration_since(due);
        if late <= TOLERANCE {
            return due + period;
        }
        match self {
            Self::Burst => due + period,
            Self::Delay => now + period,
            Self::Skip => now + (period - remainder(late, period)),
        }
    }
    // ANCHOR_END: time-next-tick
}

/// `late` modulo `period`, which is not zero.
fn remainder(late: Duration, period: Duration) -> Duration {
    let nanos = late.as_nanos() % period.as_nanos();
    Duration::new((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32) // less than `period`: fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(behavior: MissedTickBehavior, late: u64, period: u64) -> u64 {
        let due = Instant::now();
        let at = behavior.next_tick(due, due + Duration::from_millis(late), Duration::from_millis(period));
        (at - due).as_millis() as u64
    }

    #[test]
    fn a_tick_within_the_tolerance_shifts_nothing() {
        use MissedTickBehavior::{Burst, Delay, Skip};
        for behavior in [Burst, Delay, Skip] {
            assert_eq!(next(behavior, 0, 10), 10);
            assert_eq!(next(behavior, 5, 10), 10);
            assert_eq!(next(behavior, 5, 2), 2);
        }
    }

    #[test]
    fn the_behaviours_differ_after_a_missed_tick() {
        assert_eq!(next(MissedTickBehavior::Burst, 25, 10), 10);
        assert_eq!(next(MissedTickBehavior::Delay, 25, 10), 35);
        assert_eq!(next(MissedTickBehavior::Skip, 25, 10), 30);
        assert_eq!(next(MissedTickBehavior::Skip, 30, 10), 40, "the tick of this moment is the late one");
    }

    #[test]
    fn skipping_works_for_the_longest_period_and_the_shortest() {
        let due = Instant::now();
        let late = Duration::from_secs(100 * 365 * 24 * 3600);
        let nano = Duration::from_nanos(1);
        assert_eq!(MissedTickBehavior::Skip.next_tick(due, due + late, nano), due + late + nano);
        let far = super::super::instant::FAR;
        assert_eq!(MissedTickBehavior::Skip.next_tick(due, due + late, far), due + 4 * far);
    }
}
