//! The lock around the value: many may read, one may write, a panic does no harm.
//!
//! It is `parking_lot`'s, or loom's in its shape when a model is checked. The standard library's was rejected for its
//! poison: a closure that panics leaves a value that every reader may still look at.

#[cfg(not(loom))]
pub(super) use parking_lot::{RwLock as Lock, RwLockReadGuard as ReadGuard};

#[cfg(loom)]
pub(super) use loom::sync::RwLockReadGuard as ReadGuard;

/// loom's lock in `parking_lot`'s shape.
#[cfg(loom)]
#[derive(Debug)]
pub(super) struct Lock<T>(loom::sync::RwLock<T>);

#[cfg(loom)]
impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Self {
        Self(loom::sync::RwLock::new(value))
    }

    pub(super) fn read(&self) -> ReadGuard<'_, T> {
        self.0.read().unwrap()
    }

    pub(super) fn write(&self) -> loom::sync::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap()
    }
}
