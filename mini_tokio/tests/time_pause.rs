//! The paused clock: when it moves, how far, and what it waits for.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task;
use mini_tokio::time::{self, Duration, Instant, interval, sleep, sleep_until, timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// As [`paused`], and says each time that it is about to sleep.
fn paused_that_says_when_it_sleeps() -> (Runtime, Receiver<()>) {
    let (tx, rx) = mpsc::channel();
    let mut builder = Builder::new_current_thread();
    let builder = builder.enable_all().start_paused(true).on_thread_park(move || {
        let _ = tx.send(());
    });
    (builder.build().unwrap(), rx)
}

/// What must not be seen on a paused clock.
fn let_real_time_pass(duration: Duration) {
    std::thread::sleep(duration);
}

#[mini_tokio::test]
async fn a_paused_clock_jumps_to_the_next_deadline_when_nothing_is_left_to_do() {
    time::pause();
    let (start, std_start) = (Instant::now(), std::time::Instant::now());
    sleep(Duration::from_secs(1_000_000)).await;
    assert_eq!(start.elapsed(), Duration::from_secs(1_000_000));
    assert!(std_start.elapsed() < Duration::from_secs(1000), "the machine's clock is another");
}

#[mini_tokio::test(start_paused = true)]
async fn a_paused_clock_stands_still_while_there_is_something_to_do() {
    let start = Instant::now();
    let sleeper = task::spawn(sleep(ms(1)));
    for _ in 0..1000 {
        task::yield_now().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
    assert!(!sleeper.is_finished());
    let_real_time_pass(ms(2));
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleeper.await.unwrap();
    assert_eq!(start.elapsed(), ms(1));
}

#[mini_tokio::test(start_paused = true)]
async fn sleeps_end_in_order_and_each_at_its_time() {
    let start = Instant::now();
    let log = Arc::new(Mutex::new(Vec::new()));
    let sleepers = [30, 10, 20, 10, 40].map(|millis| {
        let log = log.clone();
        task::spawn(async move {
            sleep(ms(millis)).await;
            log.lock().unwrap().push((millis, start.elapsed()));
        })
    });
    for sleeper in sleepers {
        sleeper.await.unwrap();
    }
    let expected = [10, 10, 20, 30, 40].map(|millis| (millis, ms(millis)));
    assert_eq!(*log.lock().unwrap(), expected);
}

#[mini_tokio::test(start_paused = true)]
async fn an_interval_inside_a_timeout_keeps_its_order() {
    let start = Instant::now();
    let mut ticks = Vec::new();
    let result = timeout(Duration::from_secs(3), async {
        let mut interval = interval(Duration::from_secs(1));
        loop {
            interval.tick().await;
            ticks.push(start.elapsed().as_secs());
        }
    });
    let result: Result<(), _> = result.await;
    assert!(result.is_err());
    // The tick at three seconds and the end of the timeout are due together; the inner future is looked at first.
    assert_eq!(ticks, [0, 1, 2, 3]);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[test]
fn a_run_under_a_paused_clock_repeats_itself() {
    let run = || {
        paused().block_on(async {
            let (start, mut times, mut random) = (Instant::now(), Vec::new(), 1_u64);
            for _ in 0..10_000 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                sleep(Duration::from_nanos(random >> 34)).await;
                times.push(start.elapsed());
            }
            times
        })
    };
    assert_eq!(run(), run());
}

#[mini_tokio::test(start_paused = true)]
async fn advance_moves_the_clock_by_exactly_what_it_was_told() {
    for nanos in [0, 1, 999_999, 1_000_000, 51_592_000, 3_123_456_789] {
        let (start, by) = (Instant::now(), Duration::from_nanos(nanos));
        time::advance(by).await;
        assert_eq!(start.elapsed(), by);
    }
}

#[mini_tokio::test(start_paused = true)]
async fn advance_wakes_what_is_due_in_order_and_lets_it_run() {
    let start = Instant::now();
    let log = Arc::new(Mutex::new(Vec::new()));
    for millis in [30, 10, 100, 20, 101] {
        let log = log.clone();
        task::spawn(async move {
            sleep_until(start + ms(millis)).await;
            log.lock().unwrap().push((millis, start.elapsed()));
        });
    }
    task::yield_now().await;
    time::advance(ms(100)).await;
    let expected = [10, 20, 30, 100].map(|millis| (millis, ms(100)));
    assert_eq!(*log.lock().unwrap(), expected);
}

#[test]
fn a_spawned_task_can_pause_and_advance() {
    let rt = Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        task::spawn(async {
            time::pause();
            let start = Instant::now();
            time::advance(Duration::from_secs(5)).await;
            assert_eq!(start.elapsed(), Duration::from_secs(5));
        })
        .await
        .unwrap();
    });
}

#[mini_tokio::test]
async fn a_resumed_clock_goes_on_from_where_it_stood() {
    time::pause();
    let start = Instant::now();
    let sleeper = task::spawn(sleep(Duration::from_secs(3600) + ms(5)));
    task::yield_now().await;
    time::advance(Duration::from_secs(3600)).await;
    time::resume();
    sleeper.await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3600) + ms(5));
    assert!(start.elapsed() < Duration::from_secs(7200), "the hour was not waited for again");
    time::pause(); // may be repeated
    time::resume();
}

#[mini_tokio::test]
async fn a_sleep_armed_before_the_pause_waits_for_the_paused_clock() {
    let start = Instant::now();
    let sleeper = task::spawn(sleep(Duration::from_secs(3600)));
    task::yield_now().await;
    time::pause();
    sleeper.await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3600));
}

