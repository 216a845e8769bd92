//! [`RuntimeMetrics`]: what can be counted of a runtime from outside.

use std::ops::Range;
use std::thread::ThreadId;
use std::time::Duration;

use super::Handle;
use crate::scheduler::stats::WorkerStats;

/// Figures of a runtime as they are at the moment of each call. Those of workers are true as of a moment ago.
#[derive(Clone, Debug)]
pub struct RuntimeMetrics {
    handle: Handle,
}

impl RuntimeMetrics {
    pub(crate) fn new(handle: Handle) -> Self {
        Self { handle }
    }

    #[track_caller]
    fn stats(&self, worker: usize) -> &WorkerStats {
        self.handle.shared.stats(worker)
    }

    /// How many workers there are; 1 for a current-thread runtime.
    pub fn num_workers(&self) -> usize {
        self.handle.shared.remotes.len()
    }

    /// How many tasks are spawned and not complete.
    pub fn num_alive_tasks(&self) -> usize {
        self.handle.shared.registry.len()
    }

    /// How many tasks wait in the global queue.
    pub fn global_queue_depth(&self) -> usize {
        self.handle.shared.global.len()
    }

    /// How many tasks were ever spawned, without blocking closures.
    pub fn spawned_tasks_count(&self) -> u64 {
        self.handle.shared.registry.admitted()
    }

    /// How often a task, or a root future, used its budget up and had to let others go first.
    pub fn budget_forced_yield_count(&self) -> u64 {
        self.handle.shared.spent_budgets.get()
    }

    /// How many threads the blocking pool has, idle ones included.
    pub fn num_blocking_threads(&self) -> usize {
        self.handle.shared.blocking.threads()
    }

    /// How many threads of the blocking pool wait for work.
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.handle.shared.blocking.idle_threads()
    }

    /// How many closures wait for a thread of the blocking pool.
    pub fn blocking_queue_depth(&self) -> usize {
        self.handle.shared.blocking.queued()
    }

    /// How many tasks wait in the local queue of worker `worker`, without the one in its LIFO slot.
    #[track_caller]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        match &self.handle.shared.remotes[worker].stealer {
            Some(stealer) => stealer.len(),
            None if self.handle.shared.is_shutting_down() => 0,
            None => self.stats(worker).private_depth(),
        }
    }

    /// The thread that drives worker `worker`, or drove it last; none before the first.
    #[track_caller]
    pub fn worker_thread_id(&self, worker: usize) -> Option<ThreadId> {
        self.stats(worker).thread()
    }

    /// How long worker `worker` was awake so far. Time between two calls of `block_on` does not count on a current-thread
    /// runtime, nor does a root future that is ready at its first poll: it costs no look at the clock. (tokio counts only what
    /// lies behind the last sleep, and leaves out the looks for work.)
    ///
    /// # Panics
    ///
    /// This and the other functions that take a worker panic if there is no such worker.
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        self.stats(worker).busy()
    }

    /// How often worker `worker` fell asleep.
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.stats(worker).parks.get()
    }

    /// How often worker `worker` fell asleep or woke: odd while it sleeps.
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        let stats = self.stats(worker);
        stats.parks.get() + stats.unparks.get()
    }

    /// How often worker `worker` fell asleep without having polled a task since the last time.
    #[track_caller]
    pub fn worker_noop_count(&self, worker: usize) -> u64 {
        self.stats(worker).noops.get()
    }

    /// How many tasks worker `worker` stole.
    #[track_caller]
    pub fn worker_steal_count(&self, worker: usize) -> u64 {
        self.stats(worker).steals.get()
    }

    /// How many times worker `worker` stole, each time half of a queue.
    #[track_caller]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        self.stats(worker).steal_operations.get()
    }

    /// How many times worker `worker` polled a task.
    #[track_caller]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        self.stats(worker).polls()
    }

    /// How many tasks went to the LIFO slot or to the local queue of worker `worker`, woken or spawned on its thread.
    #[track_caller]
    pub fn worker_local_schedule_count(&self, worker: usize) -> u64 {
        self.stats(worker).local_pushes.get()
    }

    /// How often the local queue of worker `worker` overflowed.
    #[track_caller]
    pub fn worker_overflow_count(&self, worker: usize) -> u64 {
        self.stats(worker).overflows.get()
    }

    /// How many tasks were put into the global queue from outside the workers.
    pub fn remote_schedule_count(&self) -> u64 {
        self.handle.shared.global.pushes.get()
    }

    /// Whether the durations of polls are measured: see
    /// [`Builder::enable_metrics_poll_time_histogram`](super::Builder::enable_metrics_poll_time_histogram).
    pub fn poll_time_histogram_enabled(&self) -> bool {
        self.handle.shared.config.poll_times.is_some()
    }

    /// How many buckets the durations of polls are sorted into; none if they are not measured.
    pub fn poll_time_histogram_num_buckets(&self) -> usize {
        self.handle.shared.config.poll_times.as_ref().map_or(0, |times| times.num_buckets())
    }

    /// Which durations `bucket` counts; none at all if they are not measured.
    ///
    /// # Panics
    ///
    /// If there is no such bucket.
    #[track_caller]
    pub fn poll_time_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        let Some(times) = &self.handle.shared.config.poll_times else { return Duration::ZERO..Duration::ZERO };
        assert!(bucket < times.num_buckets(), "there are {} buckets, and no bucket {bucket}", times.num_buckets());
        let range = times.range(bucket);
        Duration::from_nanos(range.start)..Duration::from_nanos(range.end)
    }

    /// How many polls of worker `worker` took as long as `bucket` says; 0 if they are not measured.
    ///
    /// # Panics
    ///
    /// If there is no such worker or bucket.
    #[track_caller]
    pub fn poll_time_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        self.stats(worker).poll_times.as_ref().map_or(0, |times| times.count(bucket))
    }

    /// How long a poll of worker `worker` took lately: a moving mean. Zero if it is not measured. (tokio measures it
    /// always, for multi-thread runtimes.)
    #[track_caller]
    pub fn worker_mean_poll_time(&self, worker: usize) -> Duration {
        self.stats(worker).poll_times.as_ref().map_or(Duration::ZERO, |times| times.mean())
    }

    /// How many sockets and other descriptors were ever registered with the I/O driver.
    pub fn io_driver_fd_registered_count(&self) -> u64 {
        self.handle.shared.driver.io().map_or(0, |io| io.registration_totals().0)
    }

    /// How many of them were deregistered.
    pub fn io_driver_fd_deregistered_count(&self) -> u64 {
        self.handle.shared.driver.io().map_or(0, |io| {
            let (made, left) = io.registration_totals();
            made - left as u64
        })
    }

    /// How many events the I/O driver delivered.
    pub fn io_driver_ready_count(&self) -> u64 {
        self.handle.shared.driver.io().map_or(0, |io| io.ready_events())
    }
}

