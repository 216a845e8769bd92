//! The guard of `lock_owned`.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{super::place::Exclusive, Mutex, OwnedMappedMutexGuard};

/// The permit, and a share in the mutex. Its drop unlocks, and then may drop the mutex.
pub(super) struct OwnedHold<T: ?Sized>(Arc<Mutex<T>>);

impl<T: ?Sized> Drop for OwnedHold<T> {
    #[inline]
    fn drop(&mut self) {
        self.0.turnstile.release(1);
    }
}

/// The lock of a [`Mutex`] that it keeps alive, and the way to its value. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct OwnedMutexGuard<T: ?Sized> {
    place: Exclusive<T>,
    hold: OwnedHold<T>,
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// The caller has acquired the permit and leaves it to this.
    #[inline]
    pub(super) fn new(lock: Arc<Mutex<T>>) -> Self {
        // SAFETY: MUTEX-1; the permit is in `hold`, which goes where the place goes, and keeps the value where it is.
        let place = unsafe { Exclusive::new(lock.value.get()) };
        Self { place, hold: OwnedHold(lock) }
    }

    /// Narrows the guard to a part of the value. The mutex stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U> {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Self { place, hold } = this;
        match place.try_map(f) {
            Ok(place) => Ok(OwnedMappedMutexGuard { place, hold, _whole: PhantomData }),
            Err(place) => Err(Self { place, hold }),
        }
    }

    /// The mutex that this locks.
    #[inline]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.hold.0
    }
}

impl<T: ?Sized> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
