//! What the tests share: wakers that count, and a generator of numbers that repeat.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::{Delay, Stopped, Timer};

/// A waker that counts its wakes and unparks the thread that made it.
pub(crate) struct Count {
    wakes: AtomicUsize,
    thread: std::thread::Thread,
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

impl Count {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { wakes: AtomicUsize::new(0), thread: std::thread::current() })
    }

    pub(crate) fn get(&self) -> usize {
        self.wakes.load(SeqCst)
    }

    /// Parks until there were so many wakes. Gives up, loudly, after a time that no loaded machine needs.
    pub(crate) fn wait_for(&self, wakes: usize) {
        let give_up = Instant::now() + Duration::from_secs(60);
        while self.get() < wakes {
            assert!(Instant::now() < give_up, "woken {} times instead of {wakes}", self.get());
            std::thread::park_timeout(Duration::from_secs(1));
        }
    }
}

/// Polls a delay once, for a waker made of `wake`.
pub(crate) fn poll(delay: &mut Delay, wake: &Arc<impl Wake + Send + Sync + 'static>) -> Poll<Result<(), Stopped>> {
    delay.poll_elapsed(&mut Context::from_waker(&Waker::from(wake.clone())))
}

/// A waker that calls a function.
pub(crate) struct Call<F>(pub(crate) F);

impl<F: Fn() + Send + Sync + 'static> Wake for Call<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Writes its number, and the time at which it was woken, into a log.
pub(crate) struct Log {
    pub(crate) id: u64,
    pub(crate) timer: Timer,
    pub(crate) log: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl Wake for Log {
    fn wake(self: Arc<Self>) {
        let now = self.timer.shared().clock.nanos_now();
        self.log.lock().unwrap().push((self.id, now));
    }
}

/// The smallest executor: polls, and parks the thread.
pub(crate) fn park_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Count::new());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        std::thread::park();
    }
}

/// Waits until `condition` holds. Gives up, loudly, after a time that no loaded machine needs.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < give_up, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Numbers that look random and are the same in every run (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
