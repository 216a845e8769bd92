//! [`Spread`]: what to say about many durations.

use std::fmt;
use std::time::Duration;

use crate::duration;

/// Durations in order of length. An average would hide the few that hurt.
#[derive(Clone, Debug)]
pub struct Spread(Vec<Duration>);

impl Spread {
    /// # Panics
    ///
    /// If there is no duration at all.
    pub fn new(mut durations: Vec<Duration>) -> Self {
        assert!(!durations.is_empty(), "nothing was measured");
        durations.sort_unstable();
        Self(durations)
    }

    /// How many there are.
    pub fn samples(&self) -> usize {
        self.0.len()
    }

    /// The duration that `percent` of all do not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.percentile(100)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = [50, 99, 100].map(|percent| duration(self.percentile(percent)));
        write!(f, "p50 {p50}, p99 {p99}, max {max}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_duration_that_was_measured() {
        let spread = Spread::new((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!([50, 99, 100].map(|percent| spread.percentile(percent).as_millis()), [100, 198, 200]);
        assert_eq!(spread.to_string(), "p50 100 ms, p99 198 ms, max 200 ms");
    }

    #[test]
    fn a_single_duration_is_every_percentile() {
        let spread = Spread::new(vec![Duration::from_micros(7)]);
        assert_eq!([0, 50, 99, 100].map(|percent| spread.percentile(percent).as_micros()), [7; 4]);
    }
}
