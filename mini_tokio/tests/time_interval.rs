//! Intervals: ticks, missed ones, resets; nearly all under a paused clock, to the millisecond.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use futures::task::{ArcWake, noop_waker_ref, waker};
use mini_tokio::runtime::Builder;
use mini_tokio::time::{self, Duration, Instant, Interval, MissedTickBehavior, interval, interval_at, sleep, timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The ticks that are ready now, in milliseconds after `start`.
fn ready_ticks(interval: &mut Interval, start: Instant) -> Vec<u64> {
    let mut ticks = Vec::new();
    while let Poll::Ready(tick) = interval.poll_tick(&mut Context::from_waker(noop_waker_ref())) {
        ticks.push((tick - start).as_millis() as u64);
    }
    ticks
}

/// The plans of the ticks, and when they came, of a consumer that is busy for 650 ms after the tick at 300.
async fn ticks_with_a_delay(behavior: MissedTickBehavior) -> (Vec<u64>, Vec<u64>) {
    let start = Instant::now();
    let since = |instant: Instant| (instant - start).as_millis() as u64;
    let mut interval = interval_at(start, ms(300));
    interval.set_missed_tick_behavior(behavior);
    assert_eq!(interval.missed_tick_behavior(), behavior);
    let (mut planned, mut came) = (Vec::new(), Vec::new());
    for i in 0..7 {
        planned.push(since(interval.tick().await));
        came.push(since(Instant::now()));
        if i == 1 {
            sleep(ms(650)).await;
        }
    }
    (planned, came)
}

#[mini_tokio::test(start_paused = true)]
async fn burst_catches_up() {
    let (planned, came) = ticks_with_a_delay(MissedTickBehavior::Burst).await;
    assert_eq!(planned, [0, 300, 600, 900, 1200, 1500, 1800]);
    assert_eq!(came, [0, 300, 950, 950, 1200, 1500, 1800]);
}

#[mini_tokio::test(start_paused = true)]
async fn delay_counts_anew_from_the_late_tick() {
    let (planned, came) = ticks_with_a_delay(MissedTickBehavior::Delay).await;
    assert_eq!(planned, [0, 300, 600, 1250, 1550, 1850, 2150]);
    assert_eq!(came, [0, 300, 950, 1250, 1550, 1850, 2150]);
}

#[mini_tokio::test(start_paused = true)]
async fn skip_leaves_out_what_was_missed() {
    let (planned, came) = ticks_with_a_delay(MissedTickBehavior::Skip).await;
    assert_eq!(planned, [0, 300, 600, 1200, 1500, 1800, 2100]);
    assert_eq!(came, [0, 300, 950, 1200, 1500, 1800, 2100]);
}

#[mini_tokio::test(start_paused = true)]
async fn ticks_come_as_the_clock_is_advanced() {
    let start = Instant::now();
    let mut interval = interval_at(start, ms(300));
    assert_eq!(interval.period(), ms(300));
    assert_eq!(ready_ticks(&mut interval, start), [0]);
    for (advance, ticks) in [(100, vec![]), (200, vec![300]), (650, vec![600, 900]), (200, vec![]), (50, vec![1200])] {
        time::advance(ms(advance)).await;
        assert_eq!(ready_ticks(&mut interval, start), ticks);
    }
}

#[mini_tokio::test(start_paused = true)]
async fn each_reset_says_when_the_next_tick_is() {
    type Reset = fn(&mut Interval);
    let cases: [(Reset, u64); 5] = [
        (|interval| interval.reset(), 700),
        (|interval| interval.reset_immediately(), 400),
        (|interval| interval.reset_after(ms(20)), 420),
        (|interval| interval.reset_at(Instant::now() + ms(1000)), 1400),
        (|interval| interval.reset_at(Instant::now() - ms(50)), 350),
    ];
    for (reset, next) in cases {
        let start = Instant::now();
        let mut interval = interval_at(start, ms(300));
        for armed in [false, true] {
            let start = if armed { Instant::now() } else { start };
            interval.reset_at(start);
            assert_eq!(ready_ticks(&mut interval, start), [0]);
            time::advance(ms(400)).await;
            assert_eq!(ready_ticks(&mut interval, start), [300]);
            if !armed {
                interval.reset_at(start); // over and not polled: in no wheel
            }
            reset(&mut interval);
            assert_eq!(interval.tick().await, start + ms(next));
            assert_eq!(interval.tick().await, start + ms(next + 300));
        }
    }
}

#[mini_tokio::test(start_paused = true)]
async fn a_reset_wakes_the_task_that_waits_at_the_new_tick() {
    let start = Instant::now();
    let mut interval = interval_at(start + ms(1000), ms(300));
    let wakes = Arc::new(CountWakes::default());
    assert!(interval.poll_tick(&mut Context::from_waker(&waker(wakes.clone()))).is_pending());
    interval.reset_after(ms(10));
    time::advance(ms(10)).await;
    assert_eq!(wakes.0.load(SeqCst), 1);
    assert_eq!(ready_ticks(&mut interval, start), [10]);
}

#[derive(Default)]
struct CountWakes(AtomicUsize);

impl ArcWake for CountWakes {
    fn wake_by_ref(arc: &Arc<Self>) {
        arc.0.fetch_add(1, SeqCst);
    }
}

#[mini_tokio::test(start_paused = true)]
async fn a_ready_tick_registers_nobody_for_the_next() {
    let wakes = Arc::new(CountWakes::default());
    let mut interval = interval(ms(10));
    assert!(interval.poll_tick(&mut Context::from_waker(&waker(wakes.clone()))).is_ready());
    time::advance(ms(100)).await;
    assert_eq!(wakes.0.load(SeqCst), 0);
}

#[mini_tokio::test(start_paused = true)]
async fn a_tick_that_is_given_up_is_not_lost() {
    let start = Instant::now();
    let mut interval = interval_at(start + ms(100), ms(100));
    assert!(timeout(ms(60), interval.tick()).await.is_err());
    assert!(timeout(ms(10), interval.tick()).await.is_err());
    assert_eq!(interval.tick().await, start + ms(100));
}

#[mini_tokio::test(start_paused = true)]
async fn periods_of_any_length_are_accepted() {
    let mut longest = interval(Duration::MAX);
    assert!(poll_fn(|cx| Poll::Ready(longest.poll_tick(cx))).await.is_ready());
    longest.reset();
    longest.reset_after(Duration::MAX);
    let start = Instant::now();
    let mut shortest = interval(Duration::from_nanos(1));
    for i in 0..1000 {
        assert_eq!(shortest.tick().await, start + Duration::from_nanos(i));
    }
}

#[test]
fn ticks_on_a_running_clock_are_never_early_and_do_not_drift() {
    let runtimes = [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap(),
    ];
    for rt in runtimes {
        rt.block_on(async {
            let start = Instant::now();
            let mut interval = interval_at(start, ms(3));
            for i in 0..10 {
                assert_eq!(interval.tick().await, start + ms(3) * i);
                assert!(Instant::now() >= start + ms(3) * i);
            }
        });
    }
}
