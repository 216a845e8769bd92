//! [`Recorder`]: a lane a worker, one for everybody else, and who may write where.
//!
//! # Locks
//!
//! A worker's lane needs none (`LANE-1`). Who is no worker writes to the outside lane and holds its lock: a brief one, for to store
//! a few bytes takes less time than to leave another. The lock of the [`Drain`] comes after it: who finds a lane full drains all of
//! them himself, and who waits for the outside lane meanwhile naps.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;

use brief::{BriefGuard, BriefMutex};
use parking_lot::Mutex;

use super::clock::Clock;
use super::drain::{Drain, Goal};
use super::fold::Fold;
use super::format::{self, Encoder, SiteKey};
use super::lane::Lane;
use super::merge::Merge;
use super::purse::{PRICE, Purse};
use super::refs::{Refs, Register};
use super::sink::{self, Sink};
use super::{fields, record};
use crate::runtime::config::Config;
use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};

/// How many bytes a lane of a file's recorder has: half a MiB.
pub(super) const LANE: usize = 1 << 19;
/// The same of a recorder in memory, which is drained after each step.
const LANE_IN_MEMORY: usize = 1 << 14;

/// A lane and the notes of who writes to it (`LANE-1`).
pub(crate) struct Track {
    pub(super) lane: Lane,
    pub(super) purse: Purse,
    pub(super) fold: Fold,
    pub(super) kind: Kind,
    /// Where the record of the last claim ends.
    claimed: Register,
    /// What begins before has room, without a look at the lane's head, and a short record does not go round.
    room_to: Register,
    /// What begins before can be told in short (see [`is_plain`](Self::is_plain)).
    plain_to: Register,
    pub(super) refs: Refs,
    /// The places that the lane has told, by their numbers.
    sites: Mutex<HashMap<SiteKey, u64>>,
    /// The last of them: its key, its number. Most spawns are from the place of the spawn before.
    last_site: (Register, Register, Register),
}

/// What a recorder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every event gets a stamp of its own, and none is held back: one order, that of the program, for one thread with many lanes.
    Exact,
    /// One worker: what is polled is polled in one lane (`EVENT-3`), and nobody steals.
    Alone,
    /// Workers among others.
    Many,
}

impl Track {
    fn new(lane: Lane, purse: Purse, kind: Kind) -> Self {
        Self {
            lane,
            purse,
            fold: Fold::default(),
            kind,
            claimed: Register::default(),
            room_to: Register::default(),
            plain_to: Register::default(),
            refs: Refs::default(),
            sites: Mutex::default(),
            last_site: Default::default(),
        }
    }

    /// Whether any record fits, and a short one in one piece, as far as known without a look.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.lane.end() < self.room_to.get()
    }

    // ANCHOR: recording-plain
    /// Whether nothing stands in the way of a short record: there is room, no look at the clock is due, and the recorder is not
    /// exact. Most events ask only this.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.lane.end() < self.plain_to.get()
    }

    /// Room was found, or somebody looked.
    fn find_plain(&self) {
        if self.kind != Kind::Exact {
            self.plain_to.set(self.purse.look_at().min(self.room_to.get()));
        }
    }

    /// Whether an event looks at the clock that would like to.
    #[inline(always)]
    pub(super) fn may_look(&self) -> bool {
        self.lane.end() >= self.purse.look_at()
    }

    /// Somebody looked. Returns how much later than the last look that was.
    #[inline(always)]
    pub(super) fn looked(&self, stamp: u64) -> u64 {
        let passed = self.purse.looked(stamp, self.lane.end());
        self.find_plain();
        passed
    }

    /// The next event that would like to look does. The drain says so, from another thread: a lane that misses it is none the
    /// worse.
    pub(super) fn look_next(&self) {
        self.purse.look_next();
        self.plain_to.set(0);
    }

    /// Whether an event that claims tasks is another one of a share or a theft: all of these were claimed before the first looked.
    #[inline(always)]
    fn goes_on_claiming(&self) -> bool {
        self.claimed.get() == self.lane.end() && self.lane.end() != 0
    }

    /// A part of a share or of a theft was told.
    #[inline(always)]
    pub(super) fn claimed_now(&self) {
        self.claimed.set(self.lane.end());
    }

    /// The number of the last place, if it is this one.
    #[inline(always)]
    pub(super) fn last_site(&self, (file, place): SiteKey) -> Option<u64> {
        let (last_file, last_place, number) = &self.last_site;
        (last_file.get() == file && last_place.get() == place).then(|| number.get())
    }

    /// A record of a word, for which there is room.
    #[inline(always)]
    pub(super) fn put(&self, bytes: u64, count: u64) {
        self.lane.put_in_one_piece(bytes, count);
    }
}

/// Keeps the events of one runtime.
pub(crate) struct Recorder {
    pub(super) clock: Arc<Clock>,
    pub(super) kind: Kind,
    timers: AtomicU64,
    pub(super) tracks: Box<[Arc<Track>]>,
    outside: BriefMutex<()>,
    drain: Arc<Mutex<Drain>>,
    /// Of a recorder to a file, for who finds a quarter of a lane full.
    thread: Option<Thread>,
}

