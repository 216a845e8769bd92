//! Where a guard's value is: a pointer that stands for `&mut T` or `&T` as long as the guard has its permits.
//!
//! Why not the reference itself: a guard is passed by value, and a reference in an argument promises to be good until the
//! function returns. But a function that drops its guard unlocks, and another thread has the value while the function
//! still runs.
//!
//! Invariant `PLACE-1`: whoever makes a place has, and keeps as long as the place, the right to use the value behind it:
//! alone for an [`Exclusive`], together with other readers for a [`Shared`].

/// Stands for a `&mut T`, and like that one is invariant in T.
pub(super) struct Exclusive<T: ?Sized>(*mut T);

/// Stands for a `&T`.
pub(super) struct Shared<T: ?Sized>(*const T);

// SAFETY: what it stands for, `&mut T`, may be sent if T may (PLACE-1).
unsafe impl<T: ?Sized + Send> Send for Exclusive<T> {}
// SAFETY: `&&mut T` gives out `&T`, which may cross threads if T is Sync (PLACE-1).
unsafe impl<T: ?Sized + Sync> Sync for Exclusive<T> {}
// SAFETY: what it stands for, `&T`, may be sent if T is Sync (PLACE-1).
unsafe impl<T: ?Sized + Sync> Send for Shared<T> {}
// SAFETY: `&&T` is `&T`: as above.
unsafe impl<T: ?Sized + Sync> Sync for Shared<T> {}

impl<T: ?Sized> Exclusive<T> {
    /// # Safety
    /// As long as this exists, its owner has the value to itself (`PLACE-1`).
    #[inline]
    pub(super) unsafe fn new(value: *mut T) -> Self {
        Self(value)
    }

    #[inline]
    pub(super) fn get(&self) -> &T {
        // SAFETY: ours (PLACE-1), and while it is borrowed from `self` nobody gets a `&mut`.
        unsafe { &*self.0 }
    }

    #[inline]
    pub(super) fn get_mut(&mut self) -> &mut T {
        // SAFETY: ours alone (PLACE-1), and borrowed from `self`.
        unsafe { &mut *self.0 }
    }

    /// The place of a part; as exclusive as the whole, since `f` gets it out of a `&mut`. If it finds none, the whole
    /// comes back.
    pub(super) fn try_map<U: ?Sized>(mut self, f: impl FnOnce(&mut T) -> Option<&mut U>) -> Result<Exclusive<U>, Self> {
        match f(self.get_mut()) {
            Some(part) => Ok(Exclusive(part)),
            None => Err(self),
        }
    }

    /// The place of a part, for one reader of several. `f` gets no `&mut`: it could keep one in the part, by a cell. If it
    /// finds none, the whole comes back.
    pub(super) fn try_share<U: ?Sized>(self, f: impl FnOnce(&T) -> Option<&U>) -> Result<Shared<U>, Self> {
        match f(self.get()) {
            Some(part) => Ok(Shared(part)),
            None => Err(self),
        }
    }
}

impl<T: ?Sized> Shared<T> {
    /// # Safety
    /// As long as this exists, nobody gets a `&mut` to the value (`PLACE-1`).
    #[inline]
    pub(super) unsafe fn new(value: *const T) -> Self {
        Self(value)
    }

    #[inline]
    pub(super) fn get(&self) -> &T {
        // SAFETY: nobody changes it (PLACE-1).
        unsafe { &*self.0 }
    }

    /// The place of a part. If `f` finds none, the whole comes back.
    pub(super) fn try_map<U: ?Sized>(self, f: impl FnOnce(&T) -> Option<&U>) -> Result<Shared<U>, Self> {
        match f(self.get()) {
            Some(part) => Ok(Shared(part)),
            None => Err(self),
        }
    }
}
