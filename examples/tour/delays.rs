//! Act 2: ten thousand tasks sleep, and each says how late it woke.
//!
//! The wheel turns once a millisecond, so half a millisecond is the least that half of them are late. None may be early.

use std::time::{Duration, Instant};

use examples::{Spread, count};
use mini_tokio::task;
use mini_tokio::time;

use crate::stage::{Failure, Figures, Progress, Stage, check};

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let delays = stage.scale(10_000, 1_000);
    let longest = Duration::from_millis(stage.scale(1_000, 100) as u64);
    progress.begin(delays, "delays");

    let (lateness, _) = stage.on_runtime(async {
        let began = time::Instant::now();
        let mut sleepers = Vec::with_capacity(delays);
        for delay in delays_up_to(longest, delays) {
            sleepers.push(task::spawn(sleeper(began + delay, progress.clone())));
        }
        let mut lateness = Vec::with_capacity(delays);
        for sleeper in sleepers {
            lateness.push(sleeper.await?);
        }
        Ok(lateness)
    })?;

    let early = lateness.iter().filter(|lateness| lateness.is_none()).count();
    check(early == 0, || format!("{early} of {delays} delays were over too early"))?;
    let spread = Spread::new(lateness.into_iter().flatten().collect());
    Ok(vec![
        ("delays, all armed at once", format!("{}, 1 to {} ms", count(delays), longest.as_millis())),
        ("early", count(early)),
        ("late by", spread.to_string()),
    ])
}

/// `count` delays from a millisecond on, evenly spread, in an order that is none: the multiplier is a prime.
fn delays_up_to(longest: Duration, count: usize) -> impl Iterator<Item = Duration> {
    let shortest = Duration::from_millis(1);
    let step = (longest - shortest) / count as u32;
    (0..count).map(move |index| shortest + step * ((index * 7919 % count) as u32 + 1))
}

// ANCHOR: tour-sleeper
/// How late it woke, by the operating system's clock; `None` for early.
async fn sleeper(deadline: time::Instant, progress: Progress) -> Option<Duration> {
    time::sleep_until(deadline).await;
    let now = Instant::now();
    progress.advance(1);
    now.checked_duration_since(deadline.into_std())
}
