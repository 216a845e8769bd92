//! What the tests of semaphores and locks share: futures that are polled by hand, with wakers that count or re-enter.

#![allow(dead_code)] // each test uses its own selection

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

use futures::task::{ArcWake, waker};

/// Counts its wake-ups.
pub struct Wakes(AtomicUsize);

impl ArcWake for Wakes {
    fn wake_by_ref(wakes: &Arc<Self>) {
        wakes.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A future on the heap with a task that counts: the smallest harness in which a wake-up can be seen.
pub struct Spy<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

impl<F: Future> Spy<F> {
    pub fn new(future: F) -> Self {
        Self { future: Box::pin(future), wakes: Arc::new(Wakes(AtomicUsize::new(0))) }
    }

    /// A future that has been polled and waits.
    pub fn waiting(future: F) -> Self {
        let mut spy = Self::new(future);
        assert!(spy.poll().is_none());
        spy
    }

    pub fn poll(&mut self) -> Option<F::Output> {
        let waker = waker(self.wakes.clone());
        self.poll_with(&waker)
    }

    pub fn poll_with(&mut self, waker: &Waker) -> Option<F::Output> {
        match self.future.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    pub fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// What a future gives that is ready at once.
#[track_caller]
pub fn now<F: Future>(future: F) -> F::Output {
    Spy::new(future).poll().expect("ready at once")
}

/// A waker that calls `act` whenever it is cloned, woken or dropped: a primitive that does one of these under its lock
/// deadlocks with an `act` that uses it.
pub fn meddling_waker(act: impl Fn() + Send + Sync + 'static) -> Waker {
    let act: Arc<Act> = Arc::new(Act(Box::new(act)));
    // SAFETY: the pointer is of `Arc::into_raw`, and the table treats it as that.
    unsafe { Waker::from_raw(RawWaker::new(Arc::into_raw(act).cast(), &TABLE)) }
}

struct Act(Box<dyn Fn() + Send + Sync>);

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

unsafe fn act(data: *const ()) -> std::mem::ManuallyDrop<Arc<Act>> {
    // SAFETY: a pointer of `Arc::into_raw`, whose count stays as it is.
    std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Act>()) })
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: as for the table.
    let act = unsafe { act(data) };
    act.0();
    RawWaker::new(Arc::into_raw(Arc::clone(&act)).cast(), &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: as for the table.
    unsafe {
        wake_by_ref(data);
        release(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: as for the table.
    (unsafe { act(data) }.0)();
}

unsafe fn release(data: *const ()) {
    // SAFETY: as for the table; the count goes down by one here.
    let act = unsafe { Arc::from_raw(data.cast::<Act>()) };
    (act.0)();
}

/// A generator of pseudo-random numbers: xorshift.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}
