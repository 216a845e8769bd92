//! The five rungs of the ladder (`examples/ladder_*.rs`): what each does right, and what is wrong with it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{panic, thread};

use rung_5::rung_3;
use tests::examples;

#[path = "../../examples/ladder_1_busy_delay.rs"]
#[allow(dead_code)]
mod rung_1;
#[path = "../../examples/ladder_2_thread_delay.rs"]
#[allow(dead_code)]
mod rung_2;
#[path = "../../examples/ladder_4_queue_executor.rs"]
#[allow(dead_code)]
mod rung_4;
#[path = "../../examples/ladder_5_wake_executor.rs"]
#[allow(dead_code)]
mod rung_5;

const SOON: Duration = Duration::from_millis(20);
/// Longer than anything takes that ends.
const LIMIT: Duration = Duration::from_secs(60);

/// A task as its futures see it: it counts how often it is woken, and tells.
struct Task {
    wakes: AtomicUsize,
    woken: mpsc::Sender<()>,
}

impl Task {
    fn new() -> (Arc<Self>, Waker, mpsc::Receiver<()>) {
        let (woken, wakes) = mpsc::channel();
        let task = Arc::new(Task { wakes: AtomicUsize::new(0), woken });
        (task.clone(), task.into(), wakes)
    }

    fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        let _ = self.woken.send(());
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

// ANCHOR: ladder-test-busy
/// C10.2: the busy delay wakes itself in every poll that is too early, and never again after it was ready
#[test]
fn a_busy_delay_wakes_itself_every_time() {
    let (task, waker, _) = Task::new();
    let mut delay = rung_1::Delay { when: Instant::now() + LIMIT };
    for polls in 1..=1_000 {
        assert!(poll(&mut delay, &waker).is_pending());
        assert_eq!(task.wakes(), polls);
    }
    delay.when = Instant::now();
    assert_eq!(poll(&mut delay, &waker), Poll::Ready("done"));
    assert_eq!(task.wakes(), 1_000);
}

// ANCHOR: ladder-test-thread-per-poll
/// C10.2: with a thread for each poll, ten polls make ten threads and ten wake-ups
#[test]
fn a_thread_per_poll_is_too_many() {
    let (task, waker, woken) = Task::new();
    let mut delay = rung_2::ThreadPerPoll { when: Instant::now() + SOON };
    let mut polls = 0;
    while polls < 10 && poll(&mut delay, &waker).is_pending() {
        polls += 1;
    }
    (0..polls).for_each(|_| woken.recv_timeout(LIMIT).unwrap());
    assert_eq!(poll(&mut delay, &waker), Poll::Ready("done"));
    assert_eq!(task.wakes(), polls);
    // A machine that is slow enough sees fewer polls in that time, but not only one.
    assert!(polls > 1, "{polls} polls");
}

// ANCHOR: ladder-test-first-waker
/// C10.2: with the waker of the first poll, a delay that has moved wakes the task that it came from; the other waits for ever
#[test]
fn the_first_waker_loses_the_wake_up_of_a_moved_delay() {
    let (_old, old_waker, old_woken) = Task::new();
    let (new, new_waker, _) = Task::new();
    let mut delay = rung_2::FirstWaker { when: Instant::now() + SOON, thread_runs: false };
    assert!(poll(&mut delay, &old_waker).is_pending());
    assert!(poll(&mut delay, &new_waker).is_pending());
    old_woken.recv_timeout(LIMIT).unwrap();
    // The only thread there is has woken, and is done.
    assert_eq!(new.wakes(), 0);
}

// ANCHOR: ladder-test-latest-waker
/// C10.2: with the latest waker, one thread wakes the task that polled last, once
#[test]
fn the_latest_waker_is_the_one_that_is_woken() {
    let (old, old_waker, _) = Task::new();
    let (new, new_waker, new_woken) = Task::new();
    let mut delay = rung_3::Delay::until(Instant::now() + SOON);
    assert!(poll(&mut delay, &old_waker).is_pending());
    for _ in 0..10 {
        let _ = poll(&mut delay, &new_waker);
    }
    new_woken.recv_timeout(LIMIT).unwrap();
    assert_eq!(poll(&mut delay, &new_waker), Poll::Ready("done"));
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

/// C10.2: what is wrong with rung 3: the thread outlives its delay, and still wakes
#[test]
fn a_dropped_delay_of_rung_3_still_wakes() {
    let (task, waker, woken) = Task::new();
    let mut delay = rung_3::Delay::until(Instant::now() + SOON);
    assert!(poll(&mut delay, &waker).is_pending());
    drop(delay);
    woken.recv_timeout(LIMIT).unwrap();
    assert_eq!(task.wakes(), 1);
}

// ANCHOR: ladder-test-queue
/// C10.3: the queue executor polls in turns, and polls a task that nobody has woken or ever will
#[test]
fn the_queue_executor_polls_whom_nobody_has_woken() {
    let polls: [_; 2] = std::array::from_fn(|_| Arc::new(AtomicUsize::new(0)));
    let mut executor = rung_4::MiniTokio::default();
    for counter in polls.clone() {
        executor.spawn(poll_fn(move |_| {
            // A thousand times not ready, and not a word about a wake-up.
            if counter.fetch_add(1, Ordering::SeqCst) < 1_000 { Poll::Pending } else { Poll::Ready(()) }
        }));
    }
    executor.run();
    assert_eq!(polls.map(|polls| polls.load(Ordering::SeqCst)), [1_001, 1_001]);
}

/// C10.3: the waker of the queue executor belongs to no task
#[test]
fn the_queue_executors_waker_knows_no_task() {
    let mut executor = rung_4::MiniTokio::default();
    let ran = Arc::new(AtomicBool::new(false));
    let seen = ran.clone();
    executor.spawn(async move {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        // No data behind it: it cannot know which task it belongs to.
        seen.store(waker.data().is_null(), Ordering::SeqCst);
    });
    executor.run();
    assert!(ran.load(Ordering::SeqCst));
}

// ANCHOR: ladder-test-wake
/// C10.3: the executor of rung 5 polls a task once when it is spawned and once for each wake, and sleeps between
#[test]
fn the_wake_executor_polls_whom_somebody_has_woken() {
    let (polls, (sender, wakers)) = (Arc::new(AtomicUsize::new(0)), mpsc::channel());
    let executor = rung_5::MiniTokio::new();
    let counter = polls.clone();
    executor.spawn(poll_fn(move |cx| {
        sender.send(cx.waker().clone()).unwrap();
        if counter.fetch_add(1, Ordering::SeqCst) < 3 { Poll::Pending } else { Poll::Ready(()) }
    }));
    let running = thread::spawn(|| executor.run());
    for polls_so_far in 1..=3 {
        let waker: Waker = wakers.recv_timeout(LIMIT).unwrap();
        // It is asleep: a task that nobody wakes is not polled, however long one looks.
        (0..100).for_each(|_| thread::yield_now());
        assert_eq!(polls.load(Ordering::SeqCst), polls_so_far);
        waker.wake();
    }
    drop(wakers.recv_timeout(LIMIT).unwrap());
    // With the last waker gone nobody can be woken any more: the executor ends.
    running.join().unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 4);
}

/// C10.3: a wake-up that comes after `Ready` polls nothing
#[test]
fn the_wake_executor_never_polls_a_finished_task() {
    let executor = rung_5::MiniTokio::new();
    let (sender, wakers) = mpsc::channel();
    let polls = Arc::new(AtomicUsize::new(0));
    let counter = polls.clone();
    executor.spawn(poll_fn(move |cx| {
        // `async` blocks panic when they are polled after their end; so does this.
        assert_eq!(counter.fetch_add(1, Ordering::SeqCst), 0);
        sender.send(cx.waker().clone()).unwrap();
        cx.waker().wake_by_ref();
        Poll::Ready(())
    }));
    let waker = thread::spawn(move || wakers.recv_timeout(LIMIT).unwrap().wake());
    executor.run();
    waker.join().unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 1);
}

