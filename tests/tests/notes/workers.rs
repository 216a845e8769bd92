//! Note B: the workers of a runtime, their queues, and the thread pool beside them.

use super::{block_thread, current_thread, multi_thread, panic_of};
use crate::rt::net::TcpListener;
use crate::rt::runtime::{Builder, Handle, Runtime};
use crate::rt::sync::oneshot;
use crate::rt::task::{self, JoinHandle};
use crate::rt::time::{Duration, Instant, sleep};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

/// B1: eight workers and an I/O driver: sockets work, a timer panics with a message that says what to enable
#[test]
fn without_a_timer_sockets_work_and_sleep_panics() {
    let runtime = Builder::new_multi_thread().worker_threads(8).enable_io().build().unwrap();
    assert_eq!(runtime.metrics().num_workers(), 8);
    assert!(runtime.block_on(TcpListener::bind("127.0.0.1:0")).is_ok());
    assert_eq!(
        panic_of(|| runtime.block_on(async { sleep(Duration::from_millis(1)).await })),
        "A Tokio 1.x context was found, but timers are disabled. \
         Call `enable_time` on the runtime builder to enable timers."
    );
}

/// B2: one thread and a timer: sleeping works, a socket panics with a message that says what to enable
#[test]
fn without_an_io_driver_sleep_works_and_sockets_panic() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    let bind = async { TcpListener::bind("127.0.0.1:0").await.is_ok() };
    assert_eq!(
        panic_of(|| runtime.block_on(bind)),
        "A Tokio 1.x context was found, but IO is disabled. Call `enable_io` on the runtime builder to enable IO."
    );
}

// ANCHOR: notes-steal
/// B3, B18, C3.5, C3.6: a worker without work takes it from the queue of a worker that is stuck, but not out of its LIFO slot
#[test]
fn an_idle_worker_steals_all_but_the_lifo_slot() {
    let runtime = multi_thread(2);
    let (ran, runs) = mpsc::channel();
    let stuck = runtime.spawn(async move {
        for number in 0..8 {
            let ran = ran.clone();
            task::spawn(async move { ran.send((number, thread::current().id())).unwrap() });
        }
        // This worker's queue holds 0 to 6, its slot holds 7. It does not go on until the other seven have run.
        let mut stolen: Vec<_> = (0..7).map(|_| block_thread(&runs)).collect();
        stolen.sort_by_key(|(number, _)| *number);
        (thread::current().id(), stolen, runs)
    });
    let (spawner, stolen, runs) = runtime.block_on(stuck).unwrap();
    assert!(stolen.iter().map(|(number, _)| *number).eq(0..7));
    assert!(stolen.iter().all(|(_, thread)| *thread != spawner));
    assert_eq!(block_thread(&runs), (7, spawner));
}

/// B4, C3.5, C3.6, C3.7: what a worker spawns runs before what came from outside; the last one spawned runs first
#[test]
fn the_local_queue_goes_before_the_global_one() {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).global_queue_interval(61).enable_all().build().unwrap();
    let (ran, runs) = mpsc::channel();
    let handle = runtime.handle().clone();
    runtime.spawn(async move {
        let note = |name: &'static str| {
            let ran = ran.clone();
            async move { ran.send(name).unwrap() }
        };
        let outside = note("from a thread");
        thread::scope(|scope| {
            scope.spawn(|| handle.spawn(outside));
        });
        for name in ["first", "second", "third"] {
            task::spawn(note(name));
        }
    });
    let order: Vec<_> = (0..4).map(|_| block_thread(&runs)).collect();
    assert_eq!(order, ["third", "first", "second", "from a thread"]);
}

/// B7, B18: tasks on all workers count with one atomic, and no increment is lost
#[test]
fn an_atomic_counter_is_shared_by_tasks() {
    let counter = Arc::new(AtomicUsize::new(0));
    multi_thread(4).block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|_| {
                let counter = counter.clone();
                task::spawn(async move { counter.fetch_add(1, Ordering::Relaxed) })
            })
            .collect();
        let mut before = HashSet::new();
        for task in tasks {
            // Each increment has seen another value: they happen one after the other.
            assert!(before.insert(task.await.unwrap()));
        }
    });
    assert_eq!(counter.load(Ordering::Relaxed), 1_000);
}

/// B9, B12, B14: a spawned task sleeps a second, and its handle yields its value
#[test]
fn a_join_handle_waits_for_the_value() {
    super::paused().block_on(async {
        let start = Instant::now();
        let handle = task::spawn(async {
            sleep(Duration::from_secs(1)).await;
            "task done"
        });
        assert!(!handle.is_finished());
        assert_eq!(handle.await.unwrap(), "task done");
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        sleep(Duration::from_secs(5)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(6));
    });
}

