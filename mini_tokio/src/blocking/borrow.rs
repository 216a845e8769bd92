//! A value that methods with `&self` work on one after the other, across their awaits.
//!
//! `File::sync_all(&self)` has to wait for the write under way, which changes the shuttle, and several tasks may call it on
//! one file. A mutex of the `parking_lot` kind must not be held across an await, nor while a waker is cloned. So the value
//! is *taken out* for as long as an operation lasts, and the lock held only for the taking and the putting back.
//!
//! `BORROW-1`: whenever the value is in its place and somebody waits for it, a notification is on its way: every return is
//! followed by one, and `Notify` passes on what a dropped waiter has not seen.

use std::ops::{Deref, DerefMut};

use parking_lot::Mutex;

use crate::sync::Notify;

/// A place for a value that is taken out and put back.
#[derive(Debug)]
pub(crate) struct Berth<T> {
    value: Mutex<Option<T>>,
    returned: Notify,
}

impl<T> Berth<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value: Mutex::new(Some(value)), returned: Notify::new() }
    }

    /// Takes the value, if nobody has it.
    pub(crate) fn try_take(&self) -> Option<Taken<'_, T>> {
        let value = self.value.lock().take()?;
        Some(Taken { value: Some(value), place: self })
    }

    /// Waits for the value. Cancel safe.
    // ANCHOR: berth-take
    pub(crate) async fn take(&self) -> Taken<'_, T> {
        loop {
            if let Some(taken) = self.try_take() {
                return taken;
            }
            self.returned.notified().await;
        }
    }

    /// The value, without waiting: nobody else can have it, for that would borrow the place. Except a future that was
    /// leaked in the middle of an operation; then `replacement` takes the place of what it holds.
    pub(crate) fn get_mut(&mut self, replacement: impl FnOnce() -> T) -> &mut T {
        self.value.get_mut().get_or_insert_with(replacement)
    }
}

/// The value while it is out.
pub(crate) struct Taken<'a, T> {
    value: Option<T>,
    place: &'a Berth<T>,
}

impl<T> Deref for Taken<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("gone only in the drop")
    }
}

impl<T> DerefMut for Taken<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("gone only in the drop")
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        *self.place.value.lock() = self.value.take();
        self.place.returned.notify_one();
    }
}
