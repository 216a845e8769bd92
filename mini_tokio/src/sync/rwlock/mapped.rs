//! Write guards for a part of a lock's value: what `map` makes of the others.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{
    super::{place::Exclusive, turnstile::Hold},
    RwLock,
    owned_read::OwnedHold,
};

/// The lock for writing of an [`RwLock`], and the way to a part of its value: of
/// [`RwLockWriteGuard::map`](super::RwLockWriteGuard::map). Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    place: Exclusive<T>,
    hold: Hold<'a>,
    /// It may be sent and shared exactly if a lock of this part may be shared.
    _part: PhantomData<&'a RwLock<T>>,
}

/// The lock for writing of an [`RwLock`] that it keeps alive, and the way to a part of its value: of
/// [`OwnedRwLockWriteGuard::map`](super::OwnedRwLockWriteGuard::map). Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T> {
    place: Exclusive<U>,
    hold: OwnedHold<T>,
    /// It may be sent and shared exactly if a lock of this part, and that of the whole, may be shared.
    _part: PhantomData<Arc<RwLock<U>>>,
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    #[inline]
    pub(super) fn new(place: Exclusive<T>, hold: Hold<'a>) -> Self {
        Self { place, hold, _part: PhantomData }
    }

    /// Narrows the guard further. It stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Self { place, hold, _part } = this;
        match place.try_map(f) {
            Ok(place) => Ok(RwLockMappedWriteGuard::new(place, hold)),
            Err(place) => Err(Self::new(place, hold)),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    #[inline]
    pub(super) fn new(place: Exclusive<U>, hold: OwnedHold<T>) -> Self {
        Self { place, hold, _part: PhantomData }
    }

    /// Narrows the guard further. It stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<F, S: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<F, S: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        let Self { place, hold, _part } = this;
        match place.try_map(f) {
            Ok(place) => Ok(OwnedRwLockMappedWriteGuard::new(place, hold)),
            Err(place) => Err(Self::new(place, hold)),
        }
    }

    /// The lock that this locks.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.hold.lock
    }
}

impl<T: ?Sized> Deref for RwLockMappedWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized> DerefMut for RwLockMappedWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockMappedWriteGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        self.place.get()
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedRwLockMappedWriteGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        self.place.get_mut()
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedRwLockMappedWriteGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedRwLockMappedWriteGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
