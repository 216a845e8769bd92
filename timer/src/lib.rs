//! A clock, a timing wheel, a thread that turns it, and [`Delay`]: a future that is ready once an instant has come.
//!
//! This crate knows [`std::task::Waker`] and nothing else of async: no task, no scheduler. A [`Delay`] works under any
//! executor, or under none (a waker that unparks a thread will do).
//!
//! ```text
//!   Delay = Ticket ── Entry ──────────── Wheel ◄──────── the timer thread (real clock)
//!   the future,       deadline, state,   64 slots x 8    or the caller of `advance` (paused clock)
//!   owned by          waker: a record    levels
//!   one task          and its key
//!                     └─── under one lock ───┘
//! ```
//!
//! Read in this order:
//!
//! 1. `clock`: nanoseconds since the timer was made, and what pausing means.
//! 2. `entry`: one armed delay; the record that its owner and the wheel's driver share.
//! 3. `level`, `wheel`: where an entry waits, and how it moves down until it is due.
//! 4. `bell`: the lock, and how a sleeping thread learns of an earlier deadline.
//! 5. `timer`: the handle: arm, cancel, advance, shut down. `thread`: the loop that turns the wheel.
//! 6. `ticket`: the owner's side. `delay`: the future on top.
//!
//! Words used throughout: a *deadline* is an exact instant; a *tick* is a whole millisecond since the timer was made; an
//! entry is *armed* while the wheel holds it and will wake its task; it is *fired* when its deadline has come; whoever
//! turns the wheel is the *driver*.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//! use timer::Timer;
//!
//! let timer = Timer::new();
//! let start = timer.now();
//! futures::executor::block_on(timer.delay_until(start + Duration::from_millis(5)));
//! assert!(timer.now() - start >= Duration::from_millis(5)); // never early
//! ```
//!
//! # What is left out
//!
//! tokio turns its wheel on whichever worker parks, and so saves a thread and a wake-up per earlier deadline; we pay both
//! to keep the timer independent of any scheduler. There is one wheel and one lock; tokio has an option with a wheel for
//! each worker.
#![warn(missing_docs)]
#![cfg_attr(loom, allow(dead_code))] // the users of the protocols are not compiled then

#[cfg(not(loom))]
mod delay;
#[cfg(not(loom))]
mod thread;
#[cfg(not(loom))]
mod ticket;
#[cfg(not(loom))]
mod timer;

// The two protocols, which the loom models run on loom's primitives: the bell, and the records, which are what is shared.
mod bell;
mod clock;
mod entry;
mod error;
mod level;
mod shim;
mod wheel;

pub use clock::was_any_clock_paused;
#[cfg(not(loom))]
pub use delay::Delay;
#[cfg(not(loom))]
pub use error::{ClockError, Stopped};
#[cfg(not(loom))]
pub use ticket::Ticket;
#[cfg(not(loom))]
pub use timer::{Fired, Timer};
pub use wheel::Found;

#[cfg(all(test, not(loom)))]
mod testing;
