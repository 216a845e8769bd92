//! Rung 2 of the ladder: a thread waits instead of the task. Twice, and both times not well enough.
//!
//! ```text
//!   poll ──▶ start a thread with the waker of this poll ──▶ Pending
//!                          │
//!                     sleeps, then wakes ──▶ poll ──▶ Ready
//! ```
//!
//! What is right: between the first poll and the wake-up nobody works.
//!
//! What is wrong:
//!
//! * [`ThreadPerPoll`]: a future may be polled at any time, for reasons of its neighbours in a `select!` or a `join!`. Each poll
//!   starts one more thread, and each thread wakes the task once more.
//! * [`FirstWaker`], the obvious repair: one thread, started by the first poll. But the waker that it takes along belongs to the
//!   task of *that* poll. When the future moves to another task, the old one is woken, and the new one waits for ever.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

pub struct ThreadPerPoll {
    pub when: Instant,
}

// ANCHOR: ladder-thread-per-poll
impl Future for ThreadPerPoll {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if Instant::now() >= self.when {
            return Poll::Ready("done");
        }
        wake_at(self.when, cx.waker().clone());
        Poll::Pending
    }
}

pub struct FirstWaker {
    pub when: Instant,
    pub thread_runs: bool,
}

// ANCHOR: ladder-first-waker
impl Future for FirstWaker {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if Instant::now() >= self.when {
            return Poll::Ready("done");
        }
        if !self.thread_runs {
            self.thread_runs = true;
            wake_at(self.when, cx.waker().clone());
        }
        Poll::Pending
    }
}

fn wake_at(when: Instant, waker: Waker) {
    thread::spawn(move || {
        thread::sleep(when.saturating_duration_since(Instant::now()));
        waker.wake();
    });
}

#[mini_tokio::main(flavor = "current_thread")]
async fn main() {
    let mut delay = pin!(ThreadPerPoll { when: Instant::now() + Duration::from_millis(100) });
    let mut neighbour = mini_tokio::time::interval(Duration::from_millis(10));
    let mut polls = 0;
    let delay = poll_fn(|cx| {
        polls += 1;
        delay.as_mut().poll(cx)
    });
    mini_tokio::pin!(delay);
    loop {
        mini_tokio::select! {
            outcome = &mut delay => {
                println!("{outcome} after 100 ms and {} threads, because a neighbour was busy", polls - 1);
                return;
            }
            _ = neighbour.tick() => {}
        }
    }
}
