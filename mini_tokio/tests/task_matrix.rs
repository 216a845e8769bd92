//! Every way in which a task can end, against every way of holding its handle: its future and its output are dropped exactly
//! once, and no worker is lost.

mod rt_support;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use mini_tokio::runtime::Runtime;
use mini_tokio::task::{self, JoinError, JoinHandle};
use rt_support::*;

/// What the future does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    /// Completes at its first poll.
    Ready,
    /// Waits once for a wake from outside, and then completes.
    Waits,
    /// Wakes itself once, and then completes.
    WakesItself,
    Panics,
    /// Waits once, then panics.
    WaitsThenPanics,
    /// Waits for ever.
    Never,
}

/// What panics when it is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bomb {
    None,
    Future,
    Output,
    Both,
}

/// What becomes of the handle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Joiner {
    Awaits,
    DropsAtOnce,
    DropsAfterPoll,
    DropsAfterEnd,
    AbortsThenAwaits,
    AbortsTwiceThenAwaits,
    AbortsThenDrops,
    AbortsAfterPollThenAwaits,
    AbortsAfterEndThenAwaits,
}

const BODIES: [Body; 6] =
    [Body::Ready, Body::Waits, Body::WakesItself, Body::Panics, Body::WaitsThenPanics, Body::Never];
const BOMBS: [Bomb; 4] = [Bomb::None, Bomb::Future, Bomb::Output, Bomb::Both];
const JOINERS: [Joiner; 9] = [
    Joiner::Awaits,
    Joiner::DropsAtOnce,
    Joiner::DropsAfterPoll,
    Joiner::DropsAfterEnd,
    Joiner::AbortsThenAwaits,
    Joiner::AbortsTwiceThenAwaits,
    Joiner::AbortsThenDrops,
    Joiner::AbortsAfterPollThenAwaits,
    Joiner::AbortsAfterEndThenAwaits,
];

/// What is known of one task from outside.
#[derive(Clone, Default)]
struct Seen {
    futures: Drops,
    outputs: Drops,
    polled: Arc<AtomicBool>,
    waker: Arc<Mutex<Option<Waker>>>,
}

impl Seen {
    fn wake(&self) {
        let waker = self.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Counts its drop, and then may panic. It never panics while it is unwound: that would be an abort in any Rust program.
#[derive(Debug)]
struct Dropped {
    _tracked: Tracked,
    bomb: bool,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        if self.bomb && !std::thread::panicking() {
            panic!("bomb");
        }
    }
}

struct Subject {
    body: Body,
    bomb: Bomb,
    polls: usize,
    seen: Seen,
    _dropped: Dropped,
}

impl Subject {
    fn new(body: Body, bomb: Bomb, seen: &Seen) -> Self {
        let explodes = matches!(bomb, Bomb::Future | Bomb::Both);
        let dropped = Dropped { _tracked: seen.futures.tracked(), bomb: explodes };
        Self { body, bomb, polls: 0, seen: seen.clone(), _dropped: dropped }
    }
}

impl Future for Subject {
    type Output = Dropped;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Dropped> {
        self.polls += 1;
        let first = self.polls == 1;
        *self.seen.waker.lock().unwrap() = Some(cx.waker().clone());
        self.seen.polled.store(true, SeqCst);
        match self.body {
            Body::Never => return Poll::Pending,
            Body::Waits | Body::WaitsThenPanics if first => return Poll::Pending,
            Body::WakesItself if first => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Body::Panics | Body::WaitsThenPanics => panic!("in poll"),
            Body::Ready | Body::Waits | Body::WakesItself => {}
        }
        let explodes = matches!(self.bomb, Bomb::Output | Bomb::Both);
        Poll::Ready(Dropped { _tracked: self.seen.outputs.tracked(), bomb: explodes })
    }
}

/// What the joiner got, if it asked.
type Joined = Option<Result<Dropped, JoinError>>;

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        task::yield_now().await;
    }
}

async fn join(handle: JoinHandle<Dropped>, seen: &Seen, joiner: Joiner) -> Joined {
    let polled = || seen.polled.load(SeqCst);
    match joiner {
        Joiner::Awaits => {
            until(polled).await;
            seen.wake();
            return Some(handle.await);
        }
        Joiner::DropsAtOnce => drop(handle),
        Joiner::DropsAfterPoll => {
            until(polled).await;
            drop(handle);
        }
        Joiner::DropsAfterEnd => {
            until(polled).await;
            seen.wake();
            until(|| handle.is_finished()).await;
            // The output is dropped here, and its panic stops in the runtime.
            drop(handle);
        }
        Joiner::AbortsThenAwaits => {
            handle.abort();
            return Some(handle.await);
        }
        Joiner::AbortsTwiceThenAwaits => {
            handle.abort();
            handle.abort_handle().abort();
            return Some(handle.await);
        }
        Joiner::AbortsThenDrops => {
            handle.abort();
            drop(handle);
        }
        Joiner::AbortsAfterPollThenAwaits => {
            until(polled).await;
            handle.abort();
            return Some(handle.await);
        }
        Joiner::AbortsAfterEndThenAwaits => {
            until(polled).await;
            seen.wake();
            until(|| handle.is_finished()).await;
            handle.abort();
            return Some(handle.await);
        }
    }
    None
}

