//! Tasks. Code: `mini_tokio/src/task`.

#[cfg(feature = "rt-multi-thread")]
pub use mini_tokio::task::block_in_place;
#[cfg(feature = "rt")]
pub use mini_tokio::task::{
    AbortHandle, Id, JoinError, JoinHandle, consume_budget, id, spawn, spawn_blocking, spawn_local, try_id,
    unconstrained, yield_now,
};

/// The budget that makes a task yield now and then.
#[cfg(feature = "rt")]
pub mod coop {
    pub use mini_tokio::task::coop::{
        Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining, poll_proceed,
        unconstrained,
    };
}
