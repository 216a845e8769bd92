//! Rung 3 of the ladder: one thread, and a place where it finds the waker of the latest poll.
//!
//! ```text
//!   task A ──poll──▶ Delay ──starts──▶ thread
//!                      │                  │ sleeps
//!   task B ──poll──▶ Delay                │
//!                      └─▶ Mutex<Waker> ◀─┘ looks here first, then wakes: B
//! ```
//!
//! What is right: this is a correct future. However often it is polled there is one thread, and whoever polled last is woken.
//!
//! What is wrong is the price: ten thousand delays are ten thousand threads, and a delay that is dropped leaves its thread
//! behind, asleep. The crate `timer/` has one thread for all of them, or none; its wheel knows which deadline is next.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

pub struct Delay {
    when: Instant,
    /// Shared with the thread; none before the first poll has started it.
    latest: Option<Arc<Mutex<Waker>>>,
}

impl Delay {
    pub fn until(when: Instant) -> Self {
        Self { when, latest: None }
    }
}

// ANCHOR: ladder-latest-waker
impl Future for Delay {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if Instant::now() >= self.when {
            return Poll::Ready("done");
        }
        match &self.latest {
            // Most often it is the same task again. Then there is nothing to store.
            Some(latest) => latest.lock().unwrap().clone_from(cx.waker()),
            None => self.latest = Some(start_thread(self.when, cx.waker().clone())),
        }
        Poll::Pending
    }
}

fn start_thread(when: Instant, waker: Waker) -> Arc<Mutex<Waker>> {
    let latest = Arc::new(Mutex::new(waker));
    let found = latest.clone();
    thread::spawn(move || {
        thread::sleep(when.saturating_duration_since(Instant::now()));
        // Waking runs code of the executor. It must not happen while the lock is held: a poll may want it.
        let waker = found.lock().unwrap().clone();
        waker.wake();
    });
    latest
}

#[mini_tokio::main(flavor = "current_thread")]
async fn main() {
    let mut delay = Delay::until(Instant::now() + Duration::from_millis(10));
    // The first poll happens here ...
    mini_tokio::select! {
        biased;
        _ = &mut delay => unreachable!("not yet"),
        () = std::future::ready(()) => {}
    }
    // ... and the others in another task, which is the one to be woken.
    let outcome = mini_tokio::spawn(delay).await;
    println!("{} in another task than it began in", outcome.expect("the task did not panic"));
}
