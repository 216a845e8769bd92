//! The primitives that the lock-free protocols are written on: the real ones, or loom's when a model is being checked.
//!
//! A protocol file takes its atomics, fences, cells and locks from here and from nowhere else, so that the very code that
//! runs in production is what the model explores. Under `--cfg loom` only the protocol files of the crate are compiled.

#[cfg(loom)]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use loom::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
};
#[cfg(not(loom))]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
};

/// A mutex with `parking_lot`'s shape: no poisoning, `lock` returns the guard.
#[cfg(not(loom))]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use parking_lot::Mutex;

/// loom's mutex in `parking_lot`'s shape.
#[cfg(loom)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(loom)]
#[allow(dead_code)] // each protocol uses its own selection
impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().unwrap()
    }
}

/// A cell whose accesses loom can check: `with` for shared, `with_mut` for exclusive access, both through raw pointers.
#[cfg(loom)]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use loom::cell::UnsafeCell;

/// The standard library's cell with loom's way of access.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
#[allow(dead_code)] // each protocol uses its own selection
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// Calls `f` with a pointer for reading.
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Calls `f` with a pointer for writing.
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}
