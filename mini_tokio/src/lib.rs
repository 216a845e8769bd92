//! A runtime for asynchronous Rust, written to be read: tokio's behaviour from sources that fit in a head.
//!
//! Start with `docs/src/introduction.md`; the way of a task through the code is `task`, `scheduler`, `runtime`.
#![warn(missing_docs)]
// The commands for gdb (`mt tasks`, `mt bt 7`): every program that links this crate carries their loader with it.
#![cfg_attr(not(loom), debugger_visualizer(gdb_script_file = "../../inspect/gdb/load.py"))]

mod shim;

mod blocking;
#[cfg(not(loom))]
mod context;
#[cfg(not(loom))]
mod coop;
#[cfg(not(loom))]
pub mod fs;
#[cfg(not(loom))]
pub mod insight;
#[cfg(not(loom))]
pub mod io;
mod leaf;
#[cfg(not(loom))]
pub mod macros;
#[cfg(not(loom))]
pub mod net;
pub mod process;
pub mod recording;
#[cfg(not(loom))]
pub mod runtime;
mod scheduler;
#[cfg(not(loom))]
pub mod signal;
#[cfg(not(loom))]
pub mod stepper;
pub mod sync;
pub mod task;
#[cfg(not(loom))]
pub mod time;
pub mod util;

#[cfg(not(loom))]
pub use ::macros::{main, test};
#[cfg(not(loom))]
pub use task::spawn;
