//! Recordings that are cut, damaged, or written under load.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::clock::Clock;
use super::drain::Goal;
use super::format::{self, Block, Encoder};
use super::merge::Merge;
use super::purse::PRICE;
use super::recorder::{Kind, LANE, Recorder};
use super::refs::Refs;
use super::{End, NotARecording, read, record};
use crate::runtime::config::{Config, Flavor};
use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};
use crate::task::{Header, Id, Outcome};

fn id(number: u64) -> Id {
    Id(NonZeroU64::new(number).unwrap())
}

/// Tells as the scheduler does: in short, or else at length.
pub(super) struct Teller<'a>(pub(super) &'a Recorder);

impl Teller<'_> {
    pub(super) fn poll_started(&self, worker: usize, task: Id, from: Source, tick: u32) {
        if !self.0.tracks[worker].poll_started(task, from, tick) {
            self.0.poll_started(worker, task, from, tick);
        }
    }

    pub(super) fn deferred(&self, worker: usize, task: Id) {
        if !self.0.tracks[worker].deferred(task) {
            self.0.deferred(worker, task);
        }
    }

    pub(super) fn poll_ended(&self, lane: Option<usize>, worker: usize, task: Id, outcome: Outcome) {
        if !lane.is_some_and(|lane| self.0.tracks[lane].poll_ended(task, outcome)) {
            self.0.poll_ended(lane, worker, task, outcome);
        }
    }

    pub(super) fn polled_drivers(&self, worker: usize) {
        if !self.0.tracks[worker].polled_drivers() {
            self.0.polled_drivers(worker);
        }
    }

    pub(super) fn woken(&self, worker: usize, task: Id, by: Option<Id>) {
        if !self.0.tracks[worker].woken(task, by) {
            self.0.record(Some(worker), || Event::Woken { task, by });
        }
    }

    fn spawned(&self, lane: Option<usize>, task: &Header, queue: Option<Queue>) {
        if !lane.is_some_and(|lane| self.0.tracks[lane].spawned(task, None, queue)) {
            self.0.spawned(lane, task, None, queue);
        }
    }

    /// `rest`: how many others have yielded.
    pub(super) fn recalled(&self, worker: usize, tasks: &[Id], rest: usize) {
        if (tasks.len(), rest) != (1, 0) || !self.0.tracks[worker].recalled_alone() {
            self.0.recalled(worker, tasks.iter().copied());
        }
    }
}

/// An event of every kind.
pub(super) fn all_kinds() -> Vec<Event> {
    let at = Site { file: "some/file.rs", line: 70_000, column: 3 };
    let (task, by, worker) = (id(u64::MAX), Some(id(300)), 1);
    vec![
        Event::Spawned { task, by: None, at },
        Event::Named { task, name: "n".repeat(400).into() },
        Event::Woken { task, by },
        Event::Pushed { task, queue: Queue::Lifo(1) },
        Event::Moved { task, from: Queue::Local(0), to: Queue::Global },
        Event::Overflowed { worker, moved: 129 },
        Event::TookShare { worker, count: 7 },
        Event::Stole { thief: 0, victim: 1, count: 4 },
        Event::PollStart { worker, task, from: Source::Stolen { victim: 0 }, tick: u32::MAX },
        Event::PollEnd { worker, task, outcome: Outcome::Panicked },
        Event::Deferred { worker, task: id(4) },
        Event::PolledDrivers { worker },
        Event::Parked { worker },
        Event::Called { worker },
        Event::Unparked { worker },
        Event::TimerArmed { timer: 9, task: by, after: Duration::from_nanos(u64::MAX) },
        Event::TimerFired { timer: 9, late: Duration::from_micros(70) },
        Event::TimerDropped { timer: 9 },
        Event::IoReady { worker, events: 2 },
        Event::ClockAdvanced { by: Duration::from_secs(3600), fired: 3 },
        Event::Aborted { task, by },
        Event::Cancelled { task, worker: Some(0) },
        Event::BlockingJob { task: id(5), by, at },
        Event::BlockingStart { task: id(5) },
        Event::BlockingEnd { task: id(5), outcome: Outcome::Completed },
        Event::Retired { worker },
        Event::ShutdownBegan { alive: 12 },
    ]
}

