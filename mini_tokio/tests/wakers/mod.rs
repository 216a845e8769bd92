//! Wakers for tests: one that does what it is told, one that counts.
#![allow(dead_code)] // each test file uses its own selection

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Wake, Waker};

struct OnWake<F: Fn() + Send + Sync>(F);

impl<F: Fn() + Send + Sync> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// Calls `f` at each wake.
pub fn on_wake(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(OnWake(f)))
}

/// Counts its wakes.
pub fn counter() -> (Arc<AtomicUsize>, Waker) {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counted = wakes.clone();
    (wakes, on_wake(move || _ = counted.fetch_add(1, SeqCst)))
}
