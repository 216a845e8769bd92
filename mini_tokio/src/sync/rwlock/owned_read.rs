//! The guard of `read_owned`, and what all owned guards of a lock hold.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use super::{super::place::Shared, RwLock};

/// Permits, and a share in the lock. Its drop unlocks, and then may drop the lock.
pub(super) struct OwnedHold<T: ?Sized> {
    pub(super) lock: Arc<RwLock<T>>,
    permits: usize,
    /// As if it owned the value: not `Unpin` unless T is, as tokio's guards.
    _whole: PhantomData<T>,
}

impl<T: ?Sized> OwnedHold<T> {
    /// The caller has acquired so many permits and leaves them to this.
    #[inline]
    pub(super) fn new(lock: Arc<RwLock<T>>, permits: usize) -> Self {
        Self { lock, permits, _whole: PhantomData }
    }

    /// Keeps one permit and gives the others back.
    pub(super) fn shrink_to_one(&mut self) {
        let surplus = self.permits - 1;
        self.permits = 1; // first: a panicking waker must not make it give back twice
        self.lock.turnstile.release(surplus);
    }
}

impl<T: ?Sized> Drop for OwnedHold<T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.turnstile.release(self.permits);
    }
}

/// A lock for reading of an [`RwLock`] that it keeps alive, and the way to its value or to a part of it. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T> {
    place: Shared<U>,
    hold: OwnedHold<T>,
}

impl<T: ?Sized> OwnedRwLockReadGuard<T> {
    /// The caller has acquired a permit and leaves it to this.
    #[inline]
    pub(super) fn of(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: RWLOCK-1; the permit is in `hold`, which goes where the place goes, and keeps the value where it is.
        let place = unsafe { Shared::new(lock.value.get()) };
        Self { place, hold: OwnedHold::new(lock, 1) }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    #[inline]
    pub(super) fn new(place: Shared<U>, hold: OwnedHold<T>) -> Self {
        Self { place, hold }
    }

    /// Narrows the guard to a part of the value. It stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        let Self { place, hold } = this;
        match place.try_map(f) {
            Ok(place) => Ok(OwnedRwLockReadGuard { place, hold }),
            Err(place) => Err(Self { place, hold }),
        }
    }

    /// The lock that this locks.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.hold.lock
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockReadGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        self.place.get()
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedRwLockReadGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedRwLockReadGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
