//! [`Recorder`]: a lane of events a worker, one for everybody else, and where they go.
//!
//! # Locks
//!
//! The sink's lock comes first, then the lanes' in their order. Who records holds its own lane's alone, and lets go of it
//! before it flushes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{io, mem};

use parking_lot::{Mutex, MutexGuard};

use super::format::{self, Encoder};
use super::sink::{self, Sink};
use crate::context;
use crate::runtime::config::Config;
use crate::scheduler::event::{Event, Recorded};
use crate::task::Header;

/// How many events a lane of a file's recorder holds: 4096, about 300 KiB.
pub(super) const LANE: usize = 4096;

#[derive(Default)]
struct Lane {
    events: Vec<Recorded>,
    /// When the last event was that looked at the clock.
    now: Duration,
    /// Nothing has happened on the thread since but wakes.
    fresh: bool,
}

/// Keeps the events of one runtime.
pub(crate) struct Recorder {
    start: Instant,
    /// Relaxed: the lanes' locks and the program order what is numbered (see `recording`, "Order").
    next: AtomicU64,
    timers: AtomicU64,
    /// The time of the last event that was drained. Locked before the lanes.
    drained: Mutex<Duration>,
    lanes: Box<[Mutex<Lane>]>,
    /// None: the events stay in memory, without a bound, until they are drained.
    sink: Option<Mutex<Sink>>,
}

impl Recorder {
    fn new(workers: usize, sink: Option<Sink>) -> Self {
        let lanes = (0..=workers).map(|_| Mutex::default()).collect();
        Self {
            start: Instant::now(),
            next: AtomicU64::new(0),
            timers: AtomicU64::new(1),
            drained: Mutex::default(),
            lanes,
            sink: sink.map(Mutex::new),
        }
    }

    pub(crate) fn in_memory(workers: usize) -> Arc<Self> {
        Arc::new(Self::new(workers, None))
    }

    pub(super) fn to_file(config: &Config, path: &Path) -> io::Result<Arc<Self>> {
        let sink = Sink::create(path, &format::header(config.workers, config.name.as_deref().unwrap_or("")))?;
        let recorder = Arc::new(Self::new(config.workers, Some(sink)));
        sink::start_thread(&recorder)?;
        Ok(recorder)
    }

    // ANCHOR: recording-record
    /// `worker`: on whose thread it happened, if it was a worker's.
    pub(crate) fn record(&self, worker: Option<usize>, event: Event) {
        let mut lane = self.lanes[worker.unwrap_or(self.lanes.len() - 1)].lock();
        match clock(&event) {
            Clock::Look => {
                (lane.now, lane.fresh) = (self.start.elapsed(), matches!(event, Event::PolledDrivers { .. }))
            }
            Clock::LookUnlessFresh if !lane.fresh => lane.now = self.start.elapsed(),
            Clock::LookUnlessFresh | Clock::Take => {}
        }
        let sequence = self.next.fetch_add(1, Ordering::Relaxed);
        let at = lane.now;
        lane.events.push(Recorded { sequence, worker, at, event });
        let full = lane.events.len() >= LANE && self.sink.is_some();
        drop(lane);
        if full {
            self.flush();
        }
    }

    /// `task` has been made by `spawn`, and nobody else knows it yet.
    pub(crate) fn spawned(&self, worker: Option<usize>, task: &Header) {
        self.record(worker, Event::Spawned { task: task.id, by: context::current_task(), at: task.spawned_at.into() });
        self.named(worker, task);
    }

    /// `job` is a closure for the blocking pool, which does not know it yet.
    pub(crate) fn job(&self, worker: Option<usize>, job: &Header) {
        self.record(
            worker,
            Event::BlockingJob { task: job.id, by: context::current_task(), at: job.spawned_at.into() },
        );
        self.named(worker, job);
    }

    fn named(&self, worker: Option<usize>, task: &Header) {
        if let Some(name) = &task.name {
            self.record(worker, Event::Named { task: task.id, name: name.clone() });
        }
    }

    /// A number for a timer that is armed for the first time.
    pub(crate) fn next_timer(&self) -> u64 {
        self.timers.fetch_add(1, Ordering::Relaxed)
    }

    // ANCHOR: recording-drain
    /// Takes all events so far, in order: with all lanes locked nobody has a number and has not left its event.
    pub(crate) fn drain(&self) -> Vec<Recorded> {
        let mut latest = self.drained.lock();
        let mut lanes: Vec<MutexGuard<'_, Lane>> = self.lanes.iter().map(Mutex::lock).collect();
        let mut taken: Vec<Vec<Recorded>> = lanes.iter_mut().map(|lane| mem::take(&mut lane.events)).collect();
        drop(lanes);
        let mut events = taken.swap_remove(0);
        taken.into_iter().for_each(|lane| events.extend(lane));
        if !events.is_sorted_by_key(|recorded| recorded.sequence) {
            events.sort_by_key(|recorded| recorded.sequence); // runs in ascending order: this merges
        }
        // A time that was taken over from a lane's last event may be older than what others did since.
        for recorded in &mut events {
            *latest = recorded.at.max(*latest);
            recorded.at = *latest;
        }
        events
    }

    /// `events`, which begin with the first of all, as the bytes of a recording.
    pub(crate) fn to_bytes(&self, events: &[Recorded]) -> Vec<u8> {
        let mut bytes = format::header(self.lanes.len() - 1, "");
        bytes.extend_from_slice(Encoder::default().block(events));
        bytes
    }

    /// How many events stand in a lane.
    #[cfg(test)]
    pub(super) fn waiting(&self, lane: usize) -> usize {
        self.lanes[lane].lock().events.len()
    }

    /// Writes what there is to the file, if there is one.
    pub(crate) fn flush(&self) {
        if let Some(sink) = &self.sink {
            let mut sink = sink.lock();
            sink.write(&self.drain());
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush();
    }
}

/// When an event was. A look at the clock costs more than all the rest.
enum Clock {
    Look,
    /// A wake takes the time of the drivers' poll that it belongs to.
    LookUnlessFresh,
    /// What follows another event of the same thread within nanoseconds takes that one's time.
    Take,
}

fn clock(event: &Event) -> Clock {
    match event {
        Event::Pushed { .. }
        | Event::Moved { .. }
        | Event::Overflowed { .. }
        | Event::TookShare { .. }
        | Event::Stole { .. }
        | Event::Named { .. }
        | Event::Deferred { .. } => Clock::Take,
        Event::Woken { .. } => Clock::LookUnlessFresh,
        _ => Clock::Look,
    }
}