// ANCHOR: ladder-test-merge
/// C10.3: what is wrong with rung 5: three wake-ups are three polls, where one would have seen it all
#[test]
fn the_wake_executor_does_not_merge_wake_ups() {
    fn polls_for_three_wakes(run: impl FnOnce(Pin<Box<dyn Future<Output = ()> + Send>>)) -> usize {
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = polls.clone();
        run(Box::pin(poll_fn(move |cx| {
            if counter.fetch_add(1, Ordering::SeqCst) == 0 {
                (0..3).for_each(|_| cx.waker().wake_by_ref());
            }
            if Arc::strong_count(&counter) > 1 { Poll::Pending } else { Poll::Ready(()) }
        })));
        polls.load(Ordering::SeqCst)
    }

    let on_rung_5 = polls_for_three_wakes(|future| {
        let executor = rung_5::MiniTokio::new();
        executor.spawn(future);
        executor.run();
    });
    assert_eq!(on_rung_5, 4);

    // The real one: the task's state remembers that it is in a queue.
    let on_mini_tokio = polls_for_three_wakes(|future| {
        let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.spawn(future);
        runtime.block_on(async { yield_often().await });
    });
    assert_eq!(on_mini_tokio, 2);
}

async fn yield_often() {
    for _ in 0..10 {
        mini_tokio::task::yield_now().await;
    }
}

/// C10.3: what is wrong with rung 5: a task that panics takes the executor along; a task of the real one does not
#[test]
fn a_panic_ends_the_wake_executor() {
    let executor = rung_5::MiniTokio::new();
    executor.spawn(async { panic!("one of many") });
    assert!(panic::catch_unwind(panic::AssertUnwindSafe(|| executor.run())).is_err());

    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    let task = runtime.spawn(async { panic!("one of many") });
    assert!(runtime.block_on(task).is_err_and(|error| error.is_panic()));
    assert!(runtime.block_on(runtime.spawn(async {})).is_ok());
}

/// C10.2, C10.3: each rung is a program that runs, and says what it has seen
#[test]
fn every_rung_runs() {
    let said = |rung: &str| {
        let output = Command::new(examples::build(rung)).output().unwrap();
        assert!(output.status.success(), "{rung}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said("ladder_1_busy_delay").starts_with("done after 10 ms and "));
    assert!(said("ladder_2_thread_delay").starts_with("done after 100 ms and "));
    assert_eq!(said("ladder_3_latest_waker"), "done in another task than it began in\n");
    assert!(said("ladder_4_queue_executor").starts_with("10 ms took "));
    let lines = said("ladder_5_wake_executor");
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(lines[..3], ["one waits", "two waits", "three waits"]);
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[6], "nobody is left");
}
