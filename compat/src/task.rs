//! Tasks. Code: `mini_tokio/src/task`.

#[cfg(all(tokio_unstable, feature = "rt"))]
pub use mini_tokio::task::Builder;
#[cfg(feature = "rt-multi-thread")]
pub use mini_tokio::task::block_in_place;
#[cfg(feature = "rt")]
pub use mini_tokio::task::{
    AbortHandle, Id, JoinError, JoinHandle, JoinSet, LocalEnterGuard, LocalKey, LocalSet, consume_budget, id, spawn,
    spawn_blocking, spawn_local, try_id, unconstrained, yield_now,
};

/// The budget that makes a task yield now and then.
#[cfg(feature = "rt")]
pub mod coop {
    pub use mini_tokio::task::coop::{
        Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining, poll_proceed,
        unconstrained,
    };
}

/// The futures of this module by name.
#[cfg(feature = "rt")]
pub mod futures {
    pub use mini_tokio::task::futures::TaskLocalFuture;
}

/// Sets of tasks.
#[cfg(all(tokio_unstable, feature = "rt"))]
pub mod join_set {
    pub use mini_tokio::task::join_set::{Builder, JoinSet};
}
