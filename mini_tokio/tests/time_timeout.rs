//! Timeouts: who wins, what is dropped, and that no future keeps its timeout from the clock.

use std::future::{Future, pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::task::noop_waker_ref;
use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task;
use mini_tokio::time::{self, Duration, Instant, error, sleep, timeout, timeout_at};

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap(),
    ]
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_future_that_is_ready_wins_against_any_deadline() {
    for rt in runtimes() {
        rt.block_on(async {
            assert_eq!(timeout_at(Instant::now() - ms(1000), ready(7)).now_or_never(), Some(Ok(7)));
            assert_eq!(timeout(Duration::ZERO, ready(7)).now_or_never(), Some(Ok(7)));
        });
    }
}

#[test]
fn a_future_that_is_late_loses_and_is_dropped() {
    for rt in runtimes() {
        let drops = Arc::new(AtomicUsize::new(0));
        rt.block_on(async {
            let counted = CountDrop(drops.clone());
            let start = Instant::now();
            let result = timeout(ms(10), async move {
                let _counted = counted;
                pending::<()>().await;
            })
            .await;
            assert!(result.is_err() && start.elapsed() >= ms(10));
            assert_eq!(drops.load(SeqCst), 1);
        });
    }
}

#[mini_tokio::test(start_paused = true)]
async fn the_earlier_of_future_and_deadline_decides() {
    for (work, limit) in [(100, 300), (300, 100), (299, 300), (301, 300)] {
        let start = Instant::now();
        let result = timeout(ms(limit), sleep(ms(work))).await;
        assert_eq!(result.is_ok(), work < limit);
        assert_eq!(start.elapsed(), ms(work.min(limit)));
    }
    assert!(timeout(ms(300), sleep(ms(300))).await.is_ok(), "the future is looked at first");
}

#[mini_tokio::test(start_paused = true)]
async fn a_timeout_goes_on_until_its_future_is_ready() {
    let (tx, rx) = oneshot::channel();
    let mut timeout = pin!(timeout(ms(100), rx));
    let mut cx = Context::from_waker(noop_waker_ref());
    assert!(timeout.as_mut().poll(&mut cx).is_pending());
    time::advance(ms(99)).await;
    assert!(timeout.as_mut().poll(&mut cx).is_pending());
    tx.send(3).unwrap();
    assert_eq!(timeout.poll(&mut cx), Poll::Ready(Ok(Ok(3))));
}

#[mini_tokio::test(start_paused = true)]
async fn the_longest_timeout_is_no_limit() {
    let mut timeout = pin!(timeout(Duration::MAX, pending::<()>()));
    let mut cx = Context::from_waker(noop_waker_ref());
    assert!(timeout.as_mut().poll(&mut cx).is_pending());
    time::advance(Duration::from_secs(60 * 365 * 24 * 3600)).await;
    assert!(timeout.poll(&mut cx).is_pending());
}

#[test]
fn a_future_that_uses_up_the_budget_does_not_stop_the_clock() {
    for rt in runtimes() {
        rt.block_on(async {
            let greedy = || async {
                loop {
                    task::coop::consume_budget().await;
                }
            };
            assert!(timeout(ms(1), greedy()).await.is_err());
            assert!(task::spawn(timeout(ms(1), greedy())).await.unwrap().is_err());
        });
    }
}

#[mini_tokio::test]
async fn the_inner_future_can_be_reached_and_taken_back() {
    let mut timeout = timeout(ms(1), ready(1));
    assert_eq!(timeout.get_ref().clone().await, 1);
    *timeout.get_mut() = ready(2);
    assert_eq!(timeout.into_inner().await, 2);
}

#[mini_tokio::test(start_paused = true)]
async fn an_elapsed_timeout_is_an_io_error_of_its_kind() {
    let elapsed: error::Elapsed = timeout(ms(1), pending::<()>()).await.unwrap_err();
    assert_eq!(elapsed.to_string(), "deadline has elapsed");
    assert_eq!(std::io::Error::from(elapsed).kind(), std::io::ErrorKind::TimedOut);
    let error = error::Error::shutdown();
    assert!(error.is_shutdown() && !error.is_at_capacity() && !error.is_invalid());
    assert!(error::Error::at_capacity().is_at_capacity() && error::Error::invalid().is_invalid());
}
