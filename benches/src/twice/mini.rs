//! The list, on mini_tokio.

use ::mini_tokio as tokio;

#[allow(clippy::duplicate_mod, reason = "compiled twice is the point")]
#[path = "list.rs"]
mod list;

pub use list::adapter::Adapter;
pub use list::channel::{Bounded, Unbounded};
pub use list::workloads;