fn recorded() -> Vec<Recorded> {
    let line = |(n, event): (usize, Event)| Recorded {
        sequence: n as u64,
        worker: (n % 3).checked_sub(1),
        at: Duration::from_nanos(1000 * n as u64),
        unsure: Duration::from_nanos(n as u64 % 4 / 2),
        event,
    };
    all_kinds().into_iter().chain(all_kinds()).enumerate().map(line).collect()
}

/// A recording of two workers and three blocks.
fn file(events: &[Recorded]) -> Vec<u8> {
    let (mut bytes, mut encoder) = (format::header(2, "name"), Encoder::default());
    for (number, part) in [&events[..10], &events[10..40], &events[40..]].into_iter().enumerate() {
        encoder.block(number as u64, part, &mut bytes);
    }
    bytes
}

#[test]
fn what_is_written_is_what_is_read() {
    let events = recorded();
    let recording = read(&file(&events)).unwrap();
    assert_eq!((recording.end, recording.header.workers, &*recording.header.name), (End::Whole, 2, "name"));
    assert_eq!(recording.events, events);
}

#[test]
fn a_recording_cut_anywhere_reads_up_to_its_last_whole_block() {
    let events = recorded();
    let bytes = file(&events);
    let header = format::header(2, "name").len();
    let mut lengths = Vec::new();
    for length in 0..bytes.len() {
        let cut = read(&bytes[..length]);
        if length < header {
            assert_eq!(cut, Err(NotARecording::HeaderCut), "{length}");
            continue;
        }
        let cut = cut.unwrap();
        assert!(events.starts_with(&cut.events), "{length}");
        assert!(!matches!(cut.end, End::Damaged { .. }), "{length}: {:?}", cut.end);
        lengths.push(cut.events.len());
    }
    lengths.dedup();
    assert_eq!(lengths, [0, 10, 40], "a block's events appear with its last byte");
}

#[test]
fn a_flipped_bit_is_told_and_never_believed() {
    let events = recorded();
    let bytes = file(&events);
    for place in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[place / 8] ^= 1 << (place % 8);
        match read(&damaged) {
            Err(_) => assert!(place / 8 < format::header(2, "name").len()),
            Ok(recording) => {
                assert!(events.starts_with(&recording.events), "bit {place}");
                assert_ne!(recording.end, End::Whole, "bit {place}");
            }
        }
    }
}

#[test]
fn random_bytes_behind_a_whole_header_are_no_reason_to_panic() {
    let mut seed: u64 = 7;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let bytes = file(&recorded());
    let header = format::header(2, "name").len();
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + random() % 4 {
            let place = header + format::BLOCK_HEAD + random() as usize % 60;
            damaged[place] = random() as u8;
        }
        // With a check that fits, the frames themselves have to stand the reader's doubt.
        let length = u32::from_le_bytes(damaged[header + 4..header + 8].try_into().unwrap()) as usize;
        let body = header + format::BLOCK_HEAD;
        let sum = format::check(&damaged[body..body + length]);
        damaged[header + 8..header + 12].copy_from_slice(&sum.to_le_bytes());
        let recording = read(&damaged).unwrap();
        assert!(recording.events.len() <= bytes.len());
    }
}

#[test]
fn an_old_task_that_deals_with_young_ones_in_turn_is_near_each_of_them() {
    let (long, short, heard) = (Refs::default(), Refs::default(), Refs::default());
    for young in 10_000..10_100 {
        for task in [1, young] {
            let number = long.tell_task(task);
            assert_eq!(heard.hear_task(number), task);
            let near = short.tell_task_near(task);
            if young == 10_000 {
                short.tell_task(task);
            } else {
                assert_eq!(near, Some(number), "from 1 to {young}");
                assert!(number < 8);
            }
        }
    }
}

