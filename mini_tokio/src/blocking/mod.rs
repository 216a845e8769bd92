//! Blocking work beside async work: closures on threads of their own.
//!
//! | file | its noun |
//! |---|---|
//! | `jobs` | the closures, as tasks, and the pool of one runtime |
//! | `pool` | the threads: started on demand, reaped when idle |
//! | `slack` | the one number that says whether a thread is missing |

#[cfg(not(loom))]
mod jobs;
#[cfg(not(loom))]
mod pool;
mod slack;

#[cfg(not(loom))]
pub(crate) use self::jobs::BlockingPool;
