//! The answer of a reactor that has shut down.

use crate::ready::ReadyEvent;
use std::error::Error;
use std::fmt;
use std::io;

/// What the error of every operation on a reactor that has shut down is made of: look for it with
/// [`io::Error::get_ref`] and [`is`](Error#method.is), where the two kinds of failure must be told apart.
#[derive(Debug)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reactor has shut down: nobody will deliver the readiness of this I/O resource any more")
    }
}

impl Error for Closed {}

/// The error of every operation on a reactor that has shut down.
pub(crate) fn error() -> io::Error {
    io::Error::other(Closed)
}

/// The event, or the error if it says that the reactor has shut down.
#[inline]
pub(crate) fn unless_shut_down(event: ReadyEvent) -> io::Result<ReadyEvent> {
    if event.is_shutdown { Err(error()) } else { Ok(event) }
}