#[test]
fn a_foreign_file_and_another_version_are_told_apart() {
    assert_eq!(read(b"#!/bin/sh"), Err(NotARecording::Foreign));
    let mut bytes = format::header(2, "");
    assert!(read(&bytes).is_ok());
    for other in [format::VERSION - 1, format::VERSION + 1] {
        bytes[6] = other as u8;
        assert_eq!(read(&bytes), Err(NotARecording::Version(other)));
    }
}

#[test]
fn a_full_lane_goes_to_the_file_and_nothing_is_left_out() {
    let path = std::env::temp_dir().join(format!("mini-tokio-full-lane-{}", std::process::id()));
    let recorder = Recorder::to_file(&Config::new(Flavor::MultiThread, 3), &path).unwrap();
    const EACH: usize = LANE;
    std::thread::scope(|scope| {
        for worker in 0..3 {
            let recorder = &recorder;
            scope.spawn(move || {
                for _ in 0..EACH {
                    recorder.record(Some(worker), || Event::Parked { worker });
                    assert!(recorder.waiting(worker) <= LANE as u64, "bounded");
                }
            });
        }
    });
    drop(recorder);
    let recording = read(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!((recording.end, recording.events.len()), (End::Whole, 3 * EACH));
    assert!(
        recording.events.iter().all(|recorded| recorded.event == Event::Parked { worker: recorded.worker.unwrap() })
    );
}

#[test]
fn a_spawn_and_its_push_are_one_record_and_two_events() {
    let goal = Goal::Memory { merge: Merge::new(2), events: Vec::new() };
    let recorder = Recorder::new(2, Clock::counting(), Kind::Many, PRICE, goal);
    let spawns = [
        (Some(1), None, Some(Queue::Lifo(1))),
        (Some(1), None, Some(Queue::Local(1))),
        (Some(1), Some("named"), Some(Queue::Lifo(1))),
        (Some(1), None, None), // by a runtime that takes no tasks any more
        (None, None, Some(Queue::Global)),
        (None, Some("named"), Some(Queue::Global)),
    ];
    let mut expected = Vec::new();
    for (lane, name, queue) in spawns {
        let task = Header::new(name);
        Teller(&recorder).spawned(lane, &task, queue);
        expected.push((lane, Event::Spawned { task: task.id, by: None, at: task.spawned_at.into() }));
        expected.extend(name.map(|name| (lane, Event::Named { task: task.id, name: name.into() })));
        expected.extend(queue.map(|queue| (lane, Event::Pushed { task: task.id, queue })));
    }
    let before = recorder.waiting(0);
    let next = [(); 2].map(|()| Header::new(None));
    Teller(&recorder).spawned(Some(0), &next[0], Some(Queue::Local(0)));
    let first = recorder.waiting(0);
    Teller(&recorder).spawned(Some(0), &next[1], Some(Queue::Local(0)));
    assert!(first > before && recorder.waiting(0) - first <= 5, "a head, two bytes of time at most, two numbers");
    let events = recorder.drain();
    let of = |lane| events.iter().filter(move |recorded| recorded.worker == lane).map(|recorded| &recorded.event);
    for lane in [Some(1), None] {
        let told = expected.iter().filter(|(by, _)| *by == lane).map(|(_, event)| event);
        assert!(of(lane).eq(told), "{lane:?}: {:?}", of(lane).collect::<Vec<_>>());
    }
    assert_eq!(of(Some(0)).count(), 4);
}

/// Two workers and a thread from outside pass a token on; who gets it records that, and gives it on.
fn passed_on(clock: Clock, name: &str) -> Vec<Recorded> {
    const TURNS: usize = 30_000;
    let path = std::env::temp_dir().join(format!("mini-tokio-passed-on-{name}-{}", std::process::id()));
    let recorder = Recorder::to_file_by(clock, PRICE, &Config::new(Flavor::MultiThread, 2), &path).unwrap();
    let turn = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for place in 0..3 {
            let (recorder, turn) = (&recorder, &turn);
            scope.spawn(move || {
                for mine in (place..TURNS).step_by(3) {
                    while turn.load(Ordering::Acquire) != mine {
                        std::thread::yield_now();
                    }
                    let worker = Some(place).filter(|&place| place < 2);
                    recorder.record(worker, || Event::Stole { thief: 0, victim: 1, count: mine });
                    recorder.record(worker, || Event::Pushed { task: id(mine as u64 + 1), queue: Queue::Local(0) });
                    if mine % 1000 == 999 {
                        recorder.flush();
                    }
                    turn.store(mine + 1, Ordering::Release);
                }
            });
        }
    });
    drop(recorder);
    let recording = read(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!((recording.end, recording.events.len()), (End::Whole, 2 * TURNS));
    recording.events
}