#[test]
fn a_pause_is_the_business_of_one_runtime() {
    let (paused, running) = (paused(), Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
    let now_in = |rt: &Runtime| rt.block_on(async { Instant::now() });
    let (in_paused, in_running, outside) = (now_in(&paused), now_in(&running), Instant::now());
    let_real_time_pass(ms(2));
    assert_eq!(now_in(&paused), in_paused);
    assert!(now_in(&running) >= in_running + ms(2) && Instant::now() >= outside + ms(2));
}

#[test]
fn the_clock_is_the_runtimes_also_on_its_blocking_threads() {
    paused().block_on(async {
        let start = Instant::now();
        let there = task::spawn_blocking(|| {
            let_real_time_pass(ms(2));
            Instant::now()
        });
        assert_eq!(there.await.unwrap(), start);
    });
}

#[test]
fn the_clock_waits_for_a_closure_on_the_blocking_pool() {
    // The closure ends in a race with the runtime's going idle: repeated, for the sake of the narrow window.
    let rt = paused();
    for i in 0..300 {
        rt.block_on(async {
            let start = Instant::now();
            let sleeper = task::spawn(sleep(ms(1)));
            let closure = task::spawn_blocking(move || let_real_time_pass(Duration::from_micros(i % 30 * 10)));
            closure.await.unwrap();
            assert_eq!(start.elapsed(), Duration::ZERO);
            sleeper.abort();
        });
    }
}

#[test]
fn the_clock_goes_on_when_a_closure_ends_for_which_nobody_waits() {
    let (rt, asleep) = paused_that_says_when_it_sleeps();
    let ended = Arc::new(AtomicBool::new(false));
    let set = ended.clone();
    rt.block_on(async move {
        drop(task::spawn_blocking(move || {
            asleep.recv().unwrap();
            set.store(true, SeqCst);
        }));
        sleep(Duration::from_secs(1)).await;
        assert!(ended.load(SeqCst), "the clock did not wait");
    });
}

#[test]
fn a_wake_from_another_thread_counts_as_something_to_do() {
    let rt = paused();
    let deadlines = Arc::new(AtomicUsize::new(0));
    for _ in 0..100 {
        rt.block_on(async {
            let (tx, rx) = futures::channel::oneshot::channel();
            let counted = deadlines.clone();
            let sleeper = task::spawn(async move {
                sleep(Duration::from_secs(1)).await;
                counted.fetch_add(1, SeqCst);
            });
            // In flight, so the clock stands still; the value is sent before it ends.
            let closure = task::spawn_blocking(move || tx.send(()));
            rx.await.unwrap();
            assert_eq!(deadlines.load(SeqCst), 0);
            closure.await.unwrap().unwrap();
            assert_eq!(deadlines.load(SeqCst), 0);
            sleeper.abort();
        });
    }
}

#[test]
fn a_sleep_armed_on_another_thread_moves_the_clock_of_an_idle_runtime() {
    let (rt, asleep) = paused_that_says_when_it_sleeps();
    let handle = rt.handle().clone();
    let (tx, rx) = futures::channel::oneshot::channel();
    let thread = std::thread::spawn(move || {
        asleep.recv().unwrap();
        handle.block_on(async {
            let start = Instant::now();
            sleep(Duration::from_secs(1)).await;
            let _ = tx.send(start.elapsed());
        });
    });
    assert_eq!(rt.block_on(rx).unwrap(), Duration::from_secs(1));
    thread.join().unwrap();
}

#[mini_tokio::test(start_paused = true)]
async fn eternity_passes_again_and_again() {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let start = Instant::now();
    for round in 1..=8 {
        sleep(Duration::MAX).await;
        assert_eq!(start.elapsed(), YEAR * 30 * round);
    }
    // The clock ends after 250 years, and whoever waits for more is told there.
    for _ in 0..100 {
        sleep(Duration::MAX).await;
        assert!((YEAR * 249..=YEAR * 250).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
    let mut ticks = time::interval(YEAR);
    for _ in 0..100 {
        ticks.tick().await;
    }
    time::advance(Duration::ZERO).await;
}

#[test]
fn a_sleep_counts_by_the_clock_of_its_runtime_whoever_polls_it_first() {
    let (rt, other) = (paused(), paused());
    let mut sleep = {
        let _entered = rt.enter();
        Box::pin(sleep(ms(50)))
    };
    let poll = |sleep: &mut std::pin::Pin<Box<time::Sleep>>| {
        let _entered = other.enter();
        futures::FutureExt::now_or_never(sleep).is_some()
    };
    assert!(!poll(&mut sleep));
    other.block_on(time::advance(ms(100)));
    assert!(!poll(&mut sleep), "by the other's clock");
    rt.block_on(time::advance(ms(50)));
    assert!(poll(&mut sleep));
}

#[test]
fn a_socket_speaks_before_the_clock_moves() {
    use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
    use mini_tokio::net::{TcpListener, TcpStream};
    let rt = paused();
    let (mut near, mut far) = rt.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (near, listener.accept().await.unwrap().0)
    });
    for _ in 0..100 {
        rt.block_on(async {
            let start = Instant::now();
            let sleeper = task::spawn(sleep(ms(100)));
            let receiver = async {
                // The root future itself waits for the socket: it stands in no queue when it is woken.
                far.read_u8().await.unwrap();
                assert_eq!(start.elapsed(), Duration::ZERO);
            };
            let sender = async {
                task::yield_now().await;
                near.write_u8(1).await.unwrap();
            };
            futures::join!(receiver, sender);
            sleeper.await.unwrap();
            assert_eq!(start.elapsed(), ms(100));
        });
    }
}
