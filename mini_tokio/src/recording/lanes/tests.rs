//! What a reader finds in the lanes of a program that was killed.

use std::sync::Arc;

use super::*;
use crate::recording::clock::Clock;
use crate::recording::purse::PRICE;
use crate::recording::recorder::Recorder;
use crate::recording::{End, Recording, read, read_file};
use crate::runtime::config::{Config, Flavor};
use crate::scheduler::event::Event;

/// Records events and hands the recorder, its file and all that was told so far to `look`, half of it drained by then.
fn half_drained(name: &str, look: impl FnOnce(Arc<Recorder>, &Path, &[Event])) {
    let scratch = std::env::temp_dir().join(format!("mini-tokio-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).unwrap();
    let path = scratch.join("rec");
    let recorder = Recorder::to_file_by(Clock::shared(), PRICE, &Config::new(Flavor::MultiThread, 2), &path).unwrap();
    let mut told = Vec::new();
    for round in 0..4 {
        // The drain's moment comes after all that it drains, and before all that comes then.
        for (lane, count) in [(Some(0), 3), (None, 5), (Some(1), 1)] {
            told.push(Event::IoReady { worker: 0, events: 10 * round + count });
            recorder.record(lane, || told.last().unwrap().clone());
        }
        if round == 1 {
            recorder.flush();
        }
    }
    look(recorder, &path, &told);
    std::fs::remove_dir_all(scratch).unwrap();
}

/// As a program leaves them that is killed now: nobody holds the lock of the copies.
fn left_by(path: &Path) -> PathBuf {
    let copy = path.with_file_name("copy");
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(path.with_file_name("rec.lanes"), path.with_file_name("copy.lanes")).unwrap();
    copy
}

fn told_by(recording: &Recording) -> Vec<Event> {
    recording.events.iter().map(|recorded| recorded.event.clone()).collect()
}

#[test]
fn what_stands_in_the_lanes_of_a_killed_program_is_read_behind_its_last_block() {
    half_drained("left", |recorder, path, told| {
        let left = read_file(&left_by(path)).unwrap().unwrap();
        assert_eq!((left.end.clone(), &told_by(&left)[..]), (End::Abrupt, told));
        assert!(left.events.is_sorted_by_key(|recorded| recorded.at));
        drop(recorder);
        let whole = read_file(path).unwrap().unwrap();
        assert_eq!((whole.end.clone(), &told_by(&whole)[..]), (End::Whole, told));
        assert!(!path.with_file_name("rec.lanes").exists());
        assert_eq!(left.events, whole.events, "with the same times");
    });
}

#[test]
fn the_lanes_of_a_program_that_runs_are_left_alone() {
    half_drained("running", |_recorder, path, told| {
        let so_far = read_file(path).unwrap().unwrap();
        assert_ne!(so_far.end, End::Abrupt);
        assert!(told.starts_with(&told_by(&so_far)));
    });
}

#[test]
fn a_block_that_was_cut_stands_in_the_lanes_still() {
    half_drained("cut", |recorder, path, told| {
        let copy = left_by(path);
        recorder.flush();
        let bytes = std::fs::read(path).unwrap();
        for length in (bytes.len() - 30)..bytes.len() {
            std::fs::write(&copy, &bytes[..length]).unwrap();
            let left = read_file(&copy).unwrap().unwrap();
            assert_eq!((left.end.clone(), &told_by(&left)[..]), (End::Abrupt, told));
        }
    });
}

#[test]
fn lanes_that_do_not_belong_to_a_recording_or_are_broken_change_nothing() {
    half_drained("strange", |_recorder, path, _| {
        let copy = left_by(path);
        let lanes = path.with_file_name("copy.lanes");
        let whole = std::fs::read(&lanes).unwrap();
        let alone = read(&std::fs::read(&copy).unwrap()).unwrap();
        let check = |what: &str, bytes: &[u8]| {
            std::fs::write(&lanes, bytes).unwrap();
            assert_eq!(read_file(&copy).unwrap().unwrap(), alone, "{what}");
        };
        for length in [0, 5, 12, 24, 40, 4096, 5000, whole.len() - 1] {
            check("cut", &whole[..length]);
        }
        let with = |what, at: usize, bytes: &[u8]| {
            let mut changed = whole.clone();
            changed[at..at + bytes.len()].copy_from_slice(bytes);
            check(what, &changed);
        };
        with("another recording", 8, &[1, 2, 3, 4]);
        with("very many lanes", 12, &[0xFF; 4]);
        with("a ring of all memory", 16, &[0xFF; 8]);
        with("a ring of nothing", 16, &[0; 8]);
        with("a lane that told more than it holds", 4096, &u64::MAX.to_ne_bytes());
        with("a lane that was drained further than it was told", 4096, &[0; 8]);
    });
}

#[test]
fn a_lane_that_was_left_is_read_across_its_end() {
    let mut memory = vec![0; Lane::memory(32)];
    memory[256..][..32].copy_from_slice(&std::array::from_fn::<u8, 32, _>(|n| n as u8));
    memory[..8].copy_from_slice(&70_u64.to_ne_bytes());
    let left = lane::Left::new(&memory, 32).unwrap();
    assert_eq!(left.since(60).unwrap(), [28, 29, 30, 31, 0, 1, 2, 3, 4, 5]);
    assert_eq!((left.since(70).unwrap().len(), left.since(38).unwrap().len()), (0, 32));
    assert_eq!((left.since(37), left.since(71)), (None, None));
}
