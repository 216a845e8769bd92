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
