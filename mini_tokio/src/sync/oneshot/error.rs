//! What the ends of a oneshot channel answer instead of a value.

use std::{error::Error, fmt};

/// The sender was dropped without sending, or the receiver closed the channel first.
#[derive(Debug, Eq, PartialEq, Clone)]
pub struct RecvError(pub(super) ());

/// Why [`Receiver::try_recv`](super::Receiver::try_recv) has no value.
#[derive(Debug, Eq, PartialEq, Clone)]
pub enum TryRecvError {
    /// Nothing has been sent yet.
    Empty,
    /// Nothing will be sent: the sender was dropped, or the channel was closed, or the value was taken already.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "channel empty",
            TryRecvError::Closed => "channel closed",
        })
    }
}

impl Error for RecvError {}

impl Error for TryRecvError {}
