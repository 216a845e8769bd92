//! The primitives that the two protocols (`wheel`, `bell`) are written on: the real ones, or loom's when a model runs.
//!
//! Under `--cfg loom` only the protocol files are compiled, so that the very code that runs in production is what the
//! model explores.

use std::time::Duration;

#[cfg(not(loom))]
pub(crate) use brief::{BriefGuard, BriefMutex};
#[cfg(loom)]
pub(crate) use loom::sync::{MutexGuard, MutexGuard as BriefGuard};
#[cfg(not(loom))]
pub(crate) use parking_lot::{Mutex, MutexGuard};

/// The brief lock has a model of its own; to the models here it is a lock like any other.
#[cfg(loom)]
pub(crate) use Mutex as BriefMutex;

/// loom's mutex in `parking_lot`'s shape: no poisoning, `lock` returns the guard.
#[cfg(loom)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

#[cfg(loom)]
impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap()
    }
}

/// A condition variable whose `wait` takes the guard and gives it back, with or without a time limit.
#[cfg(not(loom))]
#[derive(Default)]
pub(crate) struct Condvar(parking_lot::Condvar);

#[cfg(not(loom))]
impl Condvar {
    pub(crate) fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>, at_most: Option<Duration>) -> MutexGuard<'a, T> {
        match at_most {
            Some(at_most) => {
                self.0.wait_for(&mut guard, at_most);
            }
            None => self.0.wait(&mut guard),
        }
        guard
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }
}

/// loom's condition variable. It has no clock: a time limit never ends, so that whoever is not notified deadlocks.
#[cfg(loom)]
#[derive(Default)]
pub(crate) struct Condvar(loom::sync::Condvar);

#[cfg(loom)]
impl Condvar {
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>, _at_most: Option<Duration>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap()
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }
}
