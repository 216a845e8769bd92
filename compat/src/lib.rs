//! Stands in for the crate `tokio`: the same names, and mini_tokio behind each.
//!
//! ```text
//!   your program ---- tokio::spawn ----+
//!   hyper, axum ----- tokio::net ------+--> this crate: a list of names --> mini_tokio
//!   tokio-util ------ tokio::io -------+
//! ```
//!
//! A program gets it by one entry in its `Cargo.toml`, and so do all libraries it uses:
//!
//! ```toml
//! [patch.crates-io]
//! tokio = { path = "path/to/compat" }
//! ```
//!
//! # Invariants
//! * `COMPAT-1`: there are re-exports here and nothing else; a test parses this file to see to it. What behaves differently
//!   from tokio is therefore mini_tokio's doing, and is found by stepping into it.
//! * `COMPAT-2`: each list names what tokio 1.54 has under that path and that feature, and nothing that tokio has not
//!   (`stepper`, `insight`): a program that compiles against this crate compiles against tokio.
//! * `COMPAT-3`: what tokio shows only under `--cfg tokio_unstable` shows only under it here. Methods cannot be hidden this
//!   way: those of mini_tokio are always there.
//!
//! Left out: everything for Windows, WebAssembly and FreeBSD; `runtime::dump`; `task::Builder`.

// ANCHOR: compat-names
#[cfg(feature = "fs")]
pub mod fs;
pub mod io;
pub mod net;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "rt")]
pub mod runtime;
#[cfg(feature = "signal")]
pub mod signal;
#[cfg(feature = "sync")]
pub mod sync;
pub mod task;
#[cfg(feature = "time")]
pub mod time;

#[cfg(feature = "rt")]
pub use mini_tokio::spawn;

pub use mini_tokio::pin;
#[cfg(feature = "rt")]
pub use mini_tokio::task_local;
#[cfg(feature = "macros")]
pub use mini_tokio::{join, select, try_join};

// The attributes exist once for each runtime that a program may have asked for; see the `macros` crate.
#[cfg(all(feature = "macros", feature = "rt-multi-thread"))]
pub use ::macros::{tokio_main as main, tokio_test as test};
#[cfg(all(feature = "macros", not(feature = "rt")))]
pub use ::macros::{tokio_main_fail as main, tokio_test_fail as test};
#[cfg(all(feature = "macros", feature = "rt", not(feature = "rt-multi-thread")))]
pub use ::macros::{tokio_main_rt as main, tokio_test_rt as test};

/// What the macros expand to.
#[doc(hidden)]
pub use mini_tokio::macros;

/// Empty, as tokio's: it tells that streams are in the package `tokio-stream`.
pub mod stream {}
