//! `RwLock`: many readers or one writer. A [`Turnstile`](super::turnstile) with as many permits as there may be readers; a
//! reader takes one, a writer all.
//!
//! Invariants:
//! - `RWLOCK-1`: who holds a permit may look at the value; who holds all may change it, as nobody else can look.
//! - `RWLOCK-2`: a guard's permits are acquired before it is made, and given back after its last use of the value. A
//!   downgrade keeps one of its permits all the time.
//!
//! Fairness is the turnstile's: first come, first served. A writer in line keeps out the readers that come after it; so it
//! waits for those only that are inside. The price: a task that holds a read lock and asks for a second one may wait for a
//! writer that waits for the first.
//!
//! The files: `read` and `write` are the guards that borrow the lock, `owned_read` and `owned_write` those that share it,
//! `mapped` write guards for a part of the value. (A read guard for a part is a read guard.)

use std::{cell::UnsafeCell, fmt, sync::Arc};

use super::{
    TryLockError, blocking,
    turnstile::{Take, Turnstile},
};
use crate::leaf::named;

mod mapped;
mod owned_read;
mod owned_write;
mod read;
mod write;

pub use self::{
    mapped::{OwnedRwLockMappedWriteGuard, RwLockMappedWriteGuard},
    owned_read::OwnedRwLockReadGuard,
    owned_write::OwnedRwLockWriteGuard,
    read::RwLockReadGuard,
    write::RwLockWriteGuard,
};

/// The highest number of readers, and the usual one.
const MAX_READS: u32 = u32::MAX >> 3;

/// Why acquiring cannot fail.
const NEVER_CLOSED: &str = "nobody closes the turnstile of a lock";

/// A value that many tasks may look at at once, or one change; the locks may be held across an `await`.
///
/// Whoever asks first is served first: a writer that waits keeps later readers waiting, so it cannot be starved. Do not ask
/// for a second read lock while holding one: between the two a writer may have asked, and then both wait for ever.
///
/// A panic while a guard is held unlocks, and does not poison.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::RwLock;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let lock = RwLock::new(5);
/// {
///     let (one, other) = (lock.read().await, lock.read().await);
///     assert_eq!(*one + *other, 10);
/// }
/// *lock.write().await += 1;
/// assert_eq!(lock.into_inner(), 6);
/// # }
/// ```
pub struct RwLock<T: ?Sized> {
    /// Permits in all, and those of a writer.
    readers: u32,
    turnstile: Turnstile,
    /// Guarded by the permits: RWLOCK-1.
    value: UnsafeCell<T>,
}

// SAFETY: sharing the lock lets other threads look at the value, several at once, which T must allow by Sync, and change
// and replace it, one at a time, which T must allow by Send (RWLOCK-1).
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T: ?Sized> RwLock<T> {
    /// An unlocked lock for up to 2^29 - 1 readers.
    pub fn new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        Self::const_new(value)
    }

    /// An unlocked lock for up to `max_reads` readers at once; more of them wait.
    ///
    /// # Panics
    /// If `max_reads` is 0 or more than 2^29 - 1.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> RwLock<T>
    where
        T: Sized,
    {
        assert_ne!(max_reads, 0, "a RwLock may not be created with 0 readers");
        assert!(max_reads <= MAX_READS, "a RwLock may not be created with more than {MAX_READS} readers");
        Self::const_with_max_readers(value, max_reads)
    }

    /// The same as [`new`](RwLock::new), for constants and statics.
    pub const fn const_new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        Self::const_with_max_readers(value, MAX_READS)
    }

    /// The same as [`with_max_readers`](RwLock::with_max_readers), for constants and statics.
    ///
    /// # Panics
    /// If `max_reads` is 0 or more than 2^29 - 1.
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> RwLock<T>
    where
        T: Sized,
    {
        assert!(max_reads != 0, "a RwLock may not be created with 0 readers");
        assert!(max_reads <= MAX_READS);
        Self { readers: max_reads, turnstile: Turnstile::new(max_reads as usize), value: UnsafeCell::new(value) }
    }

    /// Waits until it may look at the value.
    ///
    /// # Cancel safety
    /// A future that is dropped loses its place in the line, and nothing else.
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let lock = async {
            self.turnstile.acquire(1).await.expect(NEVER_CLOSED);
            RwLockReadGuard::of(self)
        };
        named(|| "RwLock::read", lock)
    }

    /// Waits until it may look at the value; the guard keeps the lock alive and borrows nothing.
    ///
    /// # Cancel safety
    /// That of [`read`](RwLock::read).
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let lock = async {
            self.turnstile.acquire(1).await.expect(NEVER_CLOSED);
            OwnedRwLockReadGuard::of(self)
        };
        named(|| "RwLock::read", lock)
    }

    /// Blocks the thread until it may look at the value: [`read`](RwLock::read) for code that is not async.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        blocking::block_on(self.read())
    }

    /// A look at the value, if nobody changes it or waits to.
    ///
    /// # Errors
    /// If it would have to wait.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.try_acquire(1)?;
        Ok(RwLockReadGuard::of(self))
    }

    /// A look at the value, if nobody changes it or waits to; the guard keeps the lock alive.
    ///
    /// # Errors
    /// If it would have to wait.
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.try_acquire(1)?;
        Ok(OwnedRwLockReadGuard::of(self))
    }

    /// Waits until it may change the value.
    ///
    /// # Cancel safety
    /// A future that is dropped loses its place in the line, and nothing else.
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let lock = async {
            self.turnstile.acquire_all(self.all()).await.expect(NEVER_CLOSED);
            RwLockWriteGuard::of(self)
        };
        named(|| "RwLock::write", lock)
    }

    /// Waits until it may change the value; the guard keeps the lock alive and borrows nothing.
    ///
    /// # Cancel safety
    /// That of [`write`](RwLock::write).
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let lock = async {
            self.turnstile.acquire_all(self.all()).await.expect(NEVER_CLOSED);
            OwnedRwLockWriteGuard::of(self)
        };
        named(|| "RwLock::write", lock)
    }

    /// Blocks the thread until it may change the value: [`write`](RwLock::write) for code that is not async.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        blocking::block_on(self.write())
    }

    /// The value, to be changed, if nobody has it.
    ///
    /// # Errors
    /// If it would have to wait.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.try_acquire(self.all())?;
        Ok(RwLockWriteGuard::of(self))
    }

    /// The value, to be changed, if nobody has it; the guard keeps the lock alive.
    ///
    /// # Errors
    /// If it would have to wait.
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.try_acquire(self.all())?;
        Ok(OwnedRwLockWriteGuard::of(self))
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

    /// The permits of a writer.
    #[inline]
    fn all(&self) -> usize {
        self.readers as usize
    }

    fn try_acquire(&self, permits: usize) -> Result<(), TryLockError> {
        match self.turnstile.try_acquire(permits) {
            Take::Taken => Ok(()),
            Take::TooFew | Take::Closed => Err(TryLockError(())),
        }
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// Shows the value, unless somebody changes it or waits to. (It is locked for reading while the value is printed.)
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lock = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(value) => lock.field("data", &&*value),
            Err(TryLockError(())) => lock.field("data", &format_args!("<locked>")),
        };
        lock.finish()
    }
}
