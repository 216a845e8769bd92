//! The guard of `read`.

use std::{fmt, marker::PhantomData, ops::Deref};

use super::{
    super::{place::Shared, turnstile::Hold},
    RwLock,
};

/// A lock for reading of an [`RwLock`], and the way to its value or to a part of it. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    place: Shared<T>,
    hold: Hold<'a>,
    _value: PhantomData<&'a T>,
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// The caller has acquired a permit and leaves it to this.
    #[inline]
    pub(super) fn of(lock: &'a RwLock<T>) -> Self {
        // SAFETY: RWLOCK-1; the permit is in `hold`, which goes where the place goes.
        let place = unsafe { Shared::new(lock.value.get()) };
        Self::new(place, Hold::new(&lock.turnstile, 1))
    }

    #[inline]
    pub(super) fn new(place: Shared<T>, hold: Hold<'a>) -> Self {
        Self { place, hold, _value: PhantomData }
    }

    /// Narrows the guard to a part of the value. It stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let Self { place, hold, _value } = this;
        match place.try_map(f) {
            Ok(place) => Ok(RwLockReadGuard::new(place, hold)),
            Err(place) => Err(Self::new(place, hold)),
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
