//! Blocking work beside async work: closures on threads of their own.
//!
//! | file | its noun |
//! |---|---|
//! | `jobs` | the closures, as tasks, and the pool of one runtime |
//! | `pool` | the threads: started on demand, reaped when idle |
//! | `slack` | the one number that says whether a thread is missing |
//! | `shuttle` | carries bytes between a task and a file that blocks: one operation at a time |
//! | `borrow` | a value that one operation at a time has, across its awaits |

#[cfg(not(loom))]
pub(crate) mod borrow;
#[cfg(not(loom))]
mod jobs;
#[cfg(not(loom))]
mod pool;
#[cfg(not(loom))]
pub(crate) mod shuttle;
mod slack;

#[cfg(not(loom))]
pub(crate) use self::jobs::BlockingPool;

/// Runs a blocking call that can fail on the pool, and waits for it.
///
/// If the future is dropped the call still happens, unless it has not begun when the runtime shuts down.
#[cfg(not(loom))]
pub(crate) async fn run<R, F>(call: F) -> std::io::Result<R>
where
    F: FnOnce() -> std::io::Result<R> + Send + 'static,
    R: Send + 'static,
{
    crate::task::spawn_blocking(call).await.unwrap_or_else(|_| Err(not_run()))
}

/// What a caller is told whose call panicked, or was in the queue when the runtime shut down.
#[cfg(not(loom))]
pub(crate) fn not_run() -> std::io::Error {
    std::io::Error::other("background task failed")
}
