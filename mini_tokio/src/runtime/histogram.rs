//! [`HistogramConfiguration`]: how the durations of polls are sorted into buckets, and the counts of one worker.
//!
//! ```text
//!   linear, width w:      | w | w | w |  ... everything longer |
//!   logarithmic, p = 0:   | min | min | 2 min | 4 min | ...    |      each bucket twice as wide as the one before
//!   logarithmic, p = 2:   | min |¼|¼|¼|¼| ½ | ½ | ½ | ½ | ...  |      each doubling cut into 2ᵖ equal buckets
//! ```
//!
//! # Vocabulary
//!
//! * **precision** `p`: a value is known to within `2⁻ᵖ` of itself.
//! * **index**: the place of a value on the logarithmic scale that starts at one nanosecond. Below `2ᵖ⁺¹` it is the value
//!   itself; above, the leading bit says which doubling it is in, and the `p` bits after it which part of that.
//! * **offset**: how many of the lowest indices share bucket 0. Nobody wants a bucket a nanosecond.
//!
//! # Invariants
//!
//! * `HIST-1` The buckets' ranges follow one another without a gap, from 0 to `u64::MAX` nanoseconds.
//! * `HIST-2` `bucket_of(v) == b` exactly if `v` lies in `range(b)`; `u64::MAX` itself goes to the last one.
//!
//! The scale is the H2 histogram of IOP Systems. Names and defaults are tokio's, where they are unstable.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::scheduler::stats::Counter;

#[cfg(test)]
mod tests;

const DEFAULT_MIN: u64 = 100;
const DEFAULT_MAX: u64 = 60_000_000_000;
const DEFAULT_PRECISION: u32 = 2;
const MAX_PRECISION: u32 = 10;

/// In nanoseconds; some 584 years at most.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether all buckets are equally wide. See
/// [`Builder::metrics_poll_count_histogram_scale`](super::Builder::metrics_poll_count_histogram_scale).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistogramScale {
    /// All buckets are equally wide.
    Linear,
    /// Each bucket is twice as wide as the one before.
    Log,
}

/// How the durations of polls are sorted into buckets; for
/// [`Builder::metrics_poll_time_histogram_configuration`](super::Builder::metrics_poll_time_histogram_configuration).
#[derive(Clone, Debug)]
pub struct HistogramConfiguration {
    layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Linear { width: u64, buckets: usize },
    Log(LogHistogram),
}

impl HistogramConfiguration {
    /// `num_buckets` buckets, each `bucket_width` wide, and the last one without an end.
    ///
    /// # Panics
    ///
    /// If either is zero.
    #[track_caller]
    pub fn linear(bucket_width: Duration, num_buckets: usize) -> Self {
        assert!(!bucket_width.is_zero() && num_buckets > 0, "a histogram needs buckets, and a bucket some width");
        Self { layout: Layout::Linear { width: nanos(bucket_width), buckets: num_buckets } }
    }

    /// Buckets that grow with what they hold, so that the relative error stays the same.
    pub fn log(configuration: impl Into<LogHistogram>) -> Self {
        Self { layout: Layout::Log(configuration.into()) }
    }

    /// What the three older settings of the builder mean together.
    pub(crate) fn from_scale(scale: HistogramScale, resolution: Duration, buckets: usize) -> Self {
        match scale {
            HistogramScale::Linear => Self::linear(resolution, buckets),
            HistogramScale::Log => {
                let offset = nanos(resolution).next_power_of_two().trailing_zeros() as usize;
                Self::log(LogHistogram { precision: 0, offset, buckets })
            }
        }
    }

    pub(crate) fn num_buckets(&self) -> usize {
        match self.layout {
            Layout::Linear { buckets, .. } | Layout::Log(LogHistogram { buckets, .. }) => buckets,
        }
    }

    // ANCHOR: histogram-bucket
    /// The bucket that counts a poll of so many nanoseconds (`HIST-2`).
    pub(crate) fn bucket_of(&self, nanos: u64) -> usize {
        let bucket = match self.layout {
            Layout::Linear { width, .. } => usize::try_from(nanos / width).unwrap_or(usize::MAX),
            Layout::Log(log) => index_of(nanos, log.precision).saturating_sub(log.offset),
        };
        bucket.min(self.num_buckets() - 1)
    }

    /// What `bucket` counts, in nanoseconds (`HIST-1`).
    pub(crate) fn range(&self, bucket: usize) -> Range<u64> {
        let lower = |bucket: usize| match self.layout {
            _ if bucket == 0 => 0,
            _ if bucket >= self.num_buckets() => u64::MAX,
            Layout::Linear { width, .. } => width.saturating_mul(bucket as u64),
            Layout::Log(log) => lowest_of(log.offset + bucket, log.precision),
        };
        lower(bucket)..lower(bucket + 1)
    }
}

/// The index of `value` (see the vocabulary).
fn index_of(value: u64, precision: u32) -> usize {
    if value < 2 << precision {
        return value as usize;
    }
    let shift = value.ilog2() - precision;
    ((shift as usize) << precision) + (value >> shift) as usize
}

/// The smallest value of an index; `u64::MAX` for an index beyond all values.
fn lowest_of(index: usize, precision: u32) -> u64 {
    if index < 2 << precision {
        return index as u64;
    }
    let shift = (index >> precision) as u32 - 1;
    let leading = (index & ((1 << precision) - 1)) as u64 + (1 << precision);
    u64::try_from(u128::from(leading) << shift).unwrap_or(u64::MAX)
}

