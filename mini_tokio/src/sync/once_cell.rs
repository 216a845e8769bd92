//! `OnceCell`: a value that is made once, by the first who needs it, and may take an `await` to make.
//!
//! A [`Turnstile`](super::turnstile) of one permit. Who has the permit may try to make the value. When it is there the
//! turnstile is closed, which sends all who wait to look at it, and all who come later; so "closed" and "initialized" are
//! one and the same, and one load answers both.
//!
//! Invariants:
//! - `ONCE-1`: while the turnstile is open, the cell is None, or being written by who holds the permit. When it is closed
//!   the cell is Some, and nobody changes it who has not the whole cell to himself.
//! - `ONCE-2`: the permit comes back if the attempt fails, panics or is dropped, and never after a success.

use std::{error::Error, fmt, future::Future, mem};

use super::turnstile::{Hold, Take, Turnstile};
use crate::leaf::{all_at, named};
use crate::shim::UnsafeCell;

#[cfg(all(test, loom))]
mod model;

/// A cell for a value that is made once and then only looked at.
///
/// Several tasks may want to make it; one does, the others wait for it. If its attempt fails, panics or is cancelled, the
/// next one tries.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::OnceCell;
///
/// async fn connect() -> String {
///     mini_tokio::task::yield_now().await;
///     "a connection".to_string()
/// }
///
/// static CONNECTION: OnceCell<String> = OnceCell::const_new();
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(CONNECTION.get_or_init(connect).await, "a connection");
/// assert!(CONNECTION.get().is_some());
/// # }
/// ```
pub struct OnceCell<T> {
    turnstile: Turnstile,
    /// Guarded by the permit, then for all to look at: ONCE-1.
    value: UnsafeCell<Option<T>>,
}

// SAFETY: sharing the cell lets other threads look at the value, which T must allow by Sync, and put a value in that is
// dropped here, which T must allow by Send (ONCE-1).
unsafe impl<T: Send + Sync> Sync for OnceCell<T> {}

impl<T> OnceCell<T> {
    /// An empty cell.
    pub fn new() -> Self {
        Self { turnstile: Turnstile::new(1), value: UnsafeCell::new(None) }
    }

    /// The same as [`new`](OnceCell::new), for constants and statics.
    #[cfg(not(loom))]
    pub const fn const_new() -> Self {
        Self { turnstile: Turnstile::new(1), value: UnsafeCell::new(None) }
    }

    /// A cell that has this value, if it is one.
    #[cfg(not(loom))]
    pub fn new_with(value: Option<T>) -> Self {
        value.map_or_else(Self::new, Self::const_new_with)
    }

    /// A cell that has this value, for constants and statics.
    #[cfg(not(loom))]
    pub const fn const_new_with(value: T) -> Self {
        Self { turnstile: Turnstile::closed(), value: UnsafeCell::new(Some(value)) }
    }

    /// Whether the value is there.
    pub fn initialized(&self) -> bool {
        self.turnstile.is_closed()
    }

    /// The value, if it is there.
    // ANCHOR: once-cell-get
    pub fn get(&self) -> Option<&T> {
        if !self.initialized() {
            return None;
        }
        // SAFETY: closed, so nobody changes it (ONCE-1).
        self.value.with(|value| unsafe { &*value }).as_ref()
    }

    /// The value, if it is there, to be changed.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        // SAFETY: the caller has the whole cell.
        self.value.with_mut(|value| unsafe { &mut *value }).as_mut()
    }

    /// Puts a value in.
    ///
    /// # Errors
    /// [`SetError::AlreadyInitializedError`] if there is one, [`SetError::InitializingError`] if somebody is making one.
    /// Either carries `value`.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.turnstile.try_acquire(1) {
            Take::Taken => {
                self.publish(Hold::new(&self.turnstile, 1), value);
                Ok(())
            }
            Take::TooFew => Err(SetError::InitializingError(value)),
            Take::Closed => Err(SetError::AlreadyInitializedError(value)),
        }
    }

    /// The value; if there is none, the one that `f` makes.
    ///
    /// While somebody else makes one, this waits for that. If `f` calls this for the same cell, it waits for ever.
    ///
    /// # Cancel safety
    /// A future that is dropped gives its attempt up, and somebody who waits makes the next.
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        all_at(async move {
            if let Some(value) = self.get() {
                return value;
            }
            if let Ok(()) = named(|| "OnceCell::get_or_init", self.turnstile.acquire(1)).await {
                let hold = Hold::new(&self.turnstile, 1); // ONCE-2
                let value = f().await;
                self.publish(hold, value);
            }
            self.get().expect("ONCE-1: closed")
        })
    }

    /// The value; if there is none, the one that `f` makes. If `f` fails, the next who waits tries.
    ///
    /// While somebody else makes one, this waits for that. If `f` calls this for the same cell, it waits for ever.
    ///
    /// # Errors
    /// That of `f`.
    ///
    /// # Cancel safety
    /// That of [`get_or_init`](OnceCell::get_or_init).
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        all_at(async move {
            if let Some(value) = self.get() {
                return Ok(value);
            }
            if let Ok(()) = named(|| "OnceCell::get_or_try_init", self.turnstile.acquire(1)).await {
                let hold = Hold::new(&self.turnstile, 1); // ONCE-2
                let value = f().await?;
                self.publish(hold, value);
            }
            Ok(self.get().expect("ONCE-1: closed"))
        })
    }

    /// Takes the value out, and the cell apart.
    pub fn into_inner(mut self) -> Option<T> {
        self.take()
    }

    /// Takes the value out, and leaves an empty cell.
    pub fn take(&mut self) -> Option<T> {
        let cell = mem::take(self);
        // SAFETY: nobody else has the cell.
        cell.value.with_mut(|value| unsafe { &mut *value }.take())
    }

    /// Puts the value in and opens it to everybody.
    // ANCHOR: once-cell-publish
    fn publish(&self, permit: Hold<'_>, value: T) {
        mem::forget(permit); // ONCE-2
        if cfg!(bug_once_cell_open_early) {
            self.turnstile.close();
        }
        // SAFETY: the caller had the permit (ONCE-1). Nothing is dropped here: the cell is None.
        self.value.with_mut(|cell| unsafe { *cell = Some(value) });
        self.turnstile.close();
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell").field("value", &self.get()).finish()
    }
}

#[cfg(not(loom))]
impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

#[cfg(not(loom))]
impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

/// Why a value did not get into a [`OnceCell`]; and the value.
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// The cell has a value.
    AlreadyInitializedError(T),
    /// Somebody is making one.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether the cell has a value.
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, SetError::AlreadyInitializedError(_))
    }

    /// Whether somebody is making one.
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, SetError::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetError::AlreadyInitializedError(_) => "AlreadyInitializedError",
            SetError::InitializingError(_) => "InitializingError",
        })
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}
