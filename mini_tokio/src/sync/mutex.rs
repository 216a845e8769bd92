//! `Mutex`: one at a time, and the others wait without blocking their threads. A [`Turnstile`](super::turnstile) of one
//! permit, with the value behind it.
//!
//! Invariant `MUTEX-1`: the value is reached by who holds the permit, and by nobody else; a guard has it from its birth to
//! its drop. `&mut Mutex` and an owned `Mutex` need none, since no guard can be about.
//!
//! The files: `guard` and `owned` are the guards that `lock` and `lock_owned` give, `mapped` those for a part of the value.
//!
//! Left out: poisoning, as in tokio. A panic in the hands of a guard unlocks, and leaves the value as it is.

use std::{cell::UnsafeCell, error::Error, fmt, sync::Arc};

use super::{
    blocking,
    turnstile::{Take, Turnstile},
};
use crate::leaf::named;

mod guard;
mod mapped;
mod owned;

pub use self::{
    guard::MutexGuard,
    mapped::{MappedMutexGuard, OwnedMappedMutexGuard},
    owned::OwnedMutexGuard,
};

/// A value that one task at a time may look at and change, also across an `await`.
///
/// [`lock().await`](Mutex::lock) gives a guard; its drop unlocks. Tasks get the lock in the order in which they asked for
/// it. A task that waits does not block its thread, and a guard may be kept over an `await`. For data that is locked for a
/// few instructions [`std::sync::Mutex`] is the cheaper and the simpler choice, in async code too.
///
/// A panic while a guard is held unlocks the mutex and does not poison it.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::Mutex;
/// use std::sync::Arc;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = Arc::new(Mutex::new(0));
/// let tasks: Vec<_> = (1..=10)
///     .map(|i| {
///         let sum = sum.clone();
///         mini_tokio::spawn(async move {
///             let mut sum = sum.lock().await;
///             mini_tokio::task::yield_now().await; // the lock stays held
///             *sum += i;
///         })
///     })
///     .collect();
/// for task in tasks {
///     task.await.unwrap();
/// }
/// assert_eq!(*sum.lock().await, 55);
/// # }
/// ```
pub struct Mutex<T: ?Sized> {
    turnstile: Turnstile,
    /// Guarded by the permit: MUTEX-1.
    value: UnsafeCell<T>,
}

// SAFETY: sharing the mutex lets another thread have the value, one at a time (MUTEX-1), as sending it would.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

/// Why acquiring cannot fail.
const NEVER_CLOSED: &str = "nobody closes the turnstile of a mutex";

/// The lock is held by somebody else, so that `try_lock`, `try_read` or `try_write` would have to wait.
#[derive(Debug)]
pub struct TryLockError(pub(super) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operation would block")
    }
}

impl Error for TryLockError {}

impl<T: ?Sized> Mutex<T> {
    /// An unlocked mutex.
    pub fn new(t: T) -> Self
    where
        T: Sized,
    {
        Self::const_new(t)
    }

    /// The same as [`new`](Mutex::new), for constants and statics.
    pub const fn const_new(t: T) -> Self
    where
        T: Sized,
    {
        Self { turnstile: Turnstile::new(1), value: UnsafeCell::new(t) }
    }

    /// Waits for the lock.
    ///
    /// # Cancel safety
    /// A future that is dropped loses its place in the line, and nothing else.
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let lock = async {
            self.turnstile.acquire_all(1).await.expect(NEVER_CLOSED);
            MutexGuard::new(self)
        };
        named(|| "Mutex::lock", lock)
    }

    /// Waits for the lock; the guard keeps the mutex alive and borrows nothing.
    ///
    /// # Cancel safety
    /// That of [`lock`](Mutex::lock).
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let lock = async {
            self.turnstile.acquire_all(1).await.expect(NEVER_CLOSED);
            OwnedMutexGuard::new(self)
        };
        named(|| "Mutex::lock", lock)
    }

    /// Blocks the thread until it has the lock: [`lock`](Mutex::lock) for code that is not async.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        blocking::block_on(self.lock())
    }

    /// Blocks the thread until it has the lock; the guard keeps the mutex alive.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        blocking::block_on(self.lock_owned())
    }

    /// Locks, if nobody has the lock.
    ///
    /// # Errors
    /// If somebody has it.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.try_acquire()?;
        Ok(MutexGuard::new(self))
    }

    /// Locks, if nobody has the lock; the guard keeps the mutex alive.
    ///
    /// # Errors
    /// If somebody has it.
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.try_acquire()?;
        Ok(OwnedMutexGuard::new(self))
    }

    /// The value, without locking: nobody else can have it.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T
    where
        T: Sized,
    {
        self.value.into_inner()
    }

    fn try_acquire(&self) -> Result<(), TryLockError> {
        match self.turnstile.try_acquire(1) {
            Take::Taken => Ok(()),
            Take::TooFew | Take::Closed => Err(TryLockError(())),
        }
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// Shows the value, unless somebody has the lock. (It is locked while the value is printed.)
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mutex = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(value) => mutex.field("data", &&*value),
            Err(TryLockError(())) => mutex.field("data", &format_args!("<locked>")),
        };
        mutex.finish()
    }
}
