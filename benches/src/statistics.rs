//! Medians, and how far they can be trusted.

/// A median and the interval in which it lies in 95 of 100 repetitions.
#[derive(Clone, Copy, Debug, PartialEq)]
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

#[cfg(test)]
mod tests {
    use super::{bootstrap, median};

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
