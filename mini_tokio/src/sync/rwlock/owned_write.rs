//! The guard of `write_owned`.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{
    super::place::Exclusive, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, RwLock, owned_read::OwnedHold,
};

/// The lock for writing of an [`RwLock`] that it keeps alive, and the way to its value. Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    place: Exclusive<T>,
    hold: OwnedHold<T>,
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// The caller has acquired all permits and leaves them to this.
    #[inline]
    pub(super) fn of(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: RWLOCK-1; the permits are in `hold`, which goes where the place goes, and keeps the value where it is.
        let place = unsafe { Exclusive::new(lock.value.get()) };
        let all = lock.all();
        Self::new(place, OwnedHold::new(lock, all))
    }

    fn new(place: Exclusive<T>, hold: OwnedHold<T>) -> Self {
        Self { place, hold }
    }

    /// Narrows the guard to a part of the value. It stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
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
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Self { place, hold } = this;
        match place.try_map(f) {
            Ok(place) => Ok(OwnedRwLockMappedWriteGuard::new(place, hold)),
            Err(place) => Err(Self::new(place, hold)),
        }
    }

    /// The same lock, as one that [`map`](OwnedRwLockWriteGuard::map) has made: for those who store either.
    #[inline]
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard::new(this.place, this.hold)
    }

    /// Goes over to reading, without a moment in which somebody else could write. Readers that wait at the head of the line
    /// come in.
    #[inline]
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        Self::downgrade_map(self, |value| value)
    }

    /// Goes over to reading a part of the value, without a moment in which somebody else could write.
    ///
    /// `f` runs before the others are let in, and gets no `&mut` all the same: what it returns is then read by several.
    /// A panic of `f` unlocks.
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
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
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let Self { place, mut hold } = this;
        match place.try_share(f) {
            Ok(place) => {
                hold.shrink_to_one();
                Ok(OwnedRwLockReadGuard::new(place, hold))
            }
            Err(place) => Err(Self::new(place, hold)),
        }
    }

    /// The lock that this locks.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.hold.lock
    }
}

impl<T: ?Sized> Deref for OwnedRwLockWriteGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized> DerefMut for OwnedRwLockWriteGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
