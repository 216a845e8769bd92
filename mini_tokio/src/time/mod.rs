//! Time: instants, sleeps, timeouts, intervals, and a clock that tests can stop.
//!
//! ```text
//!   Interval ──┐                                             ┌── the timer thread, on a running clock
//!   Timeout ─► Sleep ─► Alarm ─► timer::Ticket ─► the wheel ◄┤
//!                         │                                  └── `advance`, or an idle runtime, on a paused one
//!                         └──► the runtime: its timer, its recorder
//! ```
//!
//! | file | its noun |
//! |---|---|
//! | `instant` | [`Instant`]: a point in time by the runtime's clock |
//! | `alarm` | a deadline on one runtime's timer; what everything below waits with |
//! | `sleep` | [`Sleep`]: an alarm as a future |
//! | `timeout` | [`Timeout`]: a future, or an alarm if that is earlier |
//! | `interval`, `missed_tick` | [`Interval`]: an alarm that is set again at each tick, and when to |
//! | `clock` | [`pause`], [`resume`], [`advance`] |
//! | `error` | what may go wrong |
//!
//! The wheel, the thread that turns it and the protocol between that thread and a task are the `timer` crate's.
//!
//! # Invariants
//!
//! * `TIME-1` An alarm is bound, when it is made, to the runtime that is current there: by that runtime's clock it counts,
//!   whoever polls or resets it, and on which thread. Free functions read the clock of the runtime that is current.
//! * `TIME-2` Nothing here is ready before its deadline, by the clock of `TIME-1`; or before the end of time, 250 years
//!   after the making of the runtime, where a paused clock stops and all later deadlines come.
//! * `TIME-3` Nothing is entered in the wheel before it is polled; to make and drop it costs a clock read. Most timeouts live such a life.
//! * `TIME-4` An alarm knows its runtime by number and borrows it for each step. It calls no user code meanwhile: wakers are
//!   cloned before, woken and dropped after.
//!
//! # Precision
//!
//! A deadline is exact to the nanosecond on a paused clock. On a running one the wheel turns in steps of a millisecond, so
//! that a sleep may be a millisecond late, and later on a busy machine.
//!
//! The interface is that of `tokio::time`. Left out: durations are not rounded up to milliseconds on a paused clock, as
//! tokio's are.

mod alarm;
mod clock;
pub mod error;
mod instant;
mod interval;
mod missed_tick;
mod sleep;
mod timeout;

pub use std::time::Duration;

pub use self::clock::{advance, pause, resume};
pub use self::instant::Instant;
pub use self::interval::{Interval, interval, interval_at};
pub use self::missed_tick::MissedTickBehavior;
pub use self::sleep::{Sleep, sleep, sleep_until};
pub use self::timeout::{Timeout, timeout, timeout_at};
