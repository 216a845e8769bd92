//! `SetOnce`: a value that somebody sets, once, and others wait for.
//!
//! A cell, a flag that it is full, and a [`Notify`] for those who wait. Two mirrored orders make it right:
//!
//! ```text
//!   set                                 wait
//!   1. write the value                  1. make a `Notified` (do not await it yet)
//!   2. raise the flag                   2. look at the flag: up? done
//!   3. notify_waiters                   3. await the `Notified`, and start again
//! ```
//!
//! Invariant `SET-1`: the cell is None, and written under the lock, until the flag is up; from then on it is Some, and
//! nobody changes it who has not the whole cell to himself.

use std::{error::Error, fmt};

use super::Notify;
use crate::leaf::named;
use crate::shim::{AtomicBool, Mutex, Ordering, UnsafeCell};

#[cfg(all(test, loom))]
mod model;

/// A cell for one value, which others can wait for.
///
/// Unlike with a [`OnceCell`](super::OnceCell), who waits does not know how to make the value; unlike with a
/// [`oneshot`](super::oneshot) channel, many may wait, and the value stays where it is.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::SetOnce;
///
/// static READY: SetOnce<u16> = SetOnce::const_new();
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let client = mini_tokio::spawn(async { format!("connecting to port {}", READY.wait().await) });
/// READY.set(8080).unwrap();
/// assert_eq!(client.await.unwrap(), "connecting to port 8080");
/// # }
/// ```
pub struct SetOnce<T> {
    is_set: AtomicBool,
    /// Who sets: so that one who comes too late returns only when the value is there.
    setting: Mutex<()>,
    /// SET-1.
    value: UnsafeCell<Option<T>>,
    notify: Notify,
}

// SAFETY: sharing the cell lets other threads look at the value, which T must allow by Sync, and put a value in that is
// dropped here, which T must allow by Send (SET-1).
unsafe impl<T: Send + Sync> Sync for SetOnce<T> {}

impl<T> SetOnce<T> {
    /// An empty cell.
    pub fn new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            setting: Mutex::new(()),
            value: UnsafeCell::new(None),
            notify: Notify::new(),
        }
    }

    /// The same as [`new`](SetOnce::new), for constants and statics.
    #[cfg(not(loom))]
    pub const fn const_new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            setting: Mutex::new(()),
            value: UnsafeCell::new(None),
            notify: Notify::new(),
        }
    }

    /// A cell that has this value, if it is one.
    #[cfg(not(loom))]
    pub fn new_with(value: Option<T>) -> Self {
        value.map_or_else(Self::new, Self::const_new_with)
    }

    /// A cell that has this value, for constants and statics.
    #[cfg(not(loom))]
    pub const fn const_new_with(value: T) -> Self {
        Self {
            is_set: AtomicBool::new(true),
            setting: Mutex::new(()),
            value: UnsafeCell::new(Some(value)),
            notify: Notify::new(),
        }
    }

    /// Whether the value is there.
    pub fn initialized(&self) -> bool {
        // Acquire; pairs with the Release in `set`: the value comes with the flag.
        self.is_set.load(Ordering::Acquire)
    }

    /// The value, if it is there.
    pub fn get(&self) -> Option<&T> {
        if !self.initialized() {
            return None;
        }
        // SAFETY: the flag is up, so nobody changes it (SET-1).
        self.value.with(|value| unsafe { &*value }).as_ref()
    }

    /// Puts the value in and wakes all who wait for it.
    ///
    /// # Errors
    /// If there is one already. The error carries `value`.
    // ANCHOR: set-once-set
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        let setting = self.setting.lock();
        if self.initialized() {
            drop(setting);
            return Err(SetOnceError(value));
        }
        // SAFETY: the flag is down, and we have the lock (SET-1). Nothing is dropped here: the cell is None.
        self.value.with_mut(|cell| unsafe { *cell = Some(value) });
        self.is_set.store(true, Ordering::Release); // pairs with the Acquire in `initialized`
        drop(setting);
        self.notify.notify_waiters();
        Ok(())
    }

    /// Takes the value out, and the cell apart.
    pub fn into_inner(self) -> Option<T> {
        // SAFETY: nobody else has the cell.
        self.value.with_mut(|value| unsafe { &mut *value }.take())
    }

    /// Waits until the value is there.
    ///
    /// # Cancel safety
    /// A future that is dropped has changed nothing.
    // ANCHOR: set-once-wait
    pub fn wait(&self) -> impl Future<Output = &T> {
        named(|| "SetOnce::wait", self.once_set())
    }

    async fn once_set(&self) -> &T {
        loop {
            #[cfg(bug_set_once_look_before_listen)]
            if let Some(value) = self.get() {
                return value;
            }
            let set = self.notify.notified();
            #[cfg(not(bug_set_once_look_before_listen))]
            if let Some(value) = self.get() {
                return value;
            }
            set.await;
        }
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce").field("value", &self.get()).finish()
    }
}

#[cfg(not(loom))]
impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

#[cfg(not(loom))]
impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

/// The [`SetOnce`] has a value already. This one did not get in.
#[derive(Debug, PartialEq, Eq)]
pub struct SetOnceError<T>(pub T);

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetOnceError")
    }
}

impl<T: fmt::Debug> Error for SetOnceError<T> {}
