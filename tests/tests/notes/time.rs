//! Note C, section 16: clocks that stand still.

use super::{Lines, paused};
use crate::rt;
use crate::rt::task;
use crate::rt::time::{self, Duration, Instant, interval, sleep, timeout};

/// C16.1: half a second of the paused clock takes no time at all
#[rt::test]
async fn a_paused_sleep_takes_no_time() {
    time::pause();
    let (real, virtual_) = (std::time::Instant::now(), Instant::now());
    // A day: were the real clock meant, nobody would see the end of this test.
    sleep(Duration::from_secs(86_400)).await;
    // A clock that was paused in the middle of a millisecond is rounded up to the next.
    assert!((86_400_000..=86_400_001).contains(&virtual_.elapsed().as_millis()));
    assert!(real.elapsed() < Duration::from_secs(3_600));
}

/// C16.1: `#[test]` runs on one thread, and can begin with a paused clock
#[rt::test(start_paused = true)]
async fn a_test_can_begin_paused() {
    assert_eq!(rt::runtime::Handle::current().runtime_flavor(), rt::runtime::RuntimeFlavor::CurrentThread);
    let start = Instant::now();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(start.elapsed(), Duration::from_millis(500));
}

/// C16.1: `advance` moves the clock by hand; a deadline is reached when the clock has passed it, not before
#[rt::test(start_paused = true)]
async fn the_clock_is_moved_by_hand() {
    let start = Instant::now();
    let sleeper = task::spawn(async move {
        sleep(Duration::from_millis(100)).await;
        start.elapsed()
    });
    task::yield_now().await;
    time::advance(Duration::from_millis(99)).await;
    assert!(!sleeper.is_finished());
    time::advance(Duration::from_millis(1)).await;
    assert_eq!(sleeper.await.unwrap(), Duration::from_millis(100));
    assert_eq!(start.elapsed(), Duration::from_millis(100));
}

/// C16.1: the clock moves on its own when there is nothing else to do, and only as far as the next deadline
#[test]
fn an_idle_runtime_jumps_to_the_next_deadline() {
    paused().block_on(async {
        let start = Instant::now();
        let sleepers = [30, 10, 20].map(|seconds| {
            task::spawn(async move {
                sleep(Duration::from_secs(seconds)).await;
                start.elapsed().as_secs()
            })
        });
        for (sleeper, seconds) in sleepers.into_iter().zip([30, 10, 20]) {
            assert_eq!(sleeper.await.unwrap(), seconds);
        }
        // As long as a closure runs, time stands still: what it does takes real time.
        let blocking = task::spawn_blocking(std::thread::yield_now);
        blocking.await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(30));
        time::resume();
        sleep(Duration::from_millis(1)).await;
        assert!(start.elapsed() > Duration::from_secs(30));
    });
}

/// C16.2: an interval inside of a timeout ticks at 0, 300, 600 and 900 ms, and then the timeout has its turn
#[rt::test(start_paused = true)]
async fn an_interval_ticks_until_the_timeout() {
    let (lines, start) = (Lines::default(), Instant::now());
    let ticking = {
        let lines = lines.clone();
        async move {
            let mut interval = interval(Duration::from_millis(300));
            loop {
                interval.tick().await;
                lines.say(format!("Tick! at {} ms", start.elapsed().as_millis()));
            }
        }
    };
    let elapsed = timeout(Duration::from_secs(1), ticking).await.map(|(): ()| ()).unwrap_err();
    assert_eq!(elapsed.to_string(), "deadline has elapsed");
    assert_eq!(lines.all(), ["Tick! at 0 ms", "Tick! at 300 ms", "Tick! at 600 ms", "Tick! at 900 ms"]);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}
