//! Synchronization between tasks: what to await instead of blocking a thread.
//!
//! Everything here uses wakers and nothing else of the runtime: it works under any executor, between runtimes, and
//! between a runtime and plain threads.
//!
//! Reading order: `waiters` (the list in which futures wait) and `wake_batch` (why wakers are called outside the
//! lock) are the two tools; [`Notify`] is the smallest primitive built from them, and the pattern of all the others.

mod barrier;
#[cfg(not(loom))]
mod blocking;
pub mod broadcast;
pub mod mpsc;
#[cfg(not(loom))]
mod mutex;
mod notify;
mod once_cell;
pub mod oneshot;
#[cfg(not(loom))]
mod place;
#[cfg(not(loom))]
mod rwlock;
#[cfg(not(loom))]
mod semaphore;
mod set_once;
mod streak;
mod turnstile;
mod waiters;
mod wake_batch;
pub mod watch;

pub use barrier::{Barrier, BarrierWaitResult};
#[cfg(not(loom))]
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, TryLockError};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetError};
#[cfg(not(loom))]
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};
#[cfg(not(loom))]
pub use semaphore::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError};
pub use set_once::{SetOnce, SetOnceError};

/// The futures of this module by name, for those who store them in a struct.
pub mod futures {
    pub use super::notify::{Notified, OwnedNotified};
}
