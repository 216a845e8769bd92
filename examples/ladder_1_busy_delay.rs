//! Rung 1 of the ladder: a future by hand, the simplest that works. It waits by asking again and again.
//!
//! ```text
//!   executor ──poll──▶ Delay: "is it time?"   no: wake me at once, Pending ──┐
//!       ▲                                                                    │
//!       └────────────────────────────── woken ◀──────────────────────────────┘
//! ```
//!
//! What is right: it answers `Ready` when it is time, and before each `Pending` it has seen to it that somebody wakes it.
//! That is the whole contract of `Future`.
//!
//! What is wrong: the somebody is itself. While it waits it takes a processor for itself; see how often it is polled.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

pub struct Delay {
    pub when: Instant,
}

// ANCHOR: ladder-busy-delay
impl Future for Delay {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if Instant::now() >= self.when {
            Poll::Ready("done")
        } else {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
}

#[mini_tokio::main(flavor = "current_thread")]
async fn main() {
    let mut delay = pin!(Delay { when: Instant::now() + Duration::from_millis(10) });
    let mut polls = 0;
    let outcome = poll_fn(|cx| {
        polls += 1;
        delay.as_mut().poll(cx)
    });
    println!("{} after 10 ms and {polls} polls; two were enough", outcome.await);
}
