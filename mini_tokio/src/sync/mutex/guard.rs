//! The guard of `lock`.

use std::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
};

use super::{
    super::{place::Exclusive, turnstile::Hold},
    MappedMutexGuard, Mutex,
};

/// The lock of a [`Mutex`], and the way to its value. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized> {
    lock: &'a Mutex<T>,
    /// It is as good as this, also in what may be sent and shared.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The caller has acquired the permit and leaves it to this.
    #[inline]
    pub(super) fn new(lock: &'a Mutex<T>) -> Self {
        Self { lock, _value: PhantomData }
    }

    /// Narrows the guard to a part of the value. The mutex stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> MappedMutexGuard<'a, U> {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let lock = ManuallyDrop::new(this).lock;
        let hold = Hold::new(&lock.turnstile, 1);
        // SAFETY: MUTEX-1; the permit is in `hold`, which goes where the place goes.
        let place = unsafe { Exclusive::new(lock.value.get()) };
        match place.try_map(f) {
            Ok(place) => Ok(MappedMutexGuard::new(hold, place)),
            Err(_) => {
                std::mem::forget(hold);
                Err(Self::new(lock))
            }
        }
    }

    /// The mutex that this locks.
    #[inline]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.turnstile.release(1);
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: MUTEX-1, and while it is borrowed from `self` nobody gets a `&mut`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: MUTEX-1, and it is borrowed from `self`.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
