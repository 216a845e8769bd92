//! Tasks: futures that a runtime polls, independent of whoever spawned them.
//!
//! | file | its noun |
//! |---|---|
//! | `state` | the state word: who may touch what, and when |
//! | `cell` | the task itself, one allocation, its own waker |
//! | `join`, `abort`, `error`, `id` | what users hold of a task |
//! | `registry` | every task alive, for shutdown and for people who look inside |
//! | `spawn`, `blocking`, `yield_now` | the free functions |
//! | `builder` | a spawn with a name |
//! | `join_set` | tasks that are joined in the order in which they complete |
//! | `local_set` | tasks that are not `Send`, driven by a future |
//! | `inbox` | the queue of both sets, and how its consumer sleeps |
//! | `task_local` | values that belong to a task |

#[cfg(not(loom))]
mod abort;
#[cfg(not(loom))]
mod blocking;
#[cfg(not(loom))]
mod builder;
#[cfg(not(loom))]
mod cell;
#[cfg(not(loom))]
mod error;
#[cfg(not(loom))]
mod id;
mod inbox;
#[cfg(not(loom))]
mod join;
#[cfg(not(loom))]
pub mod join_set;
#[cfg(not(loom))]
mod local_set;
#[cfg(not(loom))]
mod registry;
#[cfg(not(loom))]
mod spawn;
pub(crate) mod state;
#[cfg(not(loom))]
mod task_local;
#[cfg(not(loom))]
mod yield_now;

#[cfg(not(loom))]
pub use self::{
    abort::AbortHandle,
    blocking::{block_in_place, spawn_blocking},
    builder::Builder,
    cell::Outcome,
    error::JoinError,
    id::{Id, id, try_id},
    join::JoinHandle,
    join_set::JoinSet,
    local_set::{LocalEnterGuard, LocalSet},
    spawn::{spawn, spawn_local},
    task_local::LocalKey,
    yield_now::yield_now,
};
#[cfg(not(loom))]
pub(crate) use self::{
    cell::{Header, Joinable, Runnable, Schedule, Task, TaskRef, Urgency, uncounted},
    registry::Registry,
};
#[cfg(not(loom))]
pub use coop::{consume_budget, unconstrained};
#[cfg(not(loom))]
pub mod coop;

/// The futures of this module by name, for those who store them in a struct.
#[cfg(not(loom))]
pub mod futures {
    pub use super::task_local::TaskLocalFuture;
}
