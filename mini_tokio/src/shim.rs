//! The primitives that the lock-free protocols are written on: the real ones, or loom's when a model is being checked.
//!
//! A protocol file takes its atomics, fences, cells and locks from here and from nowhere else, so that the very code that
//! runs in production is what the model explores. Under `--cfg loom` only the protocol files of the crate are compiled.

#[cfg(loom)]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use loom::sync::{
    Arc,
    atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
};
#[cfg(not(loom))]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
};

/// A mutex with `parking_lot`'s shape: no poisoning, `lock` returns the guard; and its condition variable.
#[cfg(not(loom))]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use parking_lot::{Condvar, Mutex};

/// The core on which the calling thread runs, where the system tells; a model has none.
pub(crate) fn core_here() -> Option<usize> {
    #[cfg(all(target_os = "linux", not(loom)))]
    // SAFETY: it takes nothing and gives a number, or -1 for an error.
    return usize::try_from(unsafe { libc::sched_getcpu() }).ok();
    #[cfg(not(all(target_os = "linux", not(loom))))]
    None
}

/// The hint of a busy-waiting loop; under loom, a point at which another thread may run.
#[cfg(loom)]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use loom::hint::spin_loop;
#[cfg(not(loom))]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use std::hint::spin_loop;

/// loom's mutex in `parking_lot`'s shape.
#[cfg(loom)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(loom)]
#[allow(dead_code)] // each protocol uses its own selection
impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap()))
    }

    /// A hint, which orders nothing: in a model nobody is told.
    pub(crate) fn is_locked(&self) -> bool {
        false
    }
}

/// loom's guard; empty only inside [`Condvar::wait`], which must hand the real guard over by value.
#[cfg(loom)]
pub(crate) struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

#[cfg(loom)]
impl<T> std::ops::Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().unwrap()
    }
}

#[cfg(loom)]
impl<T> std::ops::DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap()
    }
}

/// loom's condition variable in `parking_lot`'s shape.
#[cfg(loom)]
pub(crate) struct Condvar(loom::sync::Condvar);

#[cfg(loom)]
#[allow(dead_code)] // each protocol uses its own selection
impl Condvar {
    pub(crate) fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let held = guard.0.take().unwrap();
        guard.0 = Some(self.0.wait(held).unwrap());
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A cell whose accesses loom can check: `with` for shared, `with_mut` for exclusive access, both through raw pointers.
#[cfg(loom)]
#[allow(unused_imports)] // each protocol uses its own selection
pub(crate) use loom::cell::UnsafeCell;

/// The standard library's cell with loom's way of access.
#[cfg(not(loom))]
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
#[allow(dead_code)] // each protocol uses its own selection
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// The value, of a cell that nobody else can reach.
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
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
