//! What a delay costs: `cargo run --release -p timer --example cost`.
//!
//! Nanoseconds: the best and the median of many batches, so that other programs on the machine count for little.

use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use timer::{Delay, Timer};

const ROUNDS: u64 = 1_000_000;
const BATCH: u64 = 2_000;

/// A waker that costs what a task's does: a reference count.
struct Task;

impl std::task::Wake for Task {
    fn wake(self: std::sync::Arc<Self>) {}
}

fn measure(what: &str, mut round: impl FnMut(u64)) {
    let mut batches: Vec<f64> = (0..ROUNDS / BATCH)
        .map(|batch| {
            let start = Instant::now();
            (batch * BATCH..(batch + 1) * BATCH).for_each(&mut round);
            start.elapsed().as_nanos() as f64 / BATCH as f64
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    println!("{:>8.1} {:>8.1}  {what}", batches[0], batches[batches.len() / 2]);
}

fn arm(delay: &mut Delay, cx: &mut Context<'_>) {
    assert_eq!(delay.poll_elapsed(cx), Poll::Pending);
}

fn main() {
    let timer = Timer::new();
    let waker = Waker::from(std::sync::Arc::new(Task));
    let cx = &mut Context::from_waker(&waker);
    let far = timer.now() + Duration::from_secs(3600);
    let deadline = |i: u64| far + Duration::from_millis(i % 60_000);
    arm(&mut timer.delay_until(far), cx); // starts the thread
    std::thread::sleep(Duration::from_millis(20));

    measure("read the clock", |_| {
        black_box(timer.now());
    });
    measure("make and drop, never polled", |i| {
        black_box(timer.delay_until(deadline(i)));
    });
    measure("make, arm, drop (a timeout that was not needed; includes one clock read)", |i| {
        arm(&mut timer.delay_until(deadline(i)), cx);
    });
    let mut delay = timer.delay_until(far);
    measure("poll again with the same waker", |_| arm(&mut delay, cx));
    measure("reset to a later deadline", |i| delay.reset(far + Duration::from_millis(i)));

    let mut delays: Vec<Delay> = (0..ROUNDS).map(|i| timer.delay_until(deadline(i))).collect();
    measure("arm one of a million", |i| arm(&mut delays[i as usize], cx));
    measure("make, arm, drop beside a million", |i| arm(&mut timer.delay_until(deadline(i)), cx));
    measure("drop one of a million", |_| drop(delays.pop()));

    let timer = Timer::new();
    timer.pause().unwrap();
    let start = timer.now();
    let mut delays: Vec<Delay> =
        (0..ROUNDS).map(|i| timer.delay_until(start + Duration::from_millis(i % 60_000))).collect();
    delays.iter_mut().for_each(|delay| _ = delay.poll_elapsed(cx));
    let begin = Instant::now();
    let fired = timer.advance(Duration::from_secs(60)).unwrap();
    println!("{:>17.1}  fire one of {fired} by `advance`", begin.elapsed().as_nanos() as f64 / fired as f64);
}
