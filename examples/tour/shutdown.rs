//! Act 6: a graceful shutdown. Tasks are told to stop, finish what they are at, and leave; then the runtime is dropped, and
//! takes along those that did not listen.
//!
//! 1. tell everybody: `Notify::notify_waiters`;
//! 2. wait for those who listen, though not for ever;
//! 3. drop the runtime: what is left is cancelled at its `.await`, closures that block are waited for;
//! 4. nothing is alive.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use examples::{count, duration};
use mini_tokio::runtime::Builder;
use mini_tokio::sync::Notify;
use mini_tokio::task;
use mini_tokio::time::{sleep, timeout};

use crate::cancellation::DropCount;
use crate::stage::{Failure, Figures, Progress, Stage, check};

const TURN: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(10);

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let (listeners, deaf) = (stage.scale(1_000, 200), stage.scale(100, 20));
    progress.begin(listeners, "tasks leave");
    let runtime = Builder::new_multi_thread().enable_all().worker_threads(stage.workers).build()?;
    let metrics = runtime.metrics();
    let stop = Arc::new(Notify::new());
    let ready = Arc::new(AtomicUsize::new(0));

    let working: Vec<_> = (0..listeners).map(|_| runtime.spawn(work_until_told(stop.clone(), ready.clone()))).collect();
    let drops: Vec<_> = (0..deaf).map(|_| DropCount::default()).collect();
    for drops in &drops {
        let guard = drops.guard();
        runtime.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    // A closure that is still queued would be cancelled like a task: only one that has begun is waited for.
    let (closure_began, closure_ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (began, ended) = (closure_began.clone(), closure_ended.clone());
    runtime.spawn_blocking(move || {
        began.store(true, SeqCst);
        std::thread::sleep(4 * TURN);
        ended.store(true, SeqCst);
    });

    let leaving = async {
        while ready.load(SeqCst) < listeners || !closure_began.load(SeqCst) {
            sleep(TURN).await;
        }
        let told = Instant::now();
        stop.notify_waiters();
        let mut turns = 0;
        for task in working {
            turns += task.await?;
            progress.advance(1);
        }
        Ok::<_, Failure>((turns, told.elapsed()))
    };
    let left = runtime.block_on(async { timeout(PATIENCE, leaving).await });
    let (turns, leaving) =
        left.map_err(|_| Failure(format!("tasks were told to stop and did not within {PATIENCE:?}")))??;

    let dropping = Instant::now();
    drop(runtime);
    let dropping = dropping.elapsed();
    let alive = metrics.num_alive_tasks();
    check(alive == 0, || format!("{alive} tasks are alive after the shutdown"))?;
    check(closure_ended.load(SeqCst), || "the shutdown did not wait for a closure that blocks".to_owned())?;
    check(drops.iter().all(|drops| drops.get() == 1), || "a cancelled task was not dropped once".to_owned())?;
    Ok(vec![
        ("tasks told to stop", format!("{}, all left in {}", count(listeners), duration(leaving))),
        ("turns of work they had done", count(turns)),
        ("tasks that did not listen, cancelled", count(deaf)),
        ("dropping the runtime", format!("{}, a blocking closure waited for", duration(dropping))),
        ("tasks alive afterwards", count(alive)),
    ])
}

// ANCHOR: tour-work-until-told
/// Works a turn at a time; how many there were.
///
/// One `notified` for all turns, and in the list from the start: a new one in each turn would be deaf between two turns, and
/// `notify_waiters` tells only those who listen.
async fn work_until_told(stop: Arc<Notify>, ready: Arc<AtomicUsize>) -> usize {
    let mut told = pin!(stop.notified());
    told.as_mut().enable();
    ready.fetch_add(1, SeqCst);
    let mut turns = 0;
    while timeout(TURN, told.as_mut()).await.is_err() {
        turns += 1;
        task::consume_budget().await;
    }
    turns
}
