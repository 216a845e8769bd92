//! The state that is rebuilt from a recording is the state that the runtime was in.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Random, busy};
use inspect::{Event, Recorded, State};
use mini_tokio::recording::{Outcome, Queue, Source};
use mini_tokio::stepper::{Queues, Stepper};
use mini_tokio::sync::Notify;
use mini_tokio::{runtime, task, time};

/// What the recording says, in the words of the stepper.
fn seen(state: &State) -> Queues {
    Queues {
        lifo: state.workers.iter().map(|worker| worker.lifo).collect(),
        local: state.workers.iter().map(|worker| worker.local.iter().copied().collect()).collect(),
        deferred: state.workers.iter().map(|worker| worker.deferred.iter().copied().collect()).collect(),
        global: state.global.iter().copied().collect(),
        sleeping: state.sleeping(),
        armed_timers: state.timers.len(),
    }
}

#[test]
fn the_rebuilt_queues_are_the_steppers_queues_in_a_thousand_states() {
    let mut compared = 0;
    let mut sights = [0_usize; 6];
    for seed in 1..=100 {
        let mut random = Random(seed * 0x9E37_79B9);
        let workers = 1 + random.below(4) as usize;
        let mut stepper = Stepper::builder().workers(workers).seed(seed).build();
        let bell = Arc::new(Notify::new());
        let mut truths = Vec::new();
        for _ in 0..30 {
            if random.below(3) == 0 {
                drop(stepper.spawn(busy(random.below(u64::MAX), 3, bell.clone())));
            }
            for _ in 0..random.below(40) {
                stepper.step();
            }
            truths.push((stepper.events().len(), stepper.queues()));
        }
        stepper.shutdown();
        truths.push((stepper.events().len(), stepper.queues()));
        let recording = mini_tokio::recording::read(&stepper.recording()).unwrap();
        assert_eq!(recording.events, stepper.events(), "what is written is what is read");
        let mut state = State::new(workers);
        let mut applied = 0;
        for (n, mut truth) in truths {
            recording.events[applied..n].iter().for_each(|recorded| state.apply(recorded));
            applied = n;
            if state.ending {
                // The workers are gone, and the stepper's answer with them; the wheel is closed.
                (truth.lifo, truth.local) = (vec![None; workers], vec![Vec::new(); workers]);
                truth.deferred = vec![Vec::new(); workers];
                truth.sleeping.clear();
                truth.armed_timers = state.timers.len();
            }
            assert_eq!(state.contradictions, Vec::<String>::new(), "seed {seed}");
            assert_eq!(seen(&state), truth, "seed {seed}, after {n} events");
            compared += 1;
            let kinds = [
                truth.lifo.iter().any(Option::is_some),
                truth.local.iter().any(|queue| !queue.is_empty()),
                truth.deferred.iter().any(|deferred| !deferred.is_empty()),
                !truth.global.is_empty(),
                !truth.sleeping.is_empty(),
                truth.armed_timers > 0,
            ];
            sights.iter_mut().zip(kinds).for_each(|(count, seen)| *count += usize::from(seen));
        }
        assert!(
            state.tasks.values().all(|task| task.phase >= inspect::Phase::Completed),
            "seed {seed}: all tasks ended"
        );
    }
    assert!(compared >= 1000);
    assert!(sights.iter().all(|&count| count > 20), "the states are of all kinds: {sights:?}");
}

fn temporary(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("mini-tokio-inspect-{}-{name}", std::process::id()))
}

#[test]
fn a_run_on_threads_replays_without_contradiction() {
    let path = temporary("threads");
    let mut builder = runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all();
    let runtime = mini_tokio::insight::record_to(&mut builder, &path).build().unwrap();
    let bell = Arc::new(Notify::new());
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for seed in 1..200 {
            let bell = bell.clone();
            tasks.push(task::spawn(async move {
                let _ = time::timeout(Duration::from_millis(100), busy(seed * 77, 3, bell)).await;
            }));
            if seed % 10 == 0 {
                task::spawn_blocking(|| {}).await.unwrap();
                task::block_in_place(|| {});
            }
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    drop(runtime);
    let recording = inspect::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(recording.end, inspect::End::Whole);
    assert!(recording.events.len() > 3 * 4096, "lanes were full: {} events", recording.events.len());
    let state = State::after(4, &recording.events, usize::MAX);
    assert_eq!(state.contradictions, Vec::<String>::new());
    let unfinished: Vec<_> = state.tasks.iter().filter(|(_, task)| task.phase < inspect::Phase::Completed).collect();
    assert!(unfinished.is_empty(), "{unfinished:?}");
    for lane in (0..4).map(Some).chain([None]) {
        let of_lane = recording.events.iter().filter(|recorded| recorded.worker == lane);
        assert!(of_lane.is_sorted_by_key(|recorded| recorded.at), "time goes on");
    }
}

#[test]
fn a_poll_whose_end_is_told_after_the_tasks_end_changes_nothing() {
    let mut stepper = Stepper::builder().workers(2).build();
    let task = stepper.spawn(async {}).id();
    let Event::Spawned { at, .. } = stepper.events()[0].event else { panic!("{:?}", stepper.events()[0]) };
    let start = |worker| Event::PollStart { worker, task, from: Source::Global, tick: 1 };
    let end = |worker, outcome| Event::PollEnd { worker, task, outcome };
    let pushed = || Event::Pushed { task, queue: Queue::Global };
    let events = [
        (None, Event::Spawned { task, by: None, at }),
        (None, pushed()),
        (Some(0), start(0)),
        (None, Event::Woken { task, by: None }),
        (None, pushed()),
        (Some(1), start(1)),
        (Some(1), end(1, Outcome::Completed)),
        (Some(0), end(0, Outcome::Pending)),
    ];
    let recorded = |(n, (worker, event)): (usize, _)| Recorded {
        sequence: n as u64,
        worker,
        at: Duration::ZERO,
        unsure: Duration::ZERO,
        event,
    };
    let events: Vec<_> = events.into_iter().enumerate().map(recorded).collect();
    let state = State::after(2, &events, usize::MAX);
    assert_eq!(state.contradictions, Vec::<String>::new());
    assert!(state.tasks.values().all(|task| task.phase == inspect::Phase::Completed), "{:?}", state.tasks);
    assert!(state.workers.iter().all(|worker| worker.running.is_none()));
}

#[test]
fn two_runtimes_record_to_two_files() {
    let recordings: Vec<_> = ["a", "b"]
        .iter()
        .map(|name| {
            let path = temporary(name);
            let mut builder = runtime::Builder::new_current_thread();
            let runtime = mini_tokio::insight::record_to(&mut builder, &path).build().unwrap();
            (path, runtime)
        })
        .collect();
    recordings[0].1.block_on(async { task::spawn(async {}).await.unwrap() });
    recordings[1].1.block_on(async {
        task::spawn(async {}).await.unwrap();
        task::spawn(async {}).await.unwrap();
    });
    let tasks: Vec<_> = recordings
        .into_iter()
        .map(|(path, runtime)| {
            drop(runtime);
            let recording = inspect::open(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            State::after(1, &recording.events, usize::MAX).tasks.len()
        })
        .collect();
    assert_eq!(tasks, [1, 2]);
}
