//! Time in the stepper: many workers, one paused clock, every timer in the recording.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use mini_tokio::runtime::Handle;
use mini_tokio::stepper::{Event, Moved, Policy, Stepper};
use mini_tokio::time::{self, Duration, Instant, interval, sleep, timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn stepper(workers: usize) -> Stepper {
    Stepper::builder().workers(workers).policy(Policy::RoundRobin).build()
}

/// How far ahead each timer was armed, in the order of arming.
fn armed(stepper: &mut Stepper) -> Vec<Duration> {
    let armed = |event: &Event| match event {
        Event::TimerArmed { after, task, .. } => {
            assert!(task.is_some());
            Some(*after)
        }
        _ => None,
    };
    stepper.events().iter().filter_map(|recorded| armed(&recorded.event)).collect()
}

/// How far the clock moved each time, and how many timers fired there.
fn advances(stepper: &mut Stepper) -> Vec<(Duration, usize)> {
    let advanced = |event: &Event| match event {
        Event::ClockAdvanced { by, fired } => Some((*by, *fired)),
        _ => None,
    };
    stepper.events().iter().filter_map(|recorded| advanced(&recorded.event)).collect()
}

#[test]
fn sleeps_on_many_workers_end_each_at_its_time() {
    let mut stepper = stepper(3);
    let log = Arc::new(Mutex::new(Vec::new()));
    for millis in [30, 10, 20, 10, 40] {
        let log = log.clone();
        stepper.spawn(async move {
            let start = Instant::now();
            sleep(ms(millis)).await;
            log.lock().unwrap().push((millis, start.elapsed()));
        });
    }
    stepper.run_until_quiescent();
    assert_eq!(*log.lock().unwrap(), [10, 10, 20, 30, 40].map(|millis| (millis, ms(millis))));
    assert_eq!(advances(&mut stepper), [(ms(10), 2), (ms(10), 1), (ms(10), 1), (ms(10), 1)]);
}

#[test]
fn advance_fires_what_is_due_and_is_recorded() {
    let mut stepper = stepper(2);
    let sleepers = [10, 20, 100].map(|millis| stepper.spawn(sleep_for(millis)));
    while stepper.step() != (Moved::FellAsleep { worker: 1 }) {}
    let start = stepper.spawn(async {
        time::advance(ms(20)).await;
    });
    while !start.is_finished() {
        stepper.step();
    }
    assert_eq!(advances(&mut stepper), [(ms(20), 2)]);
    stepper.run_until_quiescent();
    assert_eq!(advances(&mut stepper), [(ms(20), 2), (ms(80), 1)]);
    assert!(sleepers.iter().all(|sleeper| sleeper.is_finished()));
}

async fn sleep_for(millis: u64) {
    sleep(ms(millis)).await;
}

#[test]
fn a_timer_is_armed_at_its_first_poll_and_once() {
    let mut stepper = stepper(1);
    stepper.spawn(async {
        drop(sleep(ms(1))); // never polled
        sleep(Duration::ZERO).await; // never waited for
        let mut slept = pin!(sleep(ms(7)));
        std::future::poll_fn(|cx: &mut Context<'_>| {
            for _ in 0..3 {
                assert!(slept.as_mut().poll(cx).is_pending());
            }
            Poll::Ready(())
        })
        .await;
        slept.as_mut().await;
        slept.as_mut().reset(Instant::now() + ms(5));
        slept.await;
        assert!(timeout(ms(9), sleep(ms(8))).await.is_ok());
    });
    stepper.run_until_quiescent();
    assert_eq!(armed(&mut stepper), [ms(7), ms(5), ms(8), ms(9)]);
}

#[test]
fn each_tick_of_an_interval_is_armed() {
    let mut stepper = stepper(1);
    stepper.spawn(async {
        let mut interval = interval(ms(10));
        for _ in 0..4 {
            interval.tick().await;
        }
    });
    stepper.run_until_quiescent();
    assert_eq!(armed(&mut stepper), [ms(10); 3]);
}

#[test]
fn the_clock_of_the_stepper_is_read_inside_its_tasks_and_with_its_handle_entered() {
    let mut stepper = stepper(1);
    let start = {
        let _entered = stepper.enter();
        Instant::now()
    };
    let end = stepper.spawn(async {
        sleep(Duration::from_secs(3600)).await;
        assert!(Handle::try_current().is_ok());
        Instant::now()
    });
    stepper.run_until_quiescent();
    let end = futures::executor::block_on(end).unwrap();
    assert_eq!(end - start, Duration::from_secs(3600));
    let _entered = stepper.enter();
    assert_eq!(Instant::now(), end);
}
