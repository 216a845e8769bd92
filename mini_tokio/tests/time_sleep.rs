//! Sleeps: never early, reset, dropped, counted; on a running clock and on a paused one.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::task::{ArcWake, noop_waker_ref, waker};
use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task;
use mini_tokio::time::{self, Duration, Instant, Interval, Sleep, Timeout, sleep, sleep_until};

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

#[derive(Default)]
struct CountWakes(AtomicUsize);

impl ArcWake for CountWakes {
    fn wake_by_ref(arc: &Arc<Self>) {
        arc.0.fetch_add(1, SeqCst);
    }
}

fn poll_once(sleep: Pin<&mut Sleep>) -> Poll<()> {
    sleep.poll(&mut Context::from_waker(noop_waker_ref()))
}

trait AmbiguousIfUnpin<Witness> {
    fn not_unpin(&self) {}
}
impl<T> AmbiguousIfUnpin<()> for T {}
impl<T: Unpin> AmbiguousIfUnpin<u8> for T {}

#[mini_tokio::test]
async fn the_auto_traits_are_those_of_tokio() {
    fn send_sync<T: Send + Sync>(_: &T) {}
    fn unpin<T: Unpin>() {}
    let sleep = sleep(ms(1));
    send_sync(&sleep);
    sleep.not_unpin();
    let advance = time::advance(ms(1));
    send_sync(&advance);
    let timeout: Timeout<std::future::Ready<()>> = time::timeout(ms(1), std::future::ready(()));
    send_sync(&timeout);
    timeout.not_unpin();
    let mut interval = time::interval(ms(1));
    send_sync(&interval);
    unpin::<Interval>();
    send_sync(&interval.tick());
    unpin::<Instant>();
}

#[test]
fn a_sleep_is_never_early_and_ends() {
    for rt in runtimes() {
        rt.block_on(async {
            for duration in [ms(0), Duration::from_micros(300), ms(1), ms(20)] {
                let (start, std_start) = (Instant::now(), std::time::Instant::now());
                sleep(duration).await;
                assert!(start.elapsed() >= duration && std_start.elapsed() >= duration);
                assert!(start.elapsed() < Duration::from_secs(20));
            }
            let sleepers = (0..512).map(|i| {
                task::spawn(async move {
                    let deadline = Instant::now() + ms(i % 17);
                    sleep_until(deadline).await;
                    assert!(Instant::now() >= deadline);
                })
            });
            for sleeper in sleepers.collect::<Vec<_>>() {
                sleeper.await.unwrap();
            }
        });
    }
}

#[test]
fn a_sleep_that_is_due_is_ready_at_its_first_poll() {
    for rt in runtimes() {
        rt.block_on(async {
            assert_eq!(sleep(Duration::ZERO).now_or_never(), Some(()));
            assert_eq!(sleep_until(Instant::now() - ms(100)).now_or_never(), Some(()));
        });
    }
}

