//! Act 5: a thousand tasks are aborted wherever they are, and futures run out of time.
//!
//! To cancel a future is to drop it. So each future here carries a [`DropCount`], and each must have been dropped once: not
//! never, that would be a leak, and not twice. Rows C4.2 and C4.7.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use examples::{count, duration};
use mini_tokio::sync::Notify;
use mini_tokio::task::{self, JoinHandle};
use mini_tokio::time::{sleep, timeout};

use crate::stage::{Failure, Figures, Progress, Stage, check};

const LIMIT: Duration = Duration::from_millis(50);

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let tasks = stage.scale(1_000, 200);
    progress.begin(2 * tasks, "cancellations");
    let drops: Vec<_> = (0..2 * tasks).map(|_| DropCount::default()).collect();
    let (of_tasks, of_timeouts) = drops.split_at(tasks);

    let (took, _) = stage.on_runtime(abort_all(of_tasks, progress))?;
    let (elapsed, _) = stage.on_runtime(time_out_all(of_timeouts, progress))?;

    for drops in &drops {
        let drops = drops.get();
        check(drops == 1, || format!("a cancelled future was dropped {drops} times"))?;
    }
    Ok(vec![
        ("tasks aborted: asleep, waiting, running", format!("{}, all ended in {}", count(tasks), duration(took))),
        (
            "futures that ran out of time",
            format!("{} after {} ms, the last at {}", count(tasks), LIMIT.as_millis(), duration(elapsed)),
        ),
        ("futures dropped once each", count(drops.len())),
    ])
}

/// How long it took from the first abort to the end of the last task.
async fn abort_all(drops: &[DropCount], progress: &Progress) -> Result<Duration, Failure> {
    let started = Arc::new(AtomicUsize::new(0));
    let never = Arc::new(Notify::new());
    let handles: Vec<JoinHandle<()>> = drops
        .iter()
        .enumerate()
        .map(|(index, drops)| {
            let guard = drops.guard();
            let (started, never) = (started.clone(), never.clone());
            task::spawn(async move {
                let _guard = guard;
                started.fetch_add(1, SeqCst);
                match index % 10 {
                    // One in ten is found running, or in a queue.
                    0 => loop {
                        task::yield_now().await;
                    },
                    1..5 => sleep(Duration::from_secs(3600)).await,
                    _ => never.notified().await,
                }
            })
        })
        .collect();
    while started.load(SeqCst) < drops.len() {
        task::yield_now().await;
    }
    let began = Instant::now();
    handles.iter().for_each(JoinHandle::abort);
    for handle in handles {
        let cancelled = handle.await.is_err_and(|error| error.is_cancelled());
        check(cancelled, || "a task that was aborted did not end as cancelled".to_owned())?;
        progress.advance(1);
    }
    Ok(began.elapsed())
}

// ANCHOR: tour-timeout
/// How long it took until the last one was given up.
async fn time_out_all(drops: &[DropCount], progress: &Progress) -> Result<Duration, Failure> {
    let began = Instant::now();
    let handles: Vec<_> = drops.iter().map(|drops| task::spawn(timeout(LIMIT, never_ready(drops.guard())))).collect();
    for handle in handles {
        check(handle.await?.is_err(), || "a future that is never ready was ready in time".to_owned())?;
        progress.advance(1);
    }
    let elapsed = began.elapsed();
    check(elapsed >= LIMIT, || format!("a limit of {LIMIT:?} was over after {elapsed:?}"))?;
    let in_time = timeout(LIMIT, async { 7 }).await;
    check(in_time.is_ok_and(|value| value == 7), || "a future that is ready ran out of time".to_owned())?;
    Ok(elapsed)
}

async fn never_ready(guard: DropGuard) {
    let _guard = guard;
    pending::<()>().await;
}

/// Counts how often the one guard of it is dropped.
#[derive(Default)]
pub struct DropCount(Arc<AtomicUsize>);

impl DropCount {
    pub fn guard(&self) -> DropGuard {
        DropGuard(self.0.clone())
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

pub struct DropGuard(Arc<AtomicUsize>);

impl Drop for DropGuard {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}
