//! A recording while workers hand their cores on (`block_in_place`): nothing is lost, and nothing stands in a lane whose
//! worker is somebody else by then.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use inspect::{Event, Recorded, State};
use mini_tokio::sync::Notify;
use mini_tokio::{runtime, task};

const TASKS: usize = 200;
const BLOCKS: usize = 5;

/// Runs `future`, and counts how often it is polled.
async fn counted<F: Future>(polls: Arc<AtomicUsize>, future: F) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        polls.fetch_add(1, Ordering::Relaxed);
        let polled: Poll<F::Output> = future.as_mut().poll(cx);
        polled
    })
    .await
}

/// What ran, and what the program itself counted.
struct Run {
    events: Vec<Recorded>,
    polls: usize,
    blocks: usize,
}

fn run() -> Run {
    let path = std::env::temp_dir().join(format!("mini-tokio-handed-off-{}", std::process::id()));
    let mut builder = runtime::Builder::new_multi_thread();
    builder.worker_threads(2);
    let runtime = mini_tokio::insight::record_to(&mut builder, &path).build().unwrap();
    let polls = Arc::new(AtomicUsize::new(0));
    let blocker = |polls: Arc<AtomicUsize>| async move {
        for _ in 0..BLOCKS {
            let bell = Arc::new(Notify::new());
            let waits = bell.clone();
            let woken = task::spawn(counted(polls.clone(), async move { waits.notified().await }));
            task::yield_now().await;
            // On a thread that has no core any more: a wake, a spawn, and a second look for a core.
            let spawned = task::block_in_place(|| {
                bell.notify_one();
                task::block_in_place(|| task::spawn(counted(polls.clone(), async {})))
            });
            task::yield_now().await;
            woken.await.unwrap();
            spawned.await.unwrap();
        }
    };
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| task::spawn(counted(polls.clone(), blocker(polls.clone())))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    drop(runtime);
    let recording = inspect::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(recording.end, inspect::End::Whole);
    Run { events: recording.events, polls: polls.load(Ordering::Relaxed), blocks: TASKS * BLOCKS }
}

#[test]
fn a_core_that_is_handed_on_takes_its_lane_with_it_and_loses_no_event() {
    let Run { events, polls, blocks } = run();
    let state = State::after(2, &events, usize::MAX);
    assert_eq!(state.contradictions, Vec::<String>::new());
    assert_eq!(state.tasks.len(), TASKS + 2 * blocks, "each spawn is told once");
    assert!(state.tasks.values().all(|task| task.phase == inspect::Phase::Completed));

    let (mut open, mut starts, mut left) = (BTreeMap::new(), 0, 0);
    for recorded in &events {
        match recorded.event {
            Event::PollStart { worker, task, .. } => {
                assert_eq!(recorded.worker, Some(worker), "who starts a poll has the core");
                starts += 1;
                if let Some(handed_on) = open.insert(worker, task) {
                    left += 1;
                    open.insert(usize::MAX - left, handed_on);
                }
            }
            Event::PollEnd { worker, task, .. } if recorded.worker == Some(worker) => {
                assert_eq!(open.remove(&worker), Some(task), "in a lane, polls do not overlap");
            }
            Event::PollEnd { task, .. } => {
                assert_eq!(recorded.worker, None, "without a core there is only the outside lane");
                let place = open.iter().find(|&(_, &open)| open == task).map(|(&place, _)| place);
                open.remove(&place.expect("it began"));
            }
            _ => {}
        }
    }
    assert_eq!(open, BTreeMap::new(), "each poll that began has ended");
    assert_eq!(starts, polls, "the program counts the same polls");
    let outside = |event: &&Recorded| matches!(event.event, Event::PollEnd { .. }) && event.worker.is_none();
    assert_eq!(events.iter().filter(outside).count(), blocks, "each block_in_place handed one core on");
    // What a blocked thread spawned, and whom it woke, was told by a thread without a lane.
    let spawned =
        |event: &&Recorded| matches!(event.event, Event::Spawned { by: Some(_), .. }) && event.worker.is_none();
    assert_eq!(events.iter().filter(spawned).count(), blocks);
}