#[mini_tokio::test(start_paused = true)]
async fn a_sleep_of_any_length_can_be_made() {
    let start = Instant::now();
    for duration in [Duration::MAX, Duration::MAX - ms(1), Duration::from_secs(u64::MAX / 10)] {
        assert_eq!(sleep(duration).now_or_never(), None);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(Duration::MAX).await;
    assert!(start.elapsed() > Duration::from_secs(29 * 365 * 24 * 3600));
    time::advance(Duration::from_secs(3600)).await;
    // Cut to thirty years from the present of the paused clock, not of the machine's.
    assert_eq!(sleep(Duration::MAX).now_or_never(), None);
}

#[mini_tokio::test(start_paused = true)]
async fn a_sleep_has_elapsed_once_it_was_polled_and_its_deadline_came() {
    let mut timer = pin!(sleep_until(Instant::now()));
    assert!(!timer.is_elapsed(), "not polled yet");
    timer.as_mut().await;
    assert!(timer.is_elapsed());

    let mut timer = pin!(sleep(ms(10)));
    assert!(poll_once(timer.as_mut()).is_pending() && !timer.is_elapsed());
    time::advance(Duration::from_nanos(9_999_999)).await;
    assert!(!timer.is_elapsed());
    time::advance(Duration::from_nanos(1)).await;
    assert!(timer.is_elapsed(), "without a poll");

    timer.as_mut().reset(Instant::now() + ms(10));
    assert!(!timer.is_elapsed());
    time::advance(ms(10)).await;
    assert!(timer.is_elapsed());
}

#[mini_tokio::test(start_paused = true)]
async fn a_reset_before_the_deadline_moves_it_either_way() {
    for (at_first, then) in [(100, 200), (100, 80), (100, 100), (5000, 1), (1, 5000)] {
        let start = Instant::now();
        let mut timer = pin!(sleep(ms(at_first)));
        assert!(poll_once(timer.as_mut()).is_pending());
        timer.as_mut().reset(start + ms(then));
        assert_eq!(timer.deadline(), start + ms(then));
        timer.await;
        assert_eq!(start.elapsed(), ms(then));
    }
}

#[mini_tokio::test(start_paused = true)]
async fn a_reset_after_the_deadline_makes_it_pending_again() {
    let start = Instant::now();
    let mut timer = pin!(sleep(ms(1)));
    timer.as_mut().await;
    assert!(poll_once(timer.as_mut()).is_ready(), "ready stays ready");
    timer.as_mut().reset(start + ms(600));
    assert!(poll_once(timer.as_mut()).is_pending());
    assert!(poll_once(timer.as_mut()).is_pending());
    timer.await;
    assert_eq!(start.elapsed(), ms(600));
}

#[mini_tokio::test(start_paused = true)]
async fn a_reset_to_the_past_wakes_who_waits() {
    let wakes = Arc::new(CountWakes::default());
    let waker = waker(wakes.clone());
    let mut timer = pin!(sleep(ms(100)));
    assert!(timer.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    sleep(ms(50)).await;
    assert_eq!(wakes.0.load(SeqCst), 0);
    timer.as_mut().reset(Instant::now() - ms(10));
    assert_eq!(wakes.0.load(SeqCst), 1);
    assert!(timer.poll(&mut Context::from_waker(&waker)).is_ready());
}

#[mini_tokio::test(start_paused = true)]
async fn a_dropped_sleep_wakes_nobody_and_lets_go_of_its_waker() {
    let wakes = Arc::new(CountWakes::default());
    let waker = waker(wakes.clone());
    for _ in 0..1000 {
        let mut timer = pin!(sleep(ms(10)));
        assert!(timer.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1);
    time::advance(ms(20)).await;
    assert_eq!(wakes.0.load(SeqCst), 0);
}

#[mini_tokio::test(start_paused = true)]
async fn a_sleep_wakes_its_last_waker_once() {
    let (first, last) = (Arc::new(CountWakes::default()), Arc::new(CountWakes::default()));
    let mut timer = pin!(sleep(ms(10)));
    assert!(timer.as_mut().poll(&mut Context::from_waker(&waker(first.clone()))).is_pending());
    assert!(timer.as_mut().poll(&mut Context::from_waker(&waker(last.clone()))).is_pending());
    time::advance(ms(10)).await;
    time::advance(ms(10)).await;
    assert_eq!((first.0.load(SeqCst), last.0.load(SeqCst)), (0, 1));
}

#[test]
fn a_sleep_spends_budget_when_it_is_ready() {
    for rt in runtimes() {
        rt.block_on(async {
            let ready_in_one_poll = std::future::poll_fn(|cx| {
                let mut ready = 0;
                while pin!(sleep(Duration::ZERO)).poll(cx).is_ready() {
                    ready += 1;
                }
                Poll::Ready(ready)
            });
            assert_eq!(task::spawn(ready_in_one_poll).await.unwrap(), 128);
        });
    }
}

#[test]
fn a_pending_sleep_costs_no_budget() {
    for rt in runtimes() {
        rt.block_on(async {
            let mut sleeps: Vec<_> = (0..1000).map(|_| Box::pin(sleep(Duration::from_secs(3600)))).collect();
            std::future::poll_fn(|cx| {
                assert!(sleeps.iter_mut().all(|sleep| sleep.as_mut().poll(cx).is_pending()));
                assert!(task::coop::has_budget_remaining());
                Poll::Ready(())
            })
            .await;
        });
    }
}

#[test]
fn a_task_that_never_rests_does_not_hold_a_sleep_back() {
    for rt in runtimes() {
        rt.block_on(async {
            let busy = task::spawn(async {
                loop {
                    task::yield_now().await;
                }
            });
            let deadline = Instant::now() + ms(10);
            sleep_until(deadline).await;
            assert!(Instant::now() >= deadline);
            busy.abort();
        });
    }
}

#[test]
fn a_sleep_counts_by_the_clock_it_was_made_under() {
    let paused = || Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (home, other) = (paused(), paused());
    let guard = home.enter();
    let (start, mut timer) = (Instant::now(), pin!(sleep(ms(1))));
    assert!(poll_once(timer.as_mut()).is_pending());
    let deadline = timer.deadline();
    drop(guard);
    other.block_on(async {
        time::advance(Duration::from_secs(100)).await;
        timer.as_mut().reset(deadline + ms(1));
        assert!(poll_once(timer.as_mut()).is_pending());
    });
    let end = home.block_on(async {
        timer.await;
        Instant::now()
    });
    assert_eq!(end - start, ms(2));
}

#[test]
fn a_sleep_works_under_another_executor() {
    for rt in runtimes() {
        let start = Instant::now();
        let timer = {
            let _guard = rt.enter();
            sleep(ms(5))
        };
        futures::executor::block_on(timer);
        assert!(start.elapsed() >= ms(5));
    }
}

#[test]
fn a_waker_may_drop_the_sleeps_that_are_due_with_it() {
    use std::sync::Mutex;
    type List = Arc<Mutex<Vec<Pin<Box<Sleep>>>>>;
    struct DropAll(List, Arc<AtomicUsize>);
    impl ArcWake for DropAll {
        fn wake_by_ref(arc: &Arc<Self>) {
            let sleeps = std::mem::take(&mut *arc.0.lock().unwrap());
            arc.1.fetch_add(sleeps.len(), SeqCst);
        }
    }
    for rt in runtimes() {
        let (list, dropped) = (List::default(), Arc::new(AtomicUsize::new(0)));
        let waker = waker(Arc::new(DropAll(list.clone(), dropped.clone())));
        rt.block_on(async {
            for _ in 0..100 {
                let mut timer = Box::pin(sleep(ms(200)));
                assert!(timer.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                list.lock().unwrap().push(timer);
            }
            while dropped.load(SeqCst) < 100 {
                sleep(ms(1)).await;
            }
        });
    }
}

#[mini_tokio::test(start_paused = true)]
async fn many_sleeps_fire_in_the_order_of_their_deadlines() {
    const COUNT: u64 = 100_000;
    let start = Instant::now();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sleepers: Vec<_> = (0..COUNT)
        .map(|i| {
            // A permutation of 0..COUNT, spread over eleven days.
            let after = Duration::from_micros(i * 7_919 % COUNT * 9_999_991);
            let order = order.clone();
            task::spawn(async move {
                sleep_until(start + after).await;
                assert_eq!(start.elapsed(), after, "each sees the clock stand at its own deadline");
                order.lock().unwrap().push(after);
            })
        })
        .collect();
    for sleeper in sleepers {
        sleeper.await.unwrap();
    }
    let order = order.lock().unwrap();
    assert_eq!(order.len() as u64, COUNT);
    assert!(order.is_sorted());
}
