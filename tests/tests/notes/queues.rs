//! Note C, section 3: what the queues promise. Orders and lengths, seen from outside.

use super::{block_thread, current_thread, multi_thread};
use crate::rt::net::TcpListener;
use crate::rt::runtime::{Builder, Handle};
use crate::rt::sync::oneshot;
use crate::rt::task::{self, coop};
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;

/// Spawns from a thread that knows nothing of the runtime, and so into the global queue.
fn spawn_from_outside(handle: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    thread::scope(|scope| {
        scope.spawn(|| handle.spawn(task));
    });
}

/// C3.3: on one thread, local tasks go first and in order; every 31st turn is the global queue's
#[test]
fn every_31st_turn_is_the_global_queues() {
    let (ran, runs) = mpsc::channel();
    let runtime = current_thread();
    let handle = runtime.handle().clone();
    runtime.block_on(async {
        for number in 0..100 {
            let ran = ran.clone();
            task::spawn(async move { ran.send(Some(number)).unwrap() });
        }
        let (first, inner) = (ran.clone(), handle.clone());
        spawn_from_outside(&handle, async move {
            first.send(None).unwrap();
            spawn_from_outside(&inner, async move { first.send(None).unwrap() });
        });
        task::spawn(async {}).await.unwrap();
    });
    let order: Vec<Option<i32>> = runs.try_iter().collect();
    let global: Vec<_> = (0..order.len()).filter(|turn| order[*turn].is_none()).collect();
    assert_eq!(global.len(), 2);
    assert!(global[0] < 31, "{global:?}");
    assert_eq!(global[1] - global[0], 31);
    // The others kept their order.
    assert!(order.into_iter().flatten().eq(0..100));
}

/// How often a busy task runs before the runtime has looked at its sockets.
fn turns_before_a_look_at_the_driver(event_interval: u32) -> usize {
    let runtime = Builder::new_current_thread().enable_all().event_interval(event_interval).build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // From here on a connection waits to be accepted, but only the driver knows.
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let accepted = Arc::new(AtomicBool::new(false));
        let busy = task::spawn({
            let (accepted, mut turns) = (accepted.clone(), 0);
            poll_fn(move |cx| {
                if accepted.load(Ordering::Relaxed) {
                    return Poll::Ready(turns);
                }
                turns += 1;
                // Unlike `yield_now` this goes straight to the queue: the runtime never runs out of work.
                cx.waker().wake_by_ref();
                Poll::Pending
            })
        });
        task::spawn(async move {
            listener.accept().await.unwrap();
            accepted.store(true, Ordering::Relaxed);
        });
        busy.await.unwrap()
    })
}

/// C3.4: a runtime that is never idle still looks at its drivers, after `event_interval` tasks
#[test]
fn drivers_are_polled_between_busy_tasks() {
    let often = turns_before_a_look_at_the_driver(5);
    assert!(often <= 15, "{often} turns");
    let seldom = turns_before_a_look_at_the_driver(500);
    assert!((100..=510).contains(&seldom), "{seldom} turns");
}

/// C3.5: a local queue has 256 places; when it is full, half of it and the newcomer go to the global queue
#[test]
fn an_overflow_moves_half_of_the_queue() {
    let runtime = multi_thread(1);
    let metrics = runtime.metrics();
    let depths = runtime.block_on(async move {
        let spawner = task::spawn(async move {
            // One in the LIFO slot, 256 in the queue.
            for _ in 0..257 {
                task::spawn(async {});
            }
            let full = metrics.global_queue_depth();
            task::spawn(async {});
            (full, metrics.global_queue_depth())
        });
        spawner.await.unwrap()
    });
    assert_eq!(depths, (0, 129));
}

/// Spawns a task that says its number and spawns the next.
fn relay(number: usize, last: usize, ran: mpsc::Sender<String>) {
    task::spawn(async move {
        ran.send(format!("relay {number}")).unwrap();
        if number < last {
            relay(number + 1, last, ran);
        }
    });
}

/// C3.6: the LIFO slot is used three times in a row at most, then the queue has its turn
#[test]
fn the_lifo_slot_wins_three_times_in_a_row() {
    let (ran, runs) = mpsc::channel();
    let patient = ran.clone();
    multi_thread(1).block_on(async move {
        task::spawn(async move {
            task::spawn(async move { patient.send("patient".to_owned()).unwrap() });
            relay(1, 4, ran);
        });
        let order: Vec<String> = (0..5).map(|_| block_thread(&runs)).collect();
        assert_eq!(order, ["relay 1", "relay 2", "relay 3", "patient", "relay 4"]);
    });
}

/// C3.6: a task that is woken by a task takes the slot, and who was there goes to the queue
#[test]
fn the_task_woken_last_runs_first() {
    let (ran, runs) = mpsc::channel();
    multi_thread(1).block_on(async move {
        let (wake_a, a) = oneshot::channel::<()>();
        let (wake_b, b) = oneshot::channel::<()>();
        let waiting = [("a", a), ("b", b)].map(|(name, woken)| {
            let ran = ran.clone();
            task::spawn(async move {
                ran.send(format!("{name} waits")).unwrap();
                let _ = woken.await;
                ran.send(format!("{name} woken")).unwrap();
            })
        });
        let mut both = [block_thread(&runs), block_thread(&runs)];
        both.sort();
        assert_eq!(both, ["a waits", "b waits"]);
        let waker = task::spawn(async move {
            wake_a.send(()).unwrap();
            wake_b.send(()).unwrap();
        });
        waker.await.unwrap();
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!([block_thread(&runs), block_thread(&runs)], ["b woken", "a woken"]);
    });
}

/// What is left of the budget, by spending it.
async fn spend_budget(at_most: usize) -> usize {
    let mut spent = 0;
    while spent < at_most && coop::has_budget_remaining() {
        coop::consume_budget().await;
        spent += 1;
    }
    spent
}

/// C3.6, C4.5: a task from the LIFO slot gets what its predecessor has left of the budget; one from the queue gets it whole
#[test]
fn the_lifo_slot_does_not_refill_the_budget() {
    multi_thread(1).block_on(async {
        let spent = task::spawn(async {
            assert_eq!(spend_budget(100).await, 100);
            let queued = task::spawn(spend_budget(usize::MAX));
            let in_slot = task::spawn(spend_budget(usize::MAX));
            (in_slot.await.unwrap(), queued.await.unwrap())
        });
        assert_eq!(spent.await.unwrap(), (28, 128));
    });
}

/// C3.7: a wake from a thread that is no worker goes to the global queue
#[test]
fn a_wake_from_outside_goes_to_the_global_queue() {
    let runtime = multi_thread(1);
    let metrics = runtime.metrics();
    let (wake, woken) = oneshot::channel();
    let (waits, wait) = mpsc::channel();
    let (release, blocked) = mpsc::channel();
    let sleeper = runtime.spawn(async move {
        waits.send(()).unwrap();
        woken.await.unwrap()
    });
    block_thread(&wait);
    let (entered, inside) = mpsc::channel();
    let stuck = runtime.spawn(async move {
        entered.send(()).unwrap();
        block_thread(&blocked);
    });
    block_thread(&inside);
    assert_eq!(metrics.global_queue_depth(), 0);
    wake.send("awake").unwrap();
    assert_eq!(metrics.global_queue_depth(), 1);
    release.send(()).unwrap();
    runtime.block_on(async {
        stuck.await.unwrap();
        assert_eq!(sleeper.await.unwrap(), "awake");
    });
}
