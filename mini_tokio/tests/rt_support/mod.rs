//! What the tests of the runtime share.
#![allow(dead_code)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use mini_tokio::runtime::{Builder, Runtime};

/// Longer than anything takes that is not stuck.
pub const STUCK: Duration = Duration::from_secs(20);

pub fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn multi_thread(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// One of each kind.
pub fn runtimes() -> [Runtime; 3] {
    [current_thread(), multi_thread(1), multi_thread(4)]
}

/// Runs `f` on a thread of its own; fails if it is not done in time, and hands on its panic.
pub fn within_time<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, finished) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = f();
        let _ = done.send(());
        result
    });
    if finished.recv_timeout(STUCK) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("stuck");
    }
    thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

/// Waits until `condition` holds, which nobody announces.
#[track_caller]
pub fn eventually(condition: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !condition() {
        assert!(begin.elapsed() < STUCK, "it never came to pass");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Keeps this thread for so long by the real clock: for what measures time, or is measured in it.
pub fn spend(duration: Duration) {
    let begin = std::time::Instant::now();
    while begin.elapsed() < duration {
        thread::yield_now();
    }
}

/// Waits, on a thread of the runtime's, until its shutdown has begun: then nobody is let in any more.
pub fn until_shutdown_begins() {
    let handle = mini_tokio::runtime::Handle::current();
    eventually(|| handle.spawn(std::future::pending::<()>()).is_finished());
}

/// Drives a root future that waits until each worker of `rt` has fallen asleep.
pub fn wait_until_all_slept(rt: &Runtime) {
    let metrics = rt.metrics();
    let (asleep, woken) = futures::channel::oneshot::channel();
    let watcher = thread::spawn(move || {
        eventually(|| (0..metrics.num_workers()).all(|worker| metrics.worker_park_count(worker) > 0));
        asleep.send(()).unwrap();
    });
    rt.block_on(woken).unwrap();
    watcher.join().unwrap();
}

/// The message of the panic of `f`.
#[track_caller]
pub fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) else { panic!("no panic") };
    message_of(payload)
}

pub fn message_of(payload: Box<dyn std::any::Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast_ref::<&str>().map(|text| (*text).to_owned()).expect("a text"),
    }
}

/// Counts its drops.
#[derive(Clone, Default)]
pub struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    pub fn tracked(&self) -> Tracked {
        Tracked(self.clone())
    }
}

#[derive(Debug)]
pub struct Tracked(Drops);

impl std::fmt::Debug for Drops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.count().fmt(f)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, SeqCst);
    }
}

/// Ready when polled a second time; wakes itself at the first, at once.
#[derive(Default)]
pub struct SelfWake(bool);

impl Future for SelfWake {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A future from a function, for the tests that look at wakers.
pub fn poll_fn<T>(f: impl FnMut(&mut Context<'_>) -> Poll<T>) -> impl Future<Output = T> {
    std::future::poll_fn(f)
}
