//! [`Recorder`]: a lane a worker, one for everybody else, and who may write where.
//!
//! # Locks
//!
//! A worker's lane needs none (`LANE-1`). Who is no worker writes to the outside lane and holds its lock. The lock of the
//! [`Drain`] comes after it: who finds a lane full drains all of them himself.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use parking_lot::Mutex;

use super::clock::Clock;
use super::drain::{Drain, Goal};
use super::format::{self, Encoder, SiteKey};
use super::lane::Lane;
use super::read::Reader;
use super::sink::{self, Sink};
use super::{fields, word};
use crate::context;
use crate::runtime::config::Config;
use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};
use crate::task::Header;

/// How many words a lane of a file's recorder holds: half a MiB of them.
pub(super) const LANE: usize = 1 << 16;
/// The same of a recorder in memory, which is drained after each step.
const LANE_IN_MEMORY: usize = 1 << 12;

/// A lane and the notes of who writes to it. Relaxed: they are the writer's alone (`LANE-1`).
pub(super) struct Track {
    pub(super) lane: Lane,
    /// The stamp of the last event that looked at the clock.
    time: AtomicU64,
    /// Up to here there is room, without a look.
    limit: AtomicU64,
    sites: Mutex<Sites>,
}

/// The places that a lane has told.
#[derive(Default)]
struct Sites {
    numbers: HashMap<SiteKey, u64>,
    last: Option<(SiteKey, u64)>,
}

/// Keeps the events of one runtime.
pub(crate) struct Recorder {
    clock: Clock,
    /// Every event gets a stamp of its own: one order, that of the program, for one thread with many lanes.
    exact: bool,
    timers: AtomicU64,
    tracks: Box<[Track]>,
    outside: Mutex<()>,
    drain: Mutex<Drain>,
    thread: OnceLock<Thread>,
}

impl Recorder {
    pub(super) fn new(workers: usize, clock: Clock, exact: bool, goal: Goal) -> Self {
        let size = if exact { LANE_IN_MEMORY } else { LANE };
        let track = |_| Track {
            lane: Lane::new(size),
            time: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            sites: Mutex::default(),
        };
        Self {
            clock,
            exact,
            timers: AtomicU64::new(1),
            tracks: (0..=workers).map(track).collect(),
            outside: Mutex::new(()),
            drain: Mutex::new(Drain::new(workers, goal)),
            thread: OnceLock::new(),
        }
    }

    pub(crate) fn in_memory(workers: usize) -> Arc<Self> {
        let goal = Goal::Memory { reader: Reader::new(workers), events: Vec::new() };
        Arc::new(Self::new(workers, Clock::shared(), true, goal))
    }

    pub(super) fn to_file(config: &Config, path: &Path) -> io::Result<Arc<Self>> {
        Self::to_file_by(Clock::cheap(), config, path)
    }

    pub(super) fn to_file_by(clock: Clock, config: &Config, path: &Path) -> io::Result<Arc<Self>> {
        let sink = Sink::create(path, &format::header(config.workers, config.name.as_deref().unwrap_or("")))?;
        let recorder = Arc::new(Self::new(config.workers, clock, false, Goal::File(sink)));
        let thread = sink::start_thread(&recorder)?;
        let _ = recorder.thread.set(thread);
        Ok(recorder)
    }

    // ANCHOR: recording-record
    /// `worker`: on whose thread it happened, if it was a worker's.
    ///
    /// Always inlined: where the kind of event is known, all that is not for it falls away, and some twenty instructions stay.
    #[inline(always)]
    pub(crate) fn record(&self, worker: Option<usize>, event: Event) {
        let _outside = worker.is_none().then(|| self.outside.lock());
        let track = &self.tracks[worker.unwrap_or(self.tracks.len() - 1)];
        let site = format::site_of(&event).map_or(0, |site| self.site(track, site));
        if let Event::Named { name, .. } = &event {
            word::pieces(name).for_each(|piece| self.put_all(track, &piece));
        }
        self.find_room(track);
        let mut pen = track.lane.begin();
        let look = if self.exact || worker.is_none() { Look::After } else { look(&event, worker) };
        if look != Look::Take {
            let stamp = if look == Look::After { self.clock.after() } else { self.clock.before() };
            // A lane never goes back in time, even if a worker has changed to a thread elsewhere.
            let stamp = stamp.max(track.time.load(Ordering::Relaxed));
            track.time.store(stamp, Ordering::Relaxed);
            pen.put(word::single(word::TIME, stamp));
        }
        word::put(fields::kind(&event), fields::encode(&event, worker, site), |word| pen.put(word));
        pen.publish();
    }

