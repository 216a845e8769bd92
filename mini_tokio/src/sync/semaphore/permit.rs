//! Permits in somebody's hands, borrowing their semaphore or sharing it.

use std::{mem, sync::Arc};

use super::Semaphore;

/// Permits of a [`Semaphore`], given back when this is dropped.
#[must_use = "dropped at once, it is given back at once"]
#[clippy::has_significant_drop]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    sem: &'a Semaphore,
    permits: usize,
}

/// Permits of a [`Semaphore`] that keep it alive, given back when this is dropped.
#[must_use = "dropped at once, it is given back at once"]
#[clippy::has_significant_drop]
#[derive(Debug)]
pub struct OwnedSemaphorePermit {
    sem: Arc<Semaphore>,
    permits: usize,
}

/// Adds the permits of two that belong to the same semaphore.
#[track_caller]
fn sum(same_semaphore: bool, one: usize, other: &mut usize) -> usize {
    assert!(same_semaphore, "merging permits from different semaphore instances");
    let sum = one.checked_add(*other).expect("number of permits overflowed");
    *other = 0;
    sum
}

/// Takes `n` of `permits` away, if there are so many.
fn take(permits: &mut usize, n: usize) -> Option<usize> {
    *permits = permits.checked_sub(n)?;
    Some(n)
}

impl<'a> SemaphorePermit<'a> {
    #[inline]
    pub(super) fn new(sem: &'a Semaphore, permits: usize) -> Self {
        Self { sem, permits }
    }

    /// Drops this without giving the permits back: the semaphore has so many fewer.
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// Puts the permits of `other` to these.
    ///
    /// # Panics
    /// If they are of different semaphores.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        self.permits = sum(std::ptr::eq(self.sem, other.sem), self.permits, &mut other.permits);
    }

    /// Takes `n` of these permits out, as one of its own. None if there are fewer than `n`.
    pub fn split(&mut self, n: usize) -> Option<Self> {
        Some(Self::new(self.sem, take(&mut self.permits, n)?))
    }

    /// The semaphore that these permits are of.
    pub fn semaphore(&self) -> &Semaphore {
        self.sem
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl OwnedSemaphorePermit {
    #[inline]
    pub(super) fn new(sem: Arc<Semaphore>, permits: usize) -> Self {
        Self { sem, permits }
    }

    /// Drops this without giving the permits back: the semaphore has so many fewer.
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// Puts the permits of `other` to these.
    ///
    /// # Panics
    /// If they are of different semaphores.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        self.permits = sum(Arc::ptr_eq(&self.sem, &other.sem), self.permits, &mut other.permits);
    }

    /// Takes `n` of these permits out, as one of its own. None if there are fewer than `n`.
    pub fn split(&mut self, n: usize) -> Option<Self> {
        let permits = take(&mut self.permits, n)?;
        Some(Self::new(self.sem.clone(), permits))
    }

    /// The semaphore that these permits are of.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.sem
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.sem.give_back(mem::take(&mut self.permits));
    }
}

impl Drop for OwnedSemaphorePermit {
    #[inline]
    fn drop(&mut self) {
        self.sem.give_back(mem::take(&mut self.permits));
    }
}
