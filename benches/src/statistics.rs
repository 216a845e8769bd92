//! Medians, and how far they can be trusted.

use serde::{Deserialize, Serialize};

/// With fewer values there is no interval in which a median lies in 95 of 100 repetitions: all of 5 values are on one side of
/// the true median once in 16 times.
pub const MIN_FOR_INTERVAL: usize = 6;

/// A median and the interval in which it lies in 95 of 100 repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// # Panics
///
/// If there are no values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

// ANCHOR: benches-bootstrap
/// The median of `values`, with a bootstrap interval: the middle 95 % of the medians of samples drawn from them with
/// replacement. The draws are the same every time.
///
/// # Panics
///
/// If there are no values.
pub fn bootstrap(values: &[f64]) -> Estimate {
    const DRAWS: usize = 4_000;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        values[(random >> 33) as usize % values.len()]
    };
    let mut medians: Vec<f64> =
        (0..DRAWS).map(|_| median(&values.iter().map(|_| draw()).collect::<Vec<_>>())).collect();
    medians.sort_by(f64::total_cmp);
    Estimate { median: median(values), low: medians[DRAWS / 40], high: medians[DRAWS - 1 - DRAWS / 40] }
}

/// What ratios have in common: twice as much and half as much make one.
///
/// # Panics
///
/// If there are no values.
pub fn geometric_mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "no values have a mean");
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}

/// Ours by theirs. Nothing by nothing is 1; something by nothing has no ratio, and [`WITHOUT_BOUND`] stands for it.
pub fn quotient(ours: f64, theirs: f64) -> f64 {
    match (ours > 0.0, theirs > 0.0) {
        (_, true) => ours.max(0.0) / theirs,
        (true, false) => WITHOUT_BOUND,
        (false, false) => 1.0,
    }
}

pub const WITHOUT_BOUND: f64 = 1e3;

/// What an interval of ratios allows to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Better,
    Worse,
    /// The interval contains 1.
    Open,
    /// Too few values for an interval.
    TooFew,
}

impl Verdict {
    // ANCHOR: benches-verdict
    /// By `ratio`, drawn from so many `values`.
    pub fn new(ratio: &Estimate, values: usize) -> Self {
        match ratio {
            _ if values < MIN_FOR_INTERVAL => Self::TooFew,
            Estimate { high, .. } if *high < 1.0 => Self::Better,
            Estimate { low, .. } if *low > 1.0 => Self::Worse,
            _ => Self::Open,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::Open | Self::TooFew => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_interval_wholly_on_one_side_of_one_is_a_verdict() {
        let verdict = |low, high| Verdict::new(&Estimate { median: 1.0, low, high }, 10);
        assert_eq!(verdict(0.5, 0.9), Verdict::Better);
        assert_eq!(verdict(0.5, 1.0), Verdict::Open);
        assert_eq!(verdict(0.5, 1.1), Verdict::Open);
        assert_eq!(verdict(1.1, 1.2), Verdict::Worse);
    }

    #[test]
    fn five_rounds_allow_no_verdict_and_six_do() {
        let ratio = Estimate { median: 0.1, low: 0.1, high: 0.1 };
        assert_eq!(Verdict::new(&ratio, 5), Verdict::TooFew);
        assert_eq!(Verdict::new(&ratio, 6), Verdict::Better);
    }

    #[test]
    fn the_interval_holds_the_true_median_about_as_often_as_it_says() {
        // 400 samples of 10 from a skewed distribution whose median is 0.25: squares of evenly spread numbers.
        let mut random = 1_u64;
        let mut draw = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((random >> 11) as f64 / (1_u64 << 53) as f64).powi(2)
        };
        let samples: Vec<Vec<f64>> = (0..400).map(|_| (0..10).map(|_| draw()).collect()).collect();
        let estimates = samples.iter().map(|sample| bootstrap(sample));
        let held = estimates.filter(|estimate| estimate.low <= 0.25 && 0.25 <= estimate.high).count();
        assert!((360..=396).contains(&held), "{held} of 400");
    }

    #[test]
    fn twice_as_much_and_half_as_much_make_one() {
        assert!((geometric_mean(&[2.0, 0.5]) - 1.0).abs() < 1e-12);
        assert!((geometric_mean(&[0.1, 0.1, 0.1]) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_a_quotient_too() {
        assert_eq!(quotient(1.0, 2.0), 0.5);
        assert_eq!(quotient(0.0, 0.0), 1.0);
        assert_eq!(quotient(1.0, 0.0), WITHOUT_BOUND);
        assert_eq!(quotient(-1.0, 2.0), 0.0);
    }

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn the_interval_of_equal_values_has_no_width() {
        let estimate = bootstrap(&[0.5; 10]);
        assert_eq!((estimate.low, estimate.median, estimate.high), (0.5, 0.5, 0.5));
    }

    #[test]
    fn one_outlier_of_ten_does_not_move_the_interval_to_it() {
        let mut values = vec![0.9; 9];
        values.push(50.0);
        let estimate = bootstrap(&values);
        assert!(estimate.high < 2.0, "{estimate:?}");
    }

    #[test]
    fn the_interval_of_spread_values_contains_the_median_and_is_wide() {
        let values: Vec<f64> = (0..10).map(|i| 0.5 + 0.1 * f64::from(i)).collect();
        let estimate = bootstrap(&values);
        assert!(estimate.low < estimate.median && estimate.median < estimate.high, "{estimate:?}");
        assert!(estimate.high - estimate.low > 0.2, "{estimate:?}");
    }
}