/// Would this joiner wait for ever?
fn waits_for_ever(body: Body, joiner: Joiner) -> bool {
    let for_the_end = [Joiner::Awaits, Joiner::DropsAfterEnd, Joiner::AbortsAfterEndThenAwaits];
    body == Body::Never && for_the_end.contains(&joiner)
}

fn check(rt: &Runtime, body: Body, bomb: Bomb, joiner: Joiner) {
    let case = format!("{body:?}, {bomb:?}, {joiner:?}");
    let seen = Seen::default();
    let joined = rt.block_on(async {
        let handle = task::spawn(Subject::new(body, bomb, &seen));
        let joined = join(handle, &seen, joiner).await;
        // Whatever still waits gets its wake: a detached task goes on to its end.
        until(|| seen.polled.load(SeqCst) || seen.futures.count() > 0).await;
        seen.wake();
        joined
    });
    if body == Body::Never && matches!(joiner, Joiner::DropsAtOnce | Joiner::DropsAfterPoll) {
        assert_eq!(seen.futures.count(), 0, "{case}: detached, and still waiting");
        return;
    }
    if let Some(Err(error)) = &joined {
        assert!(error.is_panic() != error.is_cancelled(), "{case}");
        if bomb == Bomb::None && matches!(body, Body::Ready | Body::Waits | Body::WakesItself | Body::Never) {
            assert!(error.is_cancelled(), "{case}: nothing panicked");
        }
    }
    if joiner == Joiner::Awaits {
        let fine = matches!(bomb, Bomb::None | Bomb::Output) && !matches!(body, Body::Panics | Body::WaitsThenPanics);
        assert_eq!(matches!(joined, Some(Ok(_))), fine, "{case}: {joined:?}");
    }
    let taken = matches!(joined, Some(Ok(_)));
    if let Some(Ok(output)) = joined {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(output)));
    }
    rt.block_on(until(|| rt.metrics().num_alive_tasks() == 0));
    // The wake of the last drop may come a moment before the drop of a detached output.
    rt.block_on(until(|| seen.futures.count() >= 1 && (!taken || seen.outputs.count() >= 1)));
    assert_eq!(seen.futures.count(), 1, "{case}: the future");
    assert!(seen.outputs.count() <= 1, "{case}: the output");
    assert_eq!(rt.block_on(rt.spawn(async { 7 })).unwrap(), 7, "{case}: the runtime still works");
}

/// All cases on one runtime, so that a worker lost in one shows in the next; those that never end on one of their own.
fn check_each(build: impl Fn() -> Runtime) {
    let rt = build();
    for (body, bomb, joiner) in cases() {
        if body != Body::Never {
            check(&rt, body, bomb, joiner);
        }
    }
    every_worker_works(&rt);
    for (_, bomb, joiner) in cases().filter(|case| case.0 == Body::Never) {
        check(&build(), Body::Never, bomb, joiner);
    }
}

fn cases() -> impl Iterator<Item = (Body, Bomb, Joiner)> {
    let all = BODIES.into_iter().flat_map(|body| {
        BOMBS.into_iter().flat_map(move |bomb| JOINERS.into_iter().map(move |joiner| (body, bomb, joiner)))
    });
    all.filter(|&(body, _, joiner)| !waits_for_ever(body, joiner))
}

/// As many tasks as workers meet at one point, each holding its worker until all are there.
fn every_worker_works(rt: &Runtime) {
    let workers = rt.metrics().num_workers();
    let barrier = Arc::new(std::sync::Barrier::new(workers));
    let tasks: Vec<_> = (0..workers)
        .map(|_| {
            let barrier = barrier.clone();
            rt.spawn(async move { _ = barrier.wait() })
        })
        .collect();
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Hundreds of panics are part of the plan: they need not be printed.
fn silence() {
    std::panic::set_hook(Box::new(|info| {
        let expected = ["bomb", "in poll"];
        if !info.payload_as_str().is_some_and(|text| expected.contains(&text)) {
            eprintln!("{info}");
        }
    }));
}

#[test]
fn no_end_of_a_task_drops_twice_or_loses_the_thread_of_a_current_thread_runtime() {
    silence();
    within_time(|| check_each(current_thread));
}

#[test]
fn no_end_of_a_task_drops_twice_or_loses_the_only_worker() {
    silence();
    within_time(|| check_each(|| multi_thread(1)));
}

#[test]
fn no_end_of_a_task_drops_twice_or_loses_one_of_four_workers() {
    silence();
    within_time(|| check_each(|| multi_thread(4)));
}
