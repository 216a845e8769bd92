//! `Semaphore`: so many at a time. The [`Turnstile`](super::turnstile) with permits that give themselves back.

use std::sync::Arc;

use super::{
    blocking,
    turnstile::{Closed, Take, Turnstile},
};
use crate::leaf::named;

mod error;
mod permit;

pub use self::{
    error::{AcquireError, TryAcquireError},
    permit::{OwnedSemaphorePermit, SemaphorePermit},
};

/// Counts permits: who wants to do something of which only so much may go on at once acquires one first.
///
/// A permit is given back when it is dropped. Until then others wait, first come, first served: a task that wants many
/// permits is not passed by those who want few. While it waits it keeps what was free, so that
/// [`available_permits`](Semaphore::available_permits) is 0 as long as anybody waits.
///
/// Works under any executor and, with the `blocking_…` methods, on plain threads. What a holder of a permit wrote before it
/// gave it back is visible to the next holder. The idea is Dijkstra's; the interface is `tokio::sync::Semaphore`'s.
///
/// # Examples
///
/// At most two downloads at a time:
///
/// ```
/// use mini_tokio::sync::Semaphore;
/// use std::sync::Arc;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let slots = Arc::new(Semaphore::new(2));
/// let downloads: Vec<_> = (0..10)
///     .map(|i| {
///         let slots = slots.clone();
///         mini_tokio::spawn(async move {
///             let _slot = slots.acquire().await.unwrap();
///             assert!(slots.available_permits() < 2);
///             i
///         })
///     })
///     .collect();
/// for download in downloads {
///     download.await.unwrap();
/// }
/// assert_eq!(slots.available_permits(), 2);
/// # }
/// ```
#[derive(Debug)]
pub struct Semaphore {
    ll_sem: Turnstile, // named as it is printed
}

impl From<Closed> for AcquireError {
    fn from(Closed: Closed) -> Self {
        AcquireError(())
    }
}

/// `n` as a number of permits.
///
/// # Panics
/// On machines of less than 64 bits, if no semaphore can have so many.
fn permits(n: u32) -> usize {
    let n = n as usize;
    assert!(n <= Turnstile::MOST, "a semaphore may not have more than MAX_PERMITS permits ({})", Turnstile::MOST);
    n
}

impl Semaphore {
    /// The highest number of permits: `usize::MAX >> 3`.
    pub const MAX_PERMITS: usize = Turnstile::MOST;

