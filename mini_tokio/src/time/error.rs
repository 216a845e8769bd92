//! What may go wrong with time.

use std::{error, fmt, io};

/// The deadline of a [`Timeout`](super::Timeout) came before its future was ready.
///
/// Turns into an [`io::Error`] of kind `TimedOut`.
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("deadline has elapsed")
    }
}

impl error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(_: Elapsed) -> io::Error {
        io::ErrorKind::TimedOut.into()
    }
}

/// Why a timer could not do what was asked of it.
///
/// Nothing in this crate returns it: a sleep that cannot go on panics. It is here, as in tokio, for libraries that build
/// timers of their own and report with this type.
#[derive(Debug, Clone, Copy)]
pub struct Error(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shutdown,
    AtCapacity,
    Invalid,
}

impl Error {
    /// The timer was shut down.
    pub fn shutdown() -> Error {
        Error(Kind::Shutdown)
    }

    /// Whether the timer was shut down.
    pub fn is_shutdown(&self) -> bool {
        self.0 == Kind::Shutdown
    }

    /// The timer holds as many entries as it can.
    pub fn at_capacity() -> Error {
        Error(Kind::AtCapacity)
    }

    /// Whether the timer holds as many entries as it can.
    pub fn is_at_capacity(&self) -> bool {
        self.0 == Kind::AtCapacity
    }

    /// The duration is longer than the timer can count.
    pub fn invalid() -> Error {
        Error(Kind::Invalid)
    }

    /// Whether the duration is longer than the timer can count.
    pub fn is_invalid(&self) -> bool {
        self.0 == Kind::Invalid
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            Kind::Shutdown => "the timer was shut down",
            Kind::AtCapacity => "the timer is full",
            Kind::Invalid => "the duration is longer than the timer can count",
        })
    }
}

impl error::Error for Error {}
