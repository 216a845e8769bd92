//! TCP: the halves of a stream. The stream itself, the listener and the socket are in [`net`](crate::net).

pub(crate) mod listener;
mod owned_halves;
pub(crate) mod socket;
mod split;
pub(crate) mod stream;

pub use self::owned_halves::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use self::split::{ReadHalf, WriteHalf};