    #[inline]
    fn find_room(&self, track: &Track) {
        if track.lane.begin().at() + word::MOST > track.limit.load(Ordering::Relaxed) {
            self.make_room(track);
        }
    }

    /// Calls the recorder's thread at each quarter that fills. If the lane is full, the thread is too slow, and its work is
    /// done here.
    #[cold]
    fn make_room(&self, track: &Track) {
        let (size, at) = (track.lane.size(), track.lane.begin().at());
        let mut room = track.lane.room();
        while room < word::MOST {
            self.flush();
            room = track.lane.room();
        }
        if size - room >= size / 4
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
        track.limit.store(at + room.min(size / 4), Ordering::Relaxed);
    }

    /// Puts a record that is no event.
    #[inline(never)]
    fn put_all(&self, track: &Track, record: &[u64]) {
        self.find_room(track);
        let mut pen = track.lane.begin();
        record.iter().for_each(|&word| pen.put(word));
        pen.publish();
    }

    /// The number of a place, told at its first use.
    #[inline(never)]
    fn site(&self, track: &Track, site: &Site) -> u64 {
        let (key, mut sites) = (format::key_of(site), track.sites.lock());
        if let Some((last, number)) = sites.last
            && last == key
        {
            return number;
        }
        let next = sites.numbers.len() as u64;
        let number = *sites.numbers.entry(key).or_insert(next);
        if number == next {
            format::site_records(site, |record| self.put_all(track, record));
        }
        sites.last = Some((key, number));
        number
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

    /// Takes all events so far, in order, of a recorder in memory.
    pub(crate) fn drain(&self) -> Vec<Recorded> {
        let mut drain = self.drain.lock();
        drain.run(&self.tracks, &self.clock);
        drain.take_events()
    }

    /// Writes what there is to the file, or puts it with the events in memory.
    pub(crate) fn flush(&self) {
        self.drain.lock().run(&self.tracks, &self.clock);
    }

    /// `events`, which begin with the first of all, as the bytes of a recording.
    pub(crate) fn to_bytes(&self, events: &[Recorded]) -> Vec<u8> {
        let mut bytes = format::header(self.tracks.len() - 1, "");
        format::block(0, &Encoder::default().words(events), &mut bytes);
        bytes
    }

    /// How many words stand in a lane.
    #[cfg(test)]
    pub(super) fn waiting(&self, lane: usize) -> u64 {
        self.tracks[lane].lane.size() - self.tracks[lane].lane.room()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Whether an event of a worker looks at the clock, and which way.
#[derive(PartialEq, Eq)]
enum Look {
    /// It may be told earlier than it was, never later: it gives something away.
    Before,
    /// It may be told later, never earlier: it took something from another thread (`EVENT-3`).
    After,
    /// It has the time of the lane's last event, which may be earlier: it concerns only this worker, or gives something away.
    Take,
}

// ANCHOR: recording-look
#[inline(always)]
fn look(event: &Event, worker: Option<usize>) -> Look {
    match *event {
        Event::Pushed { .. } | Event::Named { .. } | Event::Deferred { .. } | Event::Overflowed { .. } => Look::Take,
        // A task that yields.
        Event::Woken { task, by } if by == Some(task) => Look::Take,
        Event::Moved { from: Queue::Local(from), .. } if Some(from) == worker => Look::Take,
        Event::PollStart { from: Source::Lifo | Source::Local, .. }
        | Event::PollEnd { .. }
        | Event::Spawned { .. }
        | Event::BlockingJob { .. }
        | Event::PolledDrivers { .. }
        | Event::Parked { .. } => Look::Before,
        _ => Look::After,
    }
}