fn assert_in_turns(events: &[Recorded]) {
    for (turn, pair) in events.chunks(2).enumerate() {
        assert_eq!(pair[0].event, Event::Stole { thief: 0, victim: 1, count: turn });
        assert_eq!(pair[1].event, Event::Pushed { task: id(turn as u64 + 1), queue: Queue::Local(0) });
        assert_eq!(pair[0].worker, Some(turn % 3).filter(|&place| place < 2));
    }
    assert!(events.is_sorted_by_key(|recorded| recorded.at), "time goes on");
}

#[test]
fn what_was_taken_stands_after_what_gave_it_by_the_processors_counter() {
    assert_in_turns(&passed_on(Clock::cheap(), "counter"));
}

#[test]
fn what_was_taken_stands_after_what_gave_it_by_the_shared_word() {
    assert_in_turns(&passed_on(Clock::shared(), "shared"));
}

#[test]
fn one_thread_with_many_lanes_in_memory_keeps_the_order_of_its_program() {
    let recorder = Recorder::in_memory(3);
    let (mut events, lanes) = (Vec::new(), [Some(0), None, Some(2), Some(1)]);
    for n in 0..20_000 {
        recorder.record(lanes[n * 7 % 4], || Event::Pushed { task: id(n as u64 + 1), queue: Queue::Global });
        if n % 7_000 == 0 {
            events.extend(recorder.drain());
        }
    }
    events.extend(recorder.drain());
    for (n, recorded) in events.iter().enumerate() {
        assert_eq!((recorded.sequence, recorded.worker), (n as u64, lanes[n * 7 % 4]));
        assert_eq!(recorded.event, Event::Pushed { task: id(n as u64 + 1), queue: Queue::Global });
    }
    assert_eq!(events.len(), 20_000);
}

#[test]
fn names_and_places_are_told_whole_whoever_tells_them() {
    let recorder = Recorder::in_memory(1);
    let (name, site) = ("ä".repeat(300), |line| Site { file: "a/b.rs", line, column: 70_000 });
    let spawned = |n: u64, line| Event::Spawned { task: id(n), by: None, at: site(line) };
    let named = |n| Event::Named { task: id(n), name: name.clone().into() };
    let told =
        [(None, spawned(1, 7)), (None, named(1)), (Some(0), spawned(2, 7)), (Some(0), named(2)), (None, spawned(3, 9))];
    told.iter().for_each(|(worker, event)| recorder.record(*worker, || event.clone()));
    let read: Vec<_> = recorder.drain().into_iter().map(|recorded| (recorded.worker, recorded.event)).collect();
    assert_eq!(read, told);
}

