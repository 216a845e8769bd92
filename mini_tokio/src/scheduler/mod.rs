//! The scheduler: which task runs next, on which worker.
//!
//! | file | its noun |
//! |---|---|
//! | `worker` | a worker, and the step that it takes |
//! | `core` | what a worker owns, and the order in which it looks for work |
//! | `local_queue` | the ring of a worker, from which others steal |
//! | `global_queue` | the queue of all |
//! | `idle`, `park` | who sleeps, who searches, and how a sleeper is called |
//! | `patience` | how long a thread looks on before it sleeps |
//! | `place` | on which core of the machine something is done |
//! | `shared` | what all workers of a runtime see |
//! | `current_thread`, `multi_thread` | two of the three drivers of `step`; the third is the public module `stepper` |
//! | `event` | every decision as a value |
//! | `stats` | what is counted of each worker |
//!
//! The scheduler knows no socket, no timer and no channel. It sees wakers being woken, and a driver that may block a thread.

#[cfg(not(loom))]
mod core;
#[cfg(not(loom))]
pub(crate) mod current_thread;
#[cfg(not(loom))]
pub(crate) mod event;
#[cfg(not(loom))]
mod global_queue;
pub(crate) mod idle;
pub(crate) mod local_queue;
#[cfg(not(loom))]
pub(crate) mod multi_thread;
pub(crate) mod park;
#[cfg(not(loom))]
pub(crate) mod patience;
pub(crate) mod place;
#[cfg(not(loom))]
pub(crate) mod rand;
#[cfg(not(loom))]
pub(crate) mod root;
#[cfg(not(loom))]
pub(crate) mod shared;
#[cfg(not(loom))]
mod spawn;
#[cfg(not(loom))]
pub(crate) mod stats;
#[cfg(not(loom))]
pub(crate) mod worker;

#[cfg(not(loom))]
pub(crate) use self::core::{Core, LocalQueue};
#[cfg(not(loom))]
pub(crate) use self::shared::Shared;
