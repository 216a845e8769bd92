//! The stress run: tasks of all kinds by the million, every output and every error accounted for.
//!
//! Each round spawns a batch, a part of it from outside the workers and the rest from tasks, then joins all of it. What a
//! task must end with follows from its number alone, so nothing can be lost, doubled or mixed up without being seen; and each
//! future carries a guard that counts its drop.

pub mod command;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use mini_tokio::runtime::Runtime;
use mini_tokio::sync::Notify;
use mini_tokio::task::{self, JoinHandle};
use mini_tokio::time::sleep;

/// Tasks that spawn a share of each batch, beside the root.
const SHEPHERDS: u64 = 4;

/// How many tasks ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub values: u64,
    pub cancelled: u64,
    pub panicked: u64,
}

impl Tally {
    pub fn total(&self) -> u64 {
        self.values + self.cancelled + self.panicked
    }

    fn add(&mut self, other: Tally) {
        self.values += other.values;
        self.cancelled += other.cancelled;
        self.panicked += other.panicked;
    }
}

/// What all tasks of a run share.
struct Field {
    dropped: AtomicU64,
    /// To the thread that wakes from outside.
    outside: mpsc::Sender<Arc<Notify>>,
}

/// Counts the drop of the future that holds it.
struct Guard(Arc<Field>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Relaxed);
    }
}

/// Runs `tasks` tasks in batches of `batch`, and says after each batch how many are done.
///
/// # Errors
///
/// The first thing that does not add up.
pub fn run(runtime: &Runtime, tasks: u64, batch: u64, mut progress: impl FnMut(u64)) -> Result<Tally, String> {
    let (outside, to_wake) = mpsc::channel::<Arc<Notify>>();
    let waker = thread::spawn(move || to_wake.iter().for_each(|notify| notify.notify_one()));
    let field = Arc::new(Field { dropped: AtomicU64::new(0), outside });
    let mut tally = Tally::default();
    let mut first = 0;
    while first < tasks {
        let end = tasks.min(first + batch);
        tally.add(runtime.block_on(round(&field, first, end))?);
        first = end;
        progress(end);
    }
    let dropped = field.dropped.load(Relaxed);
    if (tally.total(), dropped) != (tasks, tasks) {
        return Err(format!("{tasks} tasks were spawned, {} were joined, {dropped} dropped", tally.total()));
    }
    drop(field);
    waker.join().map_err(|_| "the thread that wakes from outside panicked".to_owned())?;
    Ok(tally)
}

/// One batch: the root's share from outside the workers, the shepherds' from inside.
async fn round(field: &Arc<Field>, first: u64, end: u64) -> Result<Tally, String> {
    let share = (end - first) / (SHEPHERDS + 1);
    let shepherds: Vec<_> = (0..SHEPHERDS)
        .map(|shepherd| {
            let (field, from) = (field.clone(), first + shepherd * share);
            task::spawn(async move { herd(&field, from, from + share).await })
        })
        .collect();
    let mut tally = herd(field, first + SHEPHERDS * share, end).await?;
    for shepherd in shepherds {
        tally.add(shepherd.await.map_err(|error| format!("a shepherd was lost: {error}"))??);
    }
    Ok(tally)
}

/// Spawns the tasks of these numbers and joins them.
async fn herd(field: &Arc<Field>, from: u64, to: u64) -> Result<Tally, String> {
    let handles: Vec<_> = (from..to).map(|number| (number, spawn(field, number))).collect();
    let mut tally = Tally::default();
    for (number, handle) in handles {
        match (Kind::of(number), handle.await) {
            (Kind::Aborted, Err(error)) if error.is_cancelled() => tally.cancelled += 1,
            (Kind::Panics, Err(error)) => match error.try_into_panic().map(|payload| payload.downcast::<u64>()) {
                Ok(Ok(payload)) if *payload == number => tally.panicked += 1,
                _ => return Err(format!("task {number} should have panicked with its number")),
            },
            (Kind::Aborted | Kind::Panics, other) => return Err(format!("task {number} ended with {other:?}")),
            (_, Ok(value)) if value == number => tally.values += 1,
            (_, other) => return Err(format!("task {number} ended with {other:?}")),
        }
    }
    Ok(tally)
}

/// What a task does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Yields,
    Nests,
    Sleeps,
    WokenFromOutside,
    Aborted,
    Panics,
    Blocks,
}

impl Kind {
    fn of(number: u64) -> Self {
        match number % 64 {
            0..32 => Self::Yields,
            32..44 => Self::Nests,
            44..50 => Self::Sleeps,
            50..56 => Self::WokenFromOutside,
            56..61 => Self::Aborted,
            61..63 => Self::Panics,
            _ => Self::Blocks,
        }
    }
}

fn spawn(field: &Arc<Field>, number: u64) -> JoinHandle<u64> {
    let guard = Guard(field.clone());
    let handle = task::spawn(async move {
        let guard = guard;
        work(&guard.0, number).await;
        number
    });
    if let Kind::Aborted = Kind::of(number) {
        handle.abort();
    }
    handle
}

async fn work(field: &Field, number: u64) {
    match Kind::of(number) {
        Kind::Yields => {
            task::yield_now().await;
            task::yield_now().await;
        }
        Kind::Nests => assert_eq!(task::spawn(async move { number }).await.unwrap(), number),
        Kind::Sleeps => sleep(Duration::from_millis(1 + number % 3)).await,
        Kind::WokenFromOutside => {
            let notify = Arc::new(Notify::new());
            field.outside.send(notify.clone()).expect("the thread lives as long as the field");
            notify.notified().await;
        }
        Kind::Aborted => std::future::pending().await,
        // Not `panic!`, whose hook would print a million messages.
        Kind::Panics => resume_unwind(Box::new(number)),
        Kind::Blocks => assert_eq!(task::spawn_blocking(move || number).await.unwrap(), number),
    }
}
