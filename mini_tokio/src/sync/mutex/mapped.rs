//! Guards for a part of a mutex's value: what `map` makes of the others.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{
    super::{place::Exclusive, turnstile::Hold},
    Mutex,
    owned::OwnedHold,
};

/// The lock of a [`Mutex`], and the way to a part of its value: of [`MutexGuard::map`](super::MutexGuard::map). Its drop
/// unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    place: Exclusive<T>,
    hold: Hold<'a>,
    _value: PhantomData<&'a mut T>,
}

/// The lock of a [`Mutex`] that it keeps alive, and the way to a part of its value: of
/// [`OwnedMutexGuard::map`](super::OwnedMutexGuard::map). Its drop unlocks.
#[clippy::has_significant_drop]
#[must_use = "dropped at once, it unlocks at once"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    pub(super) place: Exclusive<U>,
    pub(super) hold: OwnedHold<T>,
    /// May be shared between threads only if the whole may, and the part could be a mutex's value.
    pub(super) _whole: PhantomData<(Box<T>, Arc<Mutex<U>>)>,
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    pub(super) fn new(hold: Hold<'a>, place: Exclusive<T>) -> Self {
        Self { place, hold, _value: PhantomData }
    }

    /// Narrows the guard further. The mutex stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> MappedMutexGuard<'a, U> {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Self { place, hold, _value } = this;
        match place.try_map(f) {
            Ok(place) => Ok(MappedMutexGuard::new(hold, place)),
            Err(place) => Err(Self::new(hold, place)),
        }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// Narrows the guard further. The mutex stays locked.
    ///
    /// A panic of `f` unlocks.
    #[inline]
    pub fn map<S: ?Sized, F: FnOnce(&mut U) -> &mut S>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S> {
        let narrowed = Self::try_map(this, |value| Some(f(value)));
        narrowed.unwrap_or_else(|_| unreachable!("always some"))
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// This guard, if `f` returns None.
    #[inline]
    pub fn try_map<S: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        let Self { place, hold, _whole } = this;
        match place.try_map(f) {
            Ok(place) => Ok(OwnedMappedMutexGuard { place, hold, _whole: PhantomData }),
            Err(place) => Err(Self { place, hold, _whole }),
        }
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.place.get()
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedMutexGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        self.place.get()
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedMutexGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        self.place.get_mut()
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
