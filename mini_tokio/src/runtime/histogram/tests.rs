//! Buckets: where values fall, and how wide they are.

use super::*;

fn all_kinds() -> Vec<HistogramConfiguration> {
    let log = LogHistogram::builder();
    let us = Duration::from_micros;
    let mut kinds = vec![
        HistogramConfiguration::linear(us(100), 10),
        HistogramConfiguration::linear(Duration::from_nanos(1), 1),
        HistogramConfiguration::linear(Duration::MAX, 3),
        HistogramConfiguration::from_scale(HistogramScale::Log, us(50), 3),
        HistogramConfiguration::from_scale(HistogramScale::Log, Duration::from_nanos(1), 64),
        HistogramConfiguration::log(log.max_value(Duration::MAX)),
        HistogramConfiguration::log(log.min_value(us(10)).max_value(us(1))),
    ];
    kinds.extend((0..=10).map(|p| HistogramConfiguration::log(log.precision_exact(p).min_value(Duration::ZERO))));
    kinds
}

#[test]
fn ranges_follow_one_another_from_zero_to_the_end() {
    for kind in all_kinds() {
        let mut end = 0;
        for bucket in 0..kind.num_buckets() {
            let range = kind.range(bucket);
            assert_eq!(range.start, end, "bucket {bucket} of {kind:?}");
            assert!(range.start <= range.end, "bucket {bucket} of {kind:?}");
            end = range.end;
        }
        assert_eq!(end, u64::MAX, "{kind:?}");
    }
}

#[test]
fn a_value_is_counted_in_the_bucket_whose_range_holds_it() {
    for kind in all_kinds() {
        for bucket in 0..kind.num_buckets() {
            let range = kind.range(bucket);
            if !range.is_empty() {
                assert_eq!(kind.bucket_of(range.start), bucket, "{kind:?}");
                assert_eq!(kind.bucket_of(range.end - 1), bucket, "{kind:?}");
            }
        }
        // A width that reaches the end of time in one step leaves the buckets behind it empty.
        let last = (0..kind.num_buckets()).rev().find(|&bucket| !kind.range(bucket).is_empty()).unwrap();
        assert!(kind.bucket_of(u64::MAX) >= last, "{kind:?}");
    }
}

#[test]
fn a_logarithmic_bucket_is_no_wider_than_its_precision_allows() {
    for p in 0..=10 {
        let kind = HistogramConfiguration::log(LogHistogram::builder().precision_exact(p));
        for bucket in 1..kind.num_buckets() - 1 {
            let range = kind.range(bucket);
            let (width, bound) = (range.end - range.start, range.start as f64 * 0.5f64.powi(p as i32));
            assert!(width == 1 || width as f64 <= bound, "{p}: {range:?}");
        }
    }
}

#[test]
fn the_error_asked_for_decides_the_precision() {
    let precision = |error| LogHistogram::builder().max_error(error).build().precision;
    assert_eq!(precision(0.9), 1);
    assert_eq!(precision(0.5), 1);
    assert_eq!(precision(0.25), 2);
    assert_eq!(precision(0.24), 3);
    assert_eq!(precision(0.000_1), 10, "as fine as it gets");
}

#[test]
fn a_histogram_that_needs_too_many_buckets_says_how_many() {
    let error = LogHistogram::builder().max_error(0.001).max_buckets(5).unwrap_err();
    assert_eq!(error.to_string(), "The configuration for this histogram would have required 27291 buckets");
    assert_eq!(LogHistogram::builder().max_buckets(119).unwrap(), LogHistogram::default());
}

#[test]
fn the_largest_value_is_the_last_before_the_endless_bucket() {
    let log = LogHistogram::default();
    let kind = HistogramConfiguration::log(log);
    assert!(log.max_value() >= DEFAULT_MAX);
    assert_eq!(kind.bucket_of(log.max_value()), kind.num_buckets() - 2);
    assert_eq!(kind.bucket_of(log.max_value() + 1), kind.num_buckets() - 1);
}

#[test]
fn the_mean_follows_the_newest_durations() {
    let times = PollTimes::new(&HistogramConfiguration::linear(Duration::from_nanos(100), 2));
    assert_eq!(times.mean(), Duration::ZERO);
    times.add(Duration::from_nanos(50));
    assert_eq!(times.mean(), Duration::from_nanos(50));
    (0..200).for_each(|_| times.add(Duration::from_nanos(1000)));
    assert!((900..=1000).contains(&nanos(times.mean())), "{:?}", times.mean());
    assert_eq!((times.count(0), times.count(1)), (1, 200));
}