/// A logarithmic scale for [`HistogramConfiguration::log`].
///
/// The first bucket takes everything below [`min_value`](LogHistogramBuilder::min_value) or so, the last everything beyond
/// [`max_value`](LogHistogramBuilder::max_value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHistogram {
    precision: u32,
    offset: usize,
    buckets: usize,
}

impl LogHistogram {
    /// Starts with the default: from 100 ns to a minute, with an error of a quarter, which takes 119 buckets.
    pub fn builder() -> LogHistogramBuilder {
        LogHistogramBuilder::default()
    }

    /// The largest value, in nanoseconds, that does not yet fall into the last bucket, the one without an end.
    pub fn max_value(&self) -> u64 {
        lowest_of(self.offset + self.buckets - 1, self.precision).saturating_sub(1)
    }
}

impl Default for LogHistogram {
    fn default() -> Self {
        LogHistogramBuilder::default().build()
    }
}

/// Builds a [`LogHistogram`].
#[derive(Clone, Copy, Debug, Default)]
pub struct LogHistogramBuilder {
    min: Option<u64>,
    max: Option<u64>,
    precision: Option<u32>,
}

impl LogHistogramBuilder {
    /// The relative error that is allowed; the precision becomes the coarsest that keeps it, but not finer than `2⁻¹⁰`.
    ///
    /// # Panics
    ///
    /// Unless `max_error` lies between 0 and 1.
    #[track_caller]
    pub fn max_error(self, max_error: f64) -> Self {
        assert!(max_error > 0.0, "max_error must be greater than 0");
        assert!(max_error < 1.0, "max_error must be less than 1");
        let fine_enough = |&p: &u32| 0.5f64.powi(p as i32) <= max_error;
        self.precision_exact((0..MAX_PRECISION).find(fine_enough).unwrap_or(MAX_PRECISION))
    }

    /// Cuts each doubling into `2ᵖ` buckets: the error is `2⁻ᵖ`. With 0, each bucket is twice as wide as the one before.
    ///
    /// # Panics
    ///
    /// If `p` is greater than 10.
    #[track_caller]
    pub fn precision_exact(mut self, p: u32) -> Self {
        assert!(p <= MAX_PRECISION, "precision must be <= {MAX_PRECISION}");
        self.precision = Some(p);
        self
    }

    /// What is shorter need not be told apart; the first bucket is at most as wide.
    pub fn min_value(mut self, duration: Duration) -> Self {
        self.min = Some(nanos(duration));
        self
    }

    /// What is longer need not be told apart.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn max_value(mut self, duration: Duration) -> Self {
        assert!(!duration.is_zero(), "max value must be greater than 0");
        self.max = Some(nanos(duration));
        self
    }

    /// Builds the histogram, if it needs no more than `max_buckets`.
    ///
    /// # Errors
    ///
    /// If it needs more, with their number.
    pub fn max_buckets(&mut self, max_buckets: usize) -> Result<LogHistogram, InvalidHistogramConfiguration> {
        let histogram = self.build();
        if histogram.buckets > max_buckets {
            let required_bucket_count = histogram.buckets;
            return Err(InvalidHistogramConfiguration::TooManyBuckets { required_bucket_count });
        }
        Ok(histogram)
    }

    /// Builds the histogram.
    pub fn build(&self) -> LogHistogram {
        let precision = self.precision.unwrap_or(DEFAULT_PRECISION);
        let offset = index_of(self.min.unwrap_or(DEFAULT_MIN), precision).saturating_sub(1);
        // One more for what is longer than the maximum, unless nothing can be.
        let longer = index_of(self.max.unwrap_or(DEFAULT_MAX), precision) + 1;
        let last = longer.min(index_of(u64::MAX, precision));
        LogHistogram { precision, offset, buckets: last.saturating_sub(offset).max(1) + 1 }
    }
}

impl From<LogHistogramBuilder> for LogHistogram {
    fn from(builder: LogHistogramBuilder) -> Self {
        builder.build()
    }
}

/// Why there is no such histogram.
#[derive(Debug)]
pub enum InvalidHistogramConfiguration {
    /// It would need more buckets than the caller allows.
    TooManyBuckets {
        /// How many it would need.
        required_bucket_count: usize,
    },
}

impl fmt::Display for InvalidHistogramConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::TooManyBuckets { required_bucket_count } = self;
        write!(f, "The configuration for this histogram would have required {required_bucket_count} buckets")
    }
}

impl Error for InvalidHistogramConfiguration {}

/// The counts of one worker, which alone writes them, and the mean.
#[derive(Debug)]
pub(crate) struct PollTimes {
    configuration: HistogramConfiguration,
    counts: Box<[Counter]>,
    /// Of the durations in nanoseconds: a tenth of the newest, nine tenths of the mean before it.
    mean: Counter,
}

impl PollTimes {
    pub(crate) fn new(configuration: &HistogramConfiguration) -> Self {
        let counts = (0..configuration.num_buckets()).map(|_| Counter::default()).collect();
        Self { configuration: configuration.clone(), counts, mean: Counter::default() }
    }

    pub(crate) fn add(&self, duration: Duration) {
        let nanos = nanos(duration);
        self.counts[self.configuration.bucket_of(nanos)].add(1);
        let mean = match self.mean.get() {
            0 => nanos,
            old => old - old / 10 + nanos / 10,
        };
        self.mean.set(mean);
    }

    pub(crate) fn count(&self, bucket: usize) -> u64 {
        self.counts[bucket].get()
    }

    pub(crate) fn mean(&self) -> Duration {
        Duration::from_nanos(self.mean.get())
    }
}
