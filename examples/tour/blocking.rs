//! Act 4: hashing, first on the blocking pool, then by the mistake that everybody makes once: in tasks.
//!
//! ```text
//!   spawn_blocking:   worker    ♥ ♥ ♥ ♥ ♥ ♥ ♥        in tasks:   worker    ♥ [hash......][hash......][hash......] ♥ ♥
//!                     pool      [hash......][hash
//! ```
//!
//! A heart beats beside it: a task that sleeps a millisecond again and again, and notes how late it wakes. A task that computes
//! for 20 ms without an `.await` keeps its worker for 20 ms, and everybody who waits for that worker waits with it. Row B15.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use examples::{Spread, count};
use mini_tokio::task::{self, JoinHandle};
use mini_tokio::time;

use crate::stage::{Failure, Figures, Progress, Stage, check};

const BEAT: Duration = Duration::from_millis(1);
/// Beside the pool, the typical beat is far below this on any machine; in tasks, far above.
const LOW: Duration = Duration::from_millis(100);

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let job = Job { text: stage.input.text.clone(), passes: stage.scale(16, 2) };
    let jobs = stage.scale(64, 16);
    let expected = job.clone().hash();
    progress.begin(2 * jobs, "hashes");

    let on_pool = |job: Job| task::spawn_blocking(|| job.hash());
    let (beside_pool, _) = stage.on_runtime(with_heartbeat(job.clone(), jobs, expected, progress, on_pool))?;
    let in_task = |job: Job| task::spawn(async { job.hash() });
    let (beside_tasks, _) = stage.on_runtime(with_heartbeat(job.clone(), jobs, expected, progress, in_task))?;

    let typical = beside_pool.percentile(50);
    check(typical < LOW, || format!("beside the blocking pool, a task woke {typical:?} late: that is not low"))?;
    let beats = |spread: &Spread| format!("{spread} ({} beats)", count(spread.samples()));
    Ok(vec![
        ("closures that hash", format!("{}, {} KiB each", count(jobs), count(job.text.len() * job.passes / 1024))),
        ("a 1 ms beat is late by", String::new()),
        ("  beside spawn_blocking", beats(&beside_pool)),
        ("  beside hashing in tasks", beats(&beside_tasks)),
    ])
}

/// Starts all jobs with `start`; how late a heart beat that beat until the last of them was done.
async fn with_heartbeat(
    job: Job,
    jobs: usize,
    expected: u64,
    progress: &Progress,
    start: fn(Job) -> JoinHandle<u64>,
) -> Result<Spread, Failure> {
    let done = Arc::new(AtomicBool::new(false));
    let heart = task::spawn(heartbeat(done.clone()));
    let handles: Vec<_> = (0..jobs).map(|_| start(job.clone())).collect();
    for handle in handles {
        let hash = handle.await?;
        check(hash == expected, || format!("a closure made the hash {hash:x}, it is {expected:x}"))?;
        progress.advance(1);
    }
    // Relaxed: it says nothing but itself.
    done.store(true, Ordering::Relaxed);
    Ok(Spread::new(heart.await?))
}

async fn heartbeat(done: Arc<AtomicBool>) -> Vec<Duration> {
    let mut late = Vec::new();
    loop {
        let due = Instant::now() + BEAT;
        time::sleep_until(due.into()).await;
        late.push(due.elapsed());
        if done.load(Ordering::Relaxed) {
            return late;
        }
    }
}

/// Work for a processor.
#[derive(Clone)]
struct Job {
    text: Bytes,
    passes: usize,
}

impl Job {
    /// FNV-1a, 64 bits, several times over the text.
    fn hash(self) -> u64 {
        let bytes = (0..self.passes).flat_map(|_| self.text.iter());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
