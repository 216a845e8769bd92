//! The macros' run-time half: what `select!`, `join!` and `try_join!` call when they run.
//!
//! | file | its noun |
//! |---|---|
//! | `select` | one round of polls of a `select!`: order, disabled branches, budget |
//! | `join` | one round of polls of a `join!` or `try_join!`, and the future that keeps its output |
//! | `exported` | the macros themselves, at the crate's root |
//!
//! The compile-time half is the crate `macros`. It writes as little code as it can into the user's function, a table from a
//! branch's number to its future, and calls the functions here for everything else: what is generated has no lines to step
//! through, these functions have.
//!
//! All generated paths begin with `$crate::macros::support`, so they hold whatever name a user has for this crate.

mod exported;
mod join;
mod select;

/// For the expansions of the macros only.
#[doc(hidden)]
pub mod support {
    pub use std::future::{Future, poll_fn};
    pub use std::option::Option;
    pub use std::pin::{Pin, pin};
    pub use std::result::Result;
    pub use std::task::Poll;

    pub use ::macros::{join_in, select_in, try_join_in};

    pub use super::join::{MaybeDone, join_round, maybe_done, rotate, try_join_round};
    pub use super::select::{
        Order, all_branches_disabled, into_future, matched_before, no_such_branch, not, select_round,
    };
}