impl Recorder {
    /// `price`: see [`Purse::new`].
    pub(super) fn new(workers: usize, clock: Clock, kind: Kind, price: u64, goal: Goal) -> Self {
        let size = if kind == Kind::Exact { LANE_IN_MEMORY } else { LANE };
        let track = |lane| Track::new(goal.lane(lane, size), Purse::new(price, lane < workers), kind);
        let tracks: Box<[_]> = (0..=workers).map(track).map(Arc::new).collect();
        let clock = Arc::new(clock);
        Self {
            clock: clock.clone(),
            kind,
            timers: AtomicU64::new(1),
            tracks: tracks.clone(),
            outside: BriefMutex::default(),
            drain: Arc::new(Mutex::new(Drain::new(tracks, clock, goal))),
            thread: None,
        }
    }

    pub(crate) fn in_memory(workers: usize) -> Arc<Self> {
        let goal = Goal::Memory { merge: Merge::new(workers), events: Vec::new() };
        Arc::new(Self::new(workers, Clock::shared(), Kind::Exact, 0, goal))
    }

    pub(super) fn to_file(config: &Config, path: &Path) -> io::Result<Arc<Self>> {
        let exact_times = std::env::var_os("MINI_TOKIO_RECORD_EXACT").is_some_and(|value| !value.is_empty());
        Self::to_file_by(Clock::cheap(), if exact_times { 0 } else { PRICE }, config, path)
    }

    pub(super) fn to_file_by(clock: Clock, price: u64, config: &Config, path: &Path) -> io::Result<Arc<Self>> {
        let header = format::header(config.workers, config.name.as_deref().unwrap_or(""));
        let sink = Sink::create(path, &header, config.workers + 1, LANE)?;
        let kind = if config.workers == 1 { Kind::Alone } else { Kind::Many };
        let mut recorder = Self::new(config.workers, clock, kind, price, Goal::File(sink));
        recorder.thread = Some(sink::start_thread(recorder.drain.clone())?);
        Ok(Arc::new(recorder))
    }

    /// Where `worker` writes, for its core to have it at hand.
    pub(crate) fn lane_of(&self, worker: usize) -> Arc<Track> {
        self.tracks[worker].clone()
    }

    // ANCHOR: recording-record
    /// `worker`: on whose thread it happened, if it was a worker's.
    ///
    /// Always inlined, and `event` is called in two places: where the kind of event is known and its address not needed, it is
    /// never a value in memory but at once the bytes that are written, and all that is not for its kind falls away.
    #[inline(always)]
    pub(crate) fn record(&self, worker: Option<usize>, event: impl FnOnce() -> Event) {
        let Some(worker) = worker.filter(|_| self.kind != Kind::Exact) else {
            return self.record_exactly(worker, event());
        };
        let (track, event) = (&*self.tracks[worker], event());
        self.unfold(track);
        let look = look(&event, worker, self.kind == Kind::Alone);
        let stamp = match look {
            Look::Take => None,
            Look::Resume if track.fold.is_fresh() => None,
            Look::Resume | Look::Mark => track.may_look().then(|| self.clock.before()),
            Look::Before => Some(self.clock.before()),
            Look::Claim if track.goes_on_claiming() => None,
            Look::Claim | Look::After => Some(self.clock.after()),
        };
        if let Event::Parked { .. } | Event::PollStart { .. } = event {
            track.fold.told_other();
        }
        if let (Event::Unparked { .. }, Some(stamp)) = (&event, stamp) {
            track.purse.slept(stamp);
        }
        self.write(track, Some(worker), &event, stamp);
        if look == Look::Claim && !matches!(event, Event::PollStart { .. }) {
            track.claimed_now();
        }
    }

    /// Where every event has a stamp of its own; or outside the workers, where all have that do not take the time before them.
    #[inline(never)]
    pub(super) fn record_exactly(&self, worker: Option<usize>, event: Event) {
        let (_outside, track) = self.track(worker);
        let takes = self.kind != Kind::Exact && look(&event, usize::MAX, false) == Look::Take;
        let stamp = (!takes).then(|| self.clock.after());
        self.write(track, worker, &event, stamp);
    }

    /// Where `worker` writes, or who is no worker, and the lock of the outside lane.
    #[inline(always)]
    pub(super) fn track(&self, worker: Option<usize>) -> (Option<BriefGuard<'_, ()>>, &Track) {
        match worker {
            Some(worker) => (None, &self.tracks[worker]),
            None => (Some(self.outside.lock()), &self.tracks[self.tracks.len() - 1]),
        }
    }

    #[inline(always)]
    fn write(&self, track: &Track, lane: Option<usize>, event: &Event, stamp: Option<u64>) {
        let site = format::site_of(event).map_or(0, |site| self.site(track, site));
        if let Event::Named { name, .. } = event {
            record::put_text(name, |piece| self.put_all(track, piece));
        }
        let time = stamp.map(|stamp| track.looked(stamp));
        let numbers = fields::encode(event, lane, site, &track.refs);
        self.put(track, fields::kind(event), time, numbers);
    }

