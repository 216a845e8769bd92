//! Note C, section 10: futures written by hand, from the ladder's own programs, awaited on a real runtime.

use super::{current_thread, multi_thread};
use crate::rt::sync::Notify;
use crate::rt::task;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

#[path = "../../../examples/ladder_1_busy_delay.rs"]
#[allow(dead_code)]
mod busy;
#[path = "../../../examples/ladder_3_latest_waker.rs"]
#[allow(dead_code)]
pub mod latest;
#[path = "../../../examples/ladder_2_thread_delay.rs"]
#[allow(dead_code)]
mod thread_per_poll;

const SOON: Duration = Duration::from_millis(10);

/// The outcome of a future, and in how many polls it came.
async fn counted<F: Future>(future: F) -> (F::Output, usize) {
    let (mut future, mut polls) = (pin!(future), 0);
    poll_fn(|cx| {
        polls += 1;
        future.as_mut().poll(cx).map(|output| (output, polls))
    })
    .await
}

/// C10.2: all three delays are ready when it is time; one that wakes itself costs many polls, the others two
#[test]
fn three_delays_by_hand() {
    for runtime in [current_thread(), multi_thread(2)] {
        runtime.block_on(async {
            let when = || Instant::now() + SOON;
            let (outcome, polls) = counted(busy::Delay { when: when() }).await;
            assert_eq!(outcome, "done");
            assert!(polls > 2, "{polls} polls");
            assert_eq!(counted(thread_per_poll::ThreadPerPoll { when: when() }).await, ("done", 2));
            assert_eq!(counted(latest::Delay::until(when())).await, ("done", 2));
        });
    }
}

/// C10.2: a delay that keeps the latest waker may move to another task while it waits
#[test]
fn a_delay_moves_from_task_to_task() {
    multi_thread(2).block_on(async {
        let mut delay = latest::Delay::until(Instant::now() + SOON);
        let first = task::spawn(async move {
            let begun = poll_fn(|cx| Poll::Ready(Pin::new(&mut delay).poll(cx))).await;
            assert!(begun.is_pending());
            Some(delay)
        });
        let delay = first.await.unwrap().unwrap();
        assert_eq!(task::spawn(delay).await.unwrap(), "done");
    });
}

/// C10.4: `Notify` takes the place of a waker: a thread notifies, whether the task waits already or not yet
#[test]
fn notify_makes_a_delay_of_a_thread() {
    async fn delay(duration: Duration) {
        let notify = Arc::new(Notify::new());
        let notifier = notify.clone();
        thread::spawn(move || {
            thread::park_timeout(duration);
            notifier.notify_one();
        });
        notify.notified().await;
    }

    current_thread().block_on(async {
        delay(SOON).await;
        // Told before it waits: the permit is kept, one at most.
        let notify = Notify::new();
        notify.notify_one();
        notify.notify_one();
        notify.notified().await;
        assert!(futures::poll!(pin!(notify.notified())).is_pending());
    });
}