    /// A semaphore with so many permits, which may be none.
    ///
    /// # Panics
    /// If `permits` exceeds [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[inline]
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        assert!(
            permits <= Self::MAX_PERMITS,
            "a semaphore may not have more than MAX_PERMITS permits ({})",
            Self::MAX_PERMITS
        );
        Self { ll_sem: Turnstile::new(permits) }
    }

    /// The same as [`new`](Semaphore::new), for constants and statics.
    ///
    /// # Panics
    /// If `permits` exceeds [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub const fn const_new(permits: usize) -> Self {
        assert!(permits <= Self::MAX_PERMITS);
        Self { ll_sem: Turnstile::new(permits) }
    }

    /// How many permits are free. Zero while somebody waits.
    pub fn available_permits(&self) -> usize {
        self.ll_sem.free()
    }

    /// Adds `n` permits, to those who wait or to the free ones. A closed semaphore counts them as well.
    ///
    /// # Panics
    /// If there would be more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS) free ones; nothing has changed then.
    pub fn add_permits(&self, n: usize) {
        assert!(n <= Self::MAX_PERMITS, "cannot add more than MAX_PERMITS permits ({})", Self::MAX_PERMITS);
        self.ll_sem.add(n);
    }

    /// What a permit does when it is dropped.
    #[inline]
    fn give_back(&self, n: usize) {
        if n > 0 {
            self.ll_sem.release(n);
        }
    }

    /// Takes up to `n` free permits away for good, and returns how many that were.
    pub fn forget_permits(&self, n: usize) -> usize {
        self.ll_sem.forget(n)
    }

    /// Waits for one permit.
    ///
    /// # Errors
    /// If the semaphore is or becomes [closed](Semaphore::close).
    ///
    /// # Cancel safety
    /// A future that is dropped loses its place in the line, and nothing else: permits that it was given meanwhile go to
    /// the next.
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let acquire = async {
            self.ll_sem.acquire(1).await?;
            Ok(SemaphorePermit::new(self, 1))
        };
        named(|| "Semaphore::acquire", acquire)
    }

    /// Waits for `n` permits: all of them or none.
    ///
    /// # Errors
    /// If the semaphore is or becomes [closed](Semaphore::close).
    ///
    /// # Cancel safety
    /// That of [`acquire`](Semaphore::acquire).
    pub fn acquire_many(&self, n: u32) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let acquire = async move {
            let n = permits(n);
            self.ll_sem.acquire(n).await?;
            Ok(SemaphorePermit::new(self, n))
        };
        named(|| "Semaphore::acquire_many", acquire)
    }

    /// Takes one permit if one is free.
    ///
    /// # Errors
    /// [`TryAcquireError::Closed`] if the semaphore is closed, [`TryAcquireError::NoPermits`] if none is free.
    #[inline]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.take(1)?;
        Ok(SemaphorePermit::new(self, 1))
    }

    /// Takes `n` permits if so many are free.
    ///
    /// # Errors
    /// [`TryAcquireError::Closed`] if the semaphore is closed, [`TryAcquireError::NoPermits`] if too few are free.
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let n = permits(n);
        self.take(n)?;
        Ok(SemaphorePermit::new(self, n))
    }

    /// Blocks the thread until it has a permit: [`acquire`](Semaphore::acquire) for code that is not async.
    ///
    /// # Errors
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on(self.acquire())
    }

    /// Blocks the thread until it has `n` permits.
    ///
    /// # Errors
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        blocking::block_on(self.acquire_many(n))
    }

    /// Waits for one permit that keeps the semaphore alive and borrows nothing: it may move into a task.
    ///
    /// # Errors
    /// If the semaphore is or becomes [closed](Semaphore::close).
    ///
    /// # Cancel safety
    /// That of [`acquire`](Semaphore::acquire).
    pub fn acquire_owned(self: Arc<Self>) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let acquire = async {
            self.ll_sem.acquire(1).await?;
            Ok(OwnedSemaphorePermit::new(self, 1))
        };
        named(|| "Semaphore::acquire", acquire)
    }

    /// Waits for `n` permits that keep the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is or becomes [closed](Semaphore::close).
    ///
    /// # Cancel safety
    /// That of [`acquire`](Semaphore::acquire).
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let acquire = async move {
            let n = permits(n);
            self.ll_sem.acquire(n).await?;
            Ok(OwnedSemaphorePermit::new(self, n))
        };
        named(|| "Semaphore::acquire_many", acquire)
    }

    /// Takes one permit if one is free; it keeps the semaphore alive.
    ///
    /// # Errors
    /// Those of [`try_acquire`](Semaphore::try_acquire).
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.take(1)?;
        Ok(OwnedSemaphorePermit::new(self, 1))
    }

    /// Takes `n` permits if so many are free; they keep the semaphore alive.
    ///
    /// # Errors
    /// Those of [`try_acquire_many`](Semaphore::try_acquire_many).
    pub fn try_acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let n = permits(n);
        self.take(n)?;
        Ok(OwnedSemaphorePermit::new(self, n))
    }

    /// Blocks the thread until it has a permit, which keeps the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on(self.acquire_owned())
    }

    /// Blocks the thread until it has `n` permits, which keep the semaphore alive.
    ///
    /// # Errors
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    /// On a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        blocking::block_on(self.acquire_many_owned(n))
    }

    /// Gives out no permits any more, and sends those away who wait, with an error. Permits that are out stay valid.
    ///
    /// There is no way to open it again.
    pub fn close(&self) {
        self.ll_sem.close();
    }

    /// Whether [`close`](Semaphore::close) was called.
    pub fn is_closed(&self) -> bool {
        self.ll_sem.is_closed()
    }

    #[inline]
    fn take(&self, n: usize) -> Result<(), TryAcquireError> {
        match self.ll_sem.try_acquire(n) {
            Take::Taken => Ok(()),
            Take::TooFew => Err(TryAcquireError::NoPermits),
            Take::Closed => Err(TryAcquireError::Closed),
        }
    }
}