/// Former names.
impl RuntimeMetrics {
    /// The former name of [`num_alive_tasks`](Self::num_alive_tasks).
    #[deprecated(note = "`num_alive_tasks` is its name now")]
    pub fn active_tasks_count(&self) -> usize {
        self.num_alive_tasks()
    }

    /// The former name of [`global_queue_depth`](Self::global_queue_depth).
    #[deprecated(note = "`global_queue_depth` is its name now")]
    pub fn injection_queue_depth(&self) -> usize {
        self.global_queue_depth()
    }

    /// The former name of [`poll_time_histogram_enabled`](Self::poll_time_histogram_enabled).
    #[deprecated(note = "`poll_time_histogram_enabled` is its name now")]
    pub fn poll_count_histogram_enabled(&self) -> bool {
        self.poll_time_histogram_enabled()
    }

    /// The former name of [`poll_time_histogram_num_buckets`](Self::poll_time_histogram_num_buckets).
    #[deprecated(note = "`poll_time_histogram_num_buckets` is its name now")]
    pub fn poll_count_histogram_num_buckets(&self) -> usize {
        self.poll_time_histogram_num_buckets()
    }

    /// The former name of [`poll_time_histogram_bucket_range`](Self::poll_time_histogram_bucket_range).
    #[track_caller]
    #[deprecated(note = "`poll_time_histogram_bucket_range` is its name now")]
    pub fn poll_count_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        self.poll_time_histogram_bucket_range(bucket)
    }

    /// The former name of [`poll_time_histogram_bucket_count`](Self::poll_time_histogram_bucket_count).
    #[track_caller]
    #[deprecated(note = "`poll_time_histogram_bucket_count` is its name now")]
    pub fn poll_count_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        self.poll_time_histogram_bucket_count(worker, bucket)
    }
}
