//! Readiness for any executor: a poll loop over [`mio`], registrations, and nothing but [`std::task::Waker`] between
//! them and the tasks.
//!
//! ```text
//!   Reactor (one owner)         Handle (shared)             Registration (one a socket)
//!     turn: wait, look up,        register, wake,             poll_ready, readiness, clear,
//!     deliver                     shutdown                    try_io, poll_io, async_io
//!          |                          |                             |
//!          +------ dispatch ------ Slots (table) ------ Arc<Slot> --+
//!                                                          |
//!                                          ReadyWord (atomic) + Waiters (lock)
//! ```
//!
//! Read in this order: `reactor.rs` (the loop), `slot.rs` (the protocol between loop and tasks), `readiness.rs` (the
//! word), `waiters.rs`, `registration.rs` (what a socket does with it), `slots.rs` and `token.rs` (whose event it is).
//!
//! What this crate does not know: tasks, schedulers, sockets, time. It never makes a thread.

#![warn(missing_docs)]

mod closed;
mod direction;
mod interest;
mod readiness;
mod ready;
mod shim;
mod slot;
mod wait;
mod waiters;
mod wakers;

// A model checks the protocol alone, which stands above; what follows reaches the operating system.
#[cfg(not(loom))]
mod handle;
#[cfg(not(loom))]
mod reactor;
#[cfg(not(loom))]
mod registration;
#[cfg(not(loom))]
mod slots;
#[cfg(not(loom))]
mod token;

pub use closed::Closed;
pub use direction::Direction;
#[cfg(not(loom))]
pub use handle::Handle;
pub use interest::Interest;
#[cfg(not(loom))]
pub use reactor::{Reactor, Turn};
pub use ready::{Ready, ReadyEvent};
#[cfg(not(loom))]
pub use registration::Registration;
pub use wait::Readiness;

#[cfg(all(test, not(loom)))]
mod tests;
