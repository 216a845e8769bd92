//! What is counted of each worker.
//!
//! Every counter has one writer, the worker, so an increment is a load and a store and no locked instruction; readers on
//! other threads see a value that was true a moment ago.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::event::Source;
use crate::runtime::config::Config;
use crate::runtime::histogram::{PollTimes, nanos};

#[cfg(test)]
mod tests;

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// By the one writer.
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// By the one writer.
    pub(crate) fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    /// By anybody.
    pub(crate) fn add_shared(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// How long something was busy, by one writer for readers on any thread.
///
/// One word holds all of it, so that who reads while it is started or stopped sees the one or the other: twice the
/// nanoseconds so far when it stands; while it runs, one more than twice the moment since when it would have run without a
/// stop, in nanoseconds from `origin` on, which may be below zero.
#[derive(Debug)]
struct BusyClock {
    origin: Instant,
    word: AtomicI64,
}

impl BusyClock {
    fn new() -> Self {
        Self { origin: Instant::now(), word: AtomicI64::new(0) }
    }

    fn now(&self) -> i64 {
        nanos(self.origin.elapsed()).cast_signed()
    }

    fn nanos_of(&self, word: i64) -> i64 {
        if word & 1 == 0 { word >> 1 } else { self.now() - (word >> 1) }
    }

    /// By the one writer, as `stop`. Starting it twice changes nothing.
    fn start(&self) {
        let so_far = self.nanos_of(self.word.load(Relaxed));
        self.word.store((self.now() - so_far) << 1 | 1, Relaxed);
    }

    fn stop(&self) {
        let word = self.word.load(Relaxed);
        if word & 1 == 1 {
            self.word.store(self.nanos_of(word) << 1, Relaxed);
        }
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.nanos_of(self.word.load(Relaxed)).max(0).cast_unsigned())
    }
}

#[derive(Debug)]
pub(crate) struct WorkerStats {
    // Polls that were begun, by where the task was found.
    pub(crate) polls_from_lifo: Counter,
    pub(crate) polls_from_local: Counter,
    pub(crate) polls_from_global: Counter,
    pub(crate) polls_from_steal: Counter,
    /// None unless the runtime was built to measure them.
    pub(crate) poll_times: Option<PollTimes>,
    /// Tasks stolen from others, with those that waited in the thief's queue afterwards.
    pub(crate) steals: Counter,
    pub(crate) steal_operations: Counter,
    pub(crate) overflows: Counter,
    /// Tasks pushed to the LIFO slot or to the local queue by what happened on this worker's thread.
    pub(crate) local_pushes: Counter,
    /// Tasks that came to the local queue as part of a share of the global queue, without the one that was polled at once.
    pub(crate) shares: Counter,
    pub(crate) parks: Counter,
    pub(crate) unparks: Counter,
    /// Parks with no poll since the last one.
    pub(crate) noops: Counter,
    polls_at_last_park: Counter,
    /// Runs while somebody drives the worker and it does not sleep.
    busy: BusyClock,
    /// The number of the last thread that drove it: a thread that comes back has nothing to write down.
    driven_by: Counter,
    presence: Mutex<Presence>,
}

thread_local! {
    /// The number of this thread, from 1 on. The standard library's [`ThreadId`] is no number.
    static HERE: u64 = {
        static THREADS: AtomicU64 = AtomicU64::new(0);
        THREADS.fetch_add(1, Relaxed) + 1
    };
}

/// Who drives the worker.
#[derive(Debug, Default)]
struct Presence {
    /// The last thread that drove it.
    thread: Option<ThreadId>,
    /// The same as the system's threading library calls it, which is what a debugger can compare.
    pthread: libc::pthread_t,
}

impl WorkerStats {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            polls_from_lifo: Counter::default(),
            polls_from_local: Counter::default(),
            polls_from_global: Counter::default(),
            polls_from_steal: Counter::default(),
            poll_times: config.poll_times.as_ref().map(PollTimes::new),
            steals: Counter::default(),
            steal_operations: Counter::default(),
            overflows: Counter::default(),
            local_pushes: Counter::default(),
            shares: Counter::default(),
            parks: Counter::default(),
            unparks: Counter::default(),
            noops: Counter::default(),
            polls_at_last_park: Counter::default(),
            busy: BusyClock::new(),
            driven_by: Counter::default(),
            presence: Mutex::default(),
        }
    }

    /// Polls that were begun.
    pub(crate) fn polls(&self) -> u64 {
        let places = [&self.polls_from_lifo, &self.polls_from_local, &self.polls_from_global, &self.polls_from_steal];
        places.into_iter().map(Counter::get).sum()
    }

    /// A poll begins. Returns when, if anybody wants to know how long it takes.
    #[must_use]
    pub(crate) fn begin_poll(&self, from: Source) -> Option<Instant> {
        match from {
            Source::Lifo => self.polls_from_lifo.add(1),
            Source::Local => self.polls_from_local.add(1),
            Source::Global => self.polls_from_global.add(1),
            Source::Stolen { .. } => self.polls_from_steal.add(1),
        }
        self.poll_times.is_some().then(Instant::now)
    }

    pub(crate) fn end_poll(&self, began: Option<Instant>) {
        if let (Some(times), Some(began)) = (&self.poll_times, began) {
            times.add(began.elapsed());
        }
    }

    /// This thread drives the worker from now on. It is busy from the first call of [`start_clock`](Self::start_clock).
    pub(crate) fn took_over(&self) {
        let here = HERE.with(|here| *here);
        if self.driven_by.get() == here {
            return;
        }
        self.driven_by.set(here);
        // SAFETY: it asks nothing of its caller.
        let pthread = unsafe { libc::pthread_self() };
        let mut presence = self.presence.lock();
        (presence.thread, presence.pthread) = (Some(thread::current().id()), pthread);
    }

    /// The worker turns to its tasks.
    pub(crate) fn start_clock(&self) {
        self.busy.start();
    }

    /// This thread sleeps, or no longer drives the worker.
    pub(crate) fn stop_clock(&self) {
        self.busy.stop();
    }

    pub(crate) fn fell_asleep(&self) {
        self.parks.add(1);
        if self.polls_at_last_park.get() == self.polls() {
            self.noops.add(1);
        }
        self.polls_at_last_park.set(self.polls());
        self.stop_clock();
    }

    pub(crate) fn woke(&self) {
        self.unparks.add(1);
        self.start_clock();
    }

    /// How long the worker was driven and not asleep, up to now.
    pub(crate) fn busy(&self) -> Duration {
        self.busy.elapsed()
    }

    pub(crate) fn thread(&self) -> Option<ThreadId> {
        self.presence.lock().thread
    }

    /// How many tasks wait in a local queue from which nobody steals: what came in less what went out.
    pub(crate) fn private_depth(&self) -> usize {
        let into = self.local_pushes.get() + self.shares.get();
        usize::try_from(into.saturating_sub(self.polls_from_local.get())).unwrap_or(usize::MAX)
    }
}
