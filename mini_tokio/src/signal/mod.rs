//! Signals of the operating system, as things to await.
//!
//! ```text
//!   kill -HUP ----> the kernel stops some thread and calls
//!                       |
//!                       v
//!              signal-hook-registry's handler             one for the process; it calls the action of
//!                |             |             |            each listener for this signal
//!                v             v             v
//!             write 1       write 1       write 1         all that an action does
//!                |             |             |
//!             [ pipe ]      [ pipe ]      [ pipe ]        each listener has its own
//!                |             |             |
//!             reactor of runtime A        reactor of B    "readable", as of any pipe
//!                |             |             |
//!             Signal        Signal        Signal          recv().await: empties it
//! ```
//!
//! A handler may interrupt its thread anywhere: inside `malloc`, or with our locks held. So it may take no lock, allocate
//! nothing, wake no waker. It may write to a pipe, and that is enough: from there on a signal is a byte, and bytes are what
//! reactors know.
//!
//! Why nothing is lost:
//!
//! - `SIGNAL-1` The action is installed before `signal` returns, and writes into a pipe that exists since before that.
//! - `SIGNAL-2` A byte stays in the pipe until its listener takes it. Between the write and the `recv` no code of ours is
//!   needed, and no flag that could be cleared too soon.
//! - `SIGNAL-3` A write that finds the pipe full is dropped, and may be: the pipe is not empty, so the listener will
//!   come, and it learns that there were signals, not how many.
//! - `SIGNAL-4` The pipe is closed after its action is taken out, which waits for handlers that run at the moment. So none
//!   writes to a descriptor that has become somebody else's.
//! - `SIGNAL-5` What comes while nobody listens, after somebody has, is kept for the next listener. See `estate`.
//!
//! Rejected: one pipe for the process with a flag for each signal and a broadcast to the listeners, as tokio has it. It
//! needs two descriptors altogether instead of two a listener; but it needs a driver in every runtime that empties the
//! pipe for all the others, flags that are set in the handler and cleared elsewhere, and a place where late listeners and
//! early signals meet. Programs have a handful of listeners.
//!
//! Left out: Windows' events, and `SIGINFO`, which Linux does not have.

mod estate;
mod kind;
pub mod unix;

use crate::leaf::named;
use std::io;

/// Waits for a Ctrl-C at the terminal, or whatever else sends the process `SIGINT`.
///
/// From the first poll on the signal no longer ends the process, and never does again, not even when the future is ready or
/// dropped: every Ctrl-C from then on is for those who wait for it, or, if nobody does, for who waits next.
///
/// # Errors
///
/// As [`unix::signal`].
///
/// # Panics
///
/// Outside a runtime, or if it was built without I/O.
///
/// # Cancel safety
///
/// Cancel safe: a Ctrl-C that a dropped future has not told of is told by the next, so that this may stand in a loop.
pub fn ctrl_c() -> impl Future<Output = io::Result<()>> {
    named(|| "signal::ctrl_c", async move {
        unix::signal(unix::SignalKind::interrupt())?.recv().await;
        Ok(())
    })
}
