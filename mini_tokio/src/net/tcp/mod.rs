//! TCP: the halves of a stream. The stream itself, the listener and the socket are in [`net`](crate::net).

pub(crate) mod listener;
mod owned_halves;
pub(crate) mod socket;
mod split;
pub(crate) mod stream;

use std::io;
use std::os::fd::AsFd;

pub use self::owned_halves::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use self::split::{ReadHalf, WriteHalf};

/// A blocking socket would block its worker at the first operation that finds nothing; in debug builds it is refused.
#[track_caller]
fn assert_nonblocking(socket: &impl AsFd) -> io::Result<()> {
    if cfg!(debug_assertions) {
        assert!(
            socket2::SockRef::from(socket).nonblocking()?,
            "Registering a blocking socket with the tokio runtime is unsupported. Call `set_nonblocking(true)` first."
        );
    }
    Ok(())
}
