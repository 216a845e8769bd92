//! The guard of `write`.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use super::{
    super::{place::Exclusive, turnstile::Hold},
    RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
};

/// The lock for writing of an [`RwLock`], and the way to its value. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    place: Exclusive<T>,
    hold: Hold<'a>,
    /// It may be sent and shared exactly if the lock may be shared.
    _lock: PhantomData<&'a RwLock<T>>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// The caller has acquired all permits and leaves them to this.
    #[inline]
    pub(super) fn of(lock: &'a RwLock<T>) -> Self {
        // SAFETY: RWLOCK-1; the permits are in `hold`, which goes where the place goes.
        let place = unsafe { Exclusive::new(lock.value.get()) };
        Self::new(place, Hold::new(&lock.turnstile, lock.all()))
    }

    fn new(place: Exclusive<T>, hold: Hold<'a>) -> Self {
        Self { place, hold, _lock: PhantomData }
    }

    /// Narrows the guard to a part of the value. It stays locked.
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

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Self { place, hold, _lock } = this;
        match place.try_map(f) {
            Ok(place) => Ok(RwLockMappedWriteGuard::new(place, hold)),
            Err(place) => Err(Self::new(place, hold)),
        }
    }

    /// The same lock, as one that [`map`](RwLockWriteGuard::map) has made: for those who store either.
    #[inline]
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard::new(this.place, this.hold)
    }

    /// Goes over to reading, without a moment in which somebody else could write. Readers that wait at the head of the line
    /// come in.
    #[inline]
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        Self::downgrade_map(self, |value| value)
    }

    /// Goes over to reading a part of the value, without a moment in which somebody else could write.
    ///
    /// `f` runs before the others are let in, and gets no `&mut` all the same: what it returns is then read by several.
    /// A panic of `f` unlocks.
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let narrowed = Self::try_downgrade_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Goes over to reading a part of the value, if there is one.
    ///
    /// # Errors
    /// This guard, if `f` returns None; nobody else was let in then.
    #[inline]
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let Self { place, mut hold, _lock } = this;
        match place.try_share(f) {
            Ok(place) => {
                hold.shrink_to(1);
                Ok(RwLockReadGuard::new(place, hold))
            }
            Err(place) => Err(Self::new(place, hold)),
        }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
