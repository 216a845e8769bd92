//! The primitives that the readiness protocol is written on: the real ones, or loom's when a model is being checked.
//!
//! The protocol files (`readiness.rs`, `waiters.rs`, `slot.rs`, `wakers.rs`) take their atomics and locks from here and
//! from nowhere else, so that the very code that runs in production is what the model explores.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};

/// A mutex with `parking_lot`'s shape: no poisoning, `lock` returns the guard.
#[cfg(not(loom))]
pub(crate) use parking_lot::Mutex;

/// loom's mutex in `parking_lot`'s shape.
#[cfg(loom)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(loom)]
impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().unwrap()
    }
}