#[test]
fn a_record_of_a_word_is_the_same_bytes_as_one_that_is_put_together_piece_by_piece() {
    let edges = (1..10).flat_map(|groups| [(1_u64 << (7 * groups)) - 1, 1 << (7 * groups)]);
    let numbers: Vec<u64> = [0, 1, 0x0123_4567_89AB_CDEF, u64::MAX].into_iter().chain(edges).collect();
    let times = [None, Some(0), Some(1), Some(0xFFFE), Some(0xFFFF), Some(u64::MAX)];
    let mut words = 0;
    let pairs = || numbers.iter().flat_map(|&first| numbers.iter().map(move |&second| (first, second)));
    for (time, (first, second)) in times.iter().flat_map(|&time| pairs().map(move |pair| (time, pair))) {
        let (mut bytes, told) = (Vec::new(), [first, second, 0, 0]);
        record::put(9, time, told, &mut bytes);
        if let Some((word, count)) = record::short(9, time, told) {
            let mut expected = bytes.clone();
            expected.resize(8, 0);
            assert_eq!((&word.to_le_bytes()[..], count as usize), (&expected[..], bytes.len()), "{time:?} {told:?}");
            words += 1;
        }
        let mut cursor = format::Cursor::new(&bytes);
        let read = record::take(&mut cursor).unwrap();
        assert_eq!((read.kind, read.time, read.numbers, cursor.left()), (9, time, told, 0));
    }
    assert!(words > 30, "{words}");
}

#[test]
fn what_is_later_than_its_block_waits_for_the_next() {
    let parked = |time: u64| {
        let mut bytes = Vec::new();
        record::put(13, Some(time), [0; 4], &mut bytes);
        bytes
    };
    let block = |number, until, segments: &[(usize, Vec<u8>)]| {
        let mut bytes = Vec::new();
        let mut block = Block::begin(number, (until, until), &mut bytes);
        for (worker, records) in segments {
            block.segment(Some(*worker), records.len(), |out| out.extend_from_slice(records));
        }
        block.end();
        bytes.split_off(format::BLOCK_HEAD)
    };
    let (mut merge, mut events) = (Merge::new(2), Vec::new());
    let first = [(0, [parked(5), parked(15)].concat()), (1, [parked(3), parked(9)].concat())];
    let seen = |events: &[Recorded]| -> Vec<_> {
        events.iter().map(|recorded| (recorded.worker.unwrap(), recorded.at.as_nanos())).collect()
    };
    merge.block(&block(0, 10, &first), &mut events).unwrap();
    assert_eq!(seen(&events), [(1, 3), (0, 5)], "12 and 20 are later than 10");
    merge.block(&block(1, 15, &[(1, parked(2))]), &mut events).unwrap();
    assert_eq!(seen(&events)[2..], [(1, 12), (1, 14)]);
    merge.block(&block(2, 30, &[]), &mut events).unwrap();
    assert_eq!(seen(&events)[4..], [(0, 20)]);
}

#[test]
fn a_poll_begins_when_the_one_before_ended_unless_the_worker_did_something_else_in_between() {
    let path = std::env::temp_dir().join(format!("mini-tokio-resumed-{}", std::process::id()));
    let config = Config::new(Flavor::MultiThread, 1);
    let recorder = Recorder::to_file_by(Clock::shared(), 0, &config, &path).unwrap();
    let start = |from| Teller(&recorder).poll_started(0, id(1), from, 1);
    for from in [Source::Local, Source::Local, Source::Lifo, Source::Global, Source::Local] {
        if from == Source::Lifo {
            recorder.between_polls(0);
        }
        start(from);
        Teller(&recorder).poll_ended(Some(0), 0, id(1), Outcome::Pending);
    }
    recorder.record(Some(0), || Event::Parked { worker: 0 });
    start(Source::Local);
    drop(recorder);
    let events = read(&std::fs::read(&path).unwrap()).unwrap().events;
    std::fs::remove_file(path).unwrap();
    let same: Vec<bool> = events.windows(2).map(|pair| pair[0].at == pair[1].at).collect();
    assert_eq!(same, [false, true, false, false, false, false, false, true, false, false, false]);
}
