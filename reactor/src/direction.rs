//! Which half of a source an operation needs.

use crate::ready::Ready;

/// One half of a two-way source: each half has a seat for one poll-style waiter, so that a task that reads and a task
/// that writes do not push each other out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Reading, accepting, receiving.
    Read,
    /// Writing, connecting, sending.
    Write,
}

impl Direction {
    /// The readiness that ends a wait in this direction. A closed half counts: reading it answers at once (with 0). So
    /// does an error, which the next read collects: a UDP socket that hears of a peer that is not there reports the
    /// error alone. To the writing half the operating system reports it together with the closing.
    pub(crate) fn mask(self) -> Ready {
        match self {
            Direction::Read => Ready::READABLE | Ready::READ_CLOSED | Ready::ERROR,
            Direction::Write => Ready::WRITABLE | Ready::WRITE_CLOSED,
        }
    }
}