    #[inline(always)]
    pub(super) fn put(&self, track: &Track, kind: u8, time: Option<u64>, numbers: [u64; 4]) {
        match record::short(kind, time, numbers) {
            Some((bytes, count)) if track.has_room() => track.put(bytes, count),
            _ => self.put_any(track, kind, time, numbers),
        }
    }

    /// Not in a word, or not without a look at the room.
    #[inline(never)]
    fn put_any(&self, track: &Track, kind: u8, time: Option<u64>, numbers: [u64; 4]) {
        self.find_room(track);
        let mut pen = track.lane.begin();
        record::pieces(kind, time, numbers, |bytes, count| pen.put(bytes, count));
        pen.publish();
    }

    #[inline]
    fn find_room(&self, track: &Track) {
        if !track.has_room() {
            self.make_room(track);
        }
    }

    /// Calls the recorder's thread at each quarter that fills. If the lane is full, the thread is too slow, and its work is
    /// done here.
    #[cold]
    fn make_room(&self, track: &Track) {
        let (size, at) = (track.lane.size(), track.lane.end());
        let mut room = track.lane.room();
        while room < record::MOST {
            self.flush();
            room = track.lane.room();
        }
        if size - room >= size / 4
            && let Some(thread) = &self.thread
        {
            thread.unpark();
        }
        track.room_to.set(track.lane.lap_to().min(at + room.min(size / 4) - record::MOST + 1));
        track.find_plain();
    }

    /// Puts a record that is no event.
    #[inline(never)]
    fn put_all(&self, track: &Track, record: &[u8]) {
        self.find_room(track);
        let mut pen = track.lane.begin();
        record.iter().for_each(|&byte| pen.put(byte.into(), 1));
        pen.publish();
    }

    /// The number of a place, told at its first use.
    #[inline(always)]
    pub(super) fn site(&self, track: &Track, site: &Site) -> u64 {
        track.last_site(format::key_of(site)).unwrap_or_else(|| self.find_site(track, site))
    }

    #[inline(never)]
    fn find_site(&self, track: &Track, site: &Site) -> u64 {
        let (key, mut sites) = (format::key_of(site), track.sites.lock());
        let next = sites.len() as u64;
        let number = *sites.entry(key).or_insert(next);
        if number == next {
            record::put_site(site, |record| self.put_all(track, record));
        }
        track.last_site.0.set(key.0);
        track.last_site.1.set(key.1);
        track.last_site.2.set(number);
        number
    }

    /// A number for a timer that is armed for the first time.
    pub(crate) fn next_timer(&self) -> u64 {
        self.timers.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes all events so far, in order, of a recorder in memory.
    pub(crate) fn drain(&self) -> Vec<Recorded> {
        let mut drain = self.drain.lock();
        drain.run();
        drain.take_events()
    }

    /// Writes what there is to the file, or puts it with the events in memory.
    pub(crate) fn flush(&self) {
        self.drain.lock().run();
    }

    /// `events`, which begin with the first of all, as the bytes of a recording.
    pub(crate) fn to_bytes(&self, events: &[Recorded]) -> Vec<u8> {
        let mut bytes = format::header(self.tracks.len() - 1, "");
        Encoder::default().block(0, events, &mut bytes);
        bytes
    }

    /// How many bytes stand in a lane.
    #[cfg(test)]
    pub(super) fn waiting(&self, lane: usize) -> u64 {
        let range = self.tracks[lane].lane.published();
        range.end - range.start
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.drain.lock().end();
        self.thread.iter().for_each(Thread::unpark);
    }
}

/// Whether an event looks at the clock, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It may be told earlier than it was, never later: it gives something away.
    Before,
    /// It may be told later, never earlier: it took something from another thread (`EVENT-3`).
    After,
    /// The same, but for what was claimed together with what the lane told last.
    Claim,
    /// As `Before`, and if the lane cannot pay ([`Purse`]) the look is left out.
    Mark,
    /// It has the time of what stands before it in the lane: it concerns only this worker, or gives something away.
    Take,
    /// The same if the lane's last mark was a poll's end, and the worker has only looked for a task since. Else it looks if the
    /// lane can pay.
    Resume,
}

// ANCHOR: recording-look
#[inline(always)]
pub(super) fn look(event: &Event, worker: usize, alone: bool) -> Look {
    match *event {
        Event::Pushed { .. } | Event::Named { .. } | Event::Deferred { .. } | Event::Overflowed { .. } => Look::Take,
        Event::Moved { from: Queue::Local(from), .. } if from == worker => Look::Take,
        Event::PollStart { from: Source::Lifo | Source::Local, .. } => Look::Resume,
        Event::Moved { .. } | Event::TookShare { .. } | Event::Stole { .. } | Event::PollStart { .. } => Look::Claim,
        Event::PollEnd { .. } | Event::Spawned { .. } | Event::BlockingJob { .. } | Event::PolledDrivers { .. } => {
            Look::Mark
        }
        Event::Woken { .. } if alone => Look::Mark,
        Event::Parked { .. } => Look::Before,
        _ => Look::After,
    }
}
