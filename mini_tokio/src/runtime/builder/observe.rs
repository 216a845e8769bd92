//! The settings by which a program watches its runtime: hooks around tasks, the durations of polls, the random seed.
//! In tokio they are unstable, all but the names of the methods.

use std::sync::Arc;
use std::time::Duration;

use super::super::{HistogramConfiguration, HistogramScale, RngSeed, TaskMeta};
use super::Builder;

impl Builder {
    /// Calls `f` on the spawner's thread for each task that is spawned, before it can run. Not for blocking closures.
    ///
    /// This and the other hooks run in the runtime's context and may spawn. A panic in one is reported and goes no further.
    pub fn on_task_spawn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.config.hooks.task_spawn = Some(Arc::new(f));
        self
    }

    /// Calls `f` on the worker's thread before each poll of a task.
    pub fn on_before_task_poll<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.config.hooks.task_before_poll = Some(Arc::new(f));
        self
    }

    /// Calls `f` on the worker's thread after each poll of a task.
    pub fn on_after_task_poll<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.config.hooks.task_after_poll = Some(Arc::new(f));
        self
    }

    /// Calls `f` once for each task that ends, by completion, panic, abort or shutdown, after its future was dropped and
    /// before whoever joins it is told.
    pub fn on_task_terminate<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.config.hooks.task_terminate = Some(Arc::new(f));
        self
    }

    /// Where the runtime's random choices begin: from whom a worker steals first.
    pub fn rng_seed(&mut self, seed: RngSeed) -> &mut Self {
        self.config.seed = seed.get();
        self
    }

    /// Measures how long each poll of a task takes, and counts the durations in buckets: two looks at the clock a poll. By
    /// default 10 buckets, each 100 µs wide.
    pub fn enable_metrics_poll_time_histogram(&mut self) -> &mut Self {
        self.poll_times.enabled = true;
        self
    }

    /// The former name of [`enable_metrics_poll_time_histogram`](Self::enable_metrics_poll_time_histogram).
    #[deprecated(note = "`enable_metrics_poll_time_histogram` is its name now")]
    pub fn enable_metrics_poll_count_histogram(&mut self) -> &mut Self {
        self.enable_metrics_poll_time_histogram()
    }

    /// Which buckets. This replaces the three settings below, and is replaced by each of them: the last one wins.
    pub fn metrics_poll_time_histogram_configuration(&mut self, configuration: HistogramConfiguration) -> &mut Self {
        self.poll_times.configuration = Some(configuration);
        self
    }

    /// Whether all buckets are equally wide (the default), or each twice as wide as the one before.
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    pub fn metrics_poll_count_histogram_scale(&mut self, histogram_scale: HistogramScale) -> &mut Self {
        self.poll_times.scale = histogram_scale;
        self.poll_times.configuration = None;
        self
    }

    /// The width of the first bucket, 100 µs by default; on the logarithmic scale rounded up to a power of two nanoseconds.
    ///
    /// # Panics
    ///
    /// If it is zero or more than a second.
    #[track_caller]
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    pub fn metrics_poll_count_histogram_resolution(&mut self, resolution: Duration) -> &mut Self {
        assert!(resolution > Duration::ZERO, "the resolution must be greater than 0");
        assert!(resolution <= Duration::from_secs(1), "the resolution must be at most a second");
        self.poll_times.resolution = resolution;
        self.poll_times.configuration = None;
        self
    }

    /// How many buckets, 10 by default. The last one takes all that is too long for the others.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[track_caller]
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    pub fn metrics_poll_count_histogram_buckets(&mut self, buckets: usize) -> &mut Self {
        assert!(buckets > 0, "a histogram needs buckets");
        self.poll_times.buckets = buckets;
        self.poll_times.configuration = None;
        self
    }
}