/// B15, C4.3, C13.1: a closure that computes runs on a thread beside the workers, while these go on
#[test]
fn spawn_blocking_leaves_the_workers_free() {
    current_thread().block_on(async {
        let (go, wait) = mpsc::channel();
        let mut text = "Hello, ".to_owned();
        let computing = task::spawn_blocking(move || {
            // Not before the runtime's only thread has got this far.
            text.push_str(block_thread(&wait));
            (text, thread::current().id())
        });
        task::spawn(async move { go.send("world").unwrap() }).await.unwrap();
        let (text, thread) = computing.await.unwrap();
        assert_eq!(text, "Hello, world");
        assert_ne!(thread, thread::current().id());
    });
}

/// B16, C13.1: an ordinary function builds a runtime and blocks on it
#[test]
fn synchronous_code_calls_asynchronous_code() {
    async fn length(text: &str) -> usize {
        task::yield_now().await;
        text.len()
    }
    fn synchronous(text: &str) -> std::io::Result<usize> {
        let runtime = Runtime::new()?;
        Ok(runtime.block_on(length(text)))
    }
    assert_eq!(synchronous("abc").unwrap(), 3);
}

/// B17: the figures that a console shows: tasks that are alive, and the length of the global queue
#[test]
fn a_monitor_sees_tasks_and_queues() {
    let runtime = multi_thread(1);
    let metrics = runtime.metrics();
    let (stuck, wait) = mpsc::channel();
    let (inside, entered) = mpsc::channel();
    let blocker = runtime.spawn(async move {
        inside.send(()).unwrap();
        block_thread(&wait);
    });
    block_thread(&entered);
    let waiting: Vec<JoinHandle<()>> = (0..5).map(|_| runtime.spawn(async {})).collect();
    assert_eq!((metrics.num_alive_tasks(), metrics.global_queue_depth()), (6, 5));
    stuck.send(()).unwrap();
    runtime.block_on(async {
        blocker.await.unwrap();
        for task in waiting {
            task.await.unwrap();
        }
    });
    assert_eq!(metrics.global_queue_depth(), 0);
}

/// B18, C3.2: a switch happens at an `.await` and nowhere else, and bounded tasks get bounded turns
#[test]
fn tasks_take_turns_at_await() {
    let lines = super::Lines::default();
    current_thread().block_on(async {
        let tasks: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .map(|name| {
                let lines = lines.clone();
                task::spawn(async move {
                    for turn in 0..2 {
                        lines.say(format!("{name}{turn} begins"));
                        lines.say(format!("{name}{turn} ends"));
                        task::yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let lines = lines.all();
    let turns: Vec<_> = lines.chunks(2).map(|pair| pair[0].split(' ').next().unwrap()).collect();
    for (turn, pair) in turns.iter().zip(lines.chunks(2)) {
        assert_eq!(pair, [format!("{turn} begins"), format!("{turn} ends")]);
    }
    // Nobody has a second turn before everybody has had the first. In which order second turns come is not promised.
    assert_eq!(turns[..3], ["a0", "b0", "c0"]);
    assert!(turns[3..].iter().all(|turn| turn.ends_with('1')), "{turns:?}");
}

// ANCHOR: notes-concurrency
/// E1, C5.1: tasks of one thread are concurrent and take turns; on two workers they are parallel, and meet at a barrier
#[test]
fn concurrency_is_not_parallelism() {
    let concurrent = current_thread().block_on(async {
        let (ping, ponged) = oneshot::channel();
        let first = task::spawn(async move { (ponged.await.unwrap(), thread::current().id()) });
        let second = task::spawn(async move { (ping.send(1).is_ok(), thread::current().id()) });
        (first.await.unwrap(), second.await.unwrap())
    });
    assert_eq!(concurrent, ((1, thread::current().id()), (true, thread::current().id())));

    // A barrier of the operating system blocks: both tasks must run at the same time to get past it.
    let meeting = Arc::new(Barrier::new(2));
    let runtime = multi_thread(2);
    let threads: HashSet<_> = runtime.block_on(async {
        let tasks = [meeting.clone(), meeting].map(|meeting| {
            task::spawn(async move {
                meeting.wait();
                thread::current().id()
            })
        });
        let [first, second] = tasks;
        [first.await.unwrap(), second.await.unwrap()].into()
    });
    assert_eq!(threads.len(), 2);
}

// ANCHOR: notes-many-tasks
/// E1: M tasks on N threads
#[test]
fn many_tasks_share_few_threads() {
    let runtime = multi_thread(3);
    let threads = runtime.block_on(async {
        let tasks: Vec<_> = (0..1_000).map(|_| task::spawn(async { thread::current().id() })).collect();
        let mut threads = HashSet::new();
        for task in tasks {
            threads.insert(task.await.unwrap());
        }
        threads
    });
    assert!((1..=3).contains(&threads.len()), "{} threads", threads.len());
    assert!(Handle::try_current().is_err());
}
