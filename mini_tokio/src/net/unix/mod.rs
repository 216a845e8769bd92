//! Unix sockets and pipes: what joins the processes of one machine. The sockets themselves are in [`net`](crate::net);
//! here are the halves of a stream, addresses, credentials, and [`pipe`].

pub(crate) mod datagram;
pub(crate) mod listener;
mod owned_halves;
pub mod pipe;
pub(crate) mod socket;
mod socket_addr;
mod split;
pub(crate) mod stream;
mod ucred;

pub use self::owned_halves::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use self::socket_addr::SocketAddr;
pub use self::split::{ReadHalf, WriteHalf};
pub use self::ucred::UCred;

/// The number of a user.
#[allow(non_camel_case_types)] // the operating system's name, and tokio's
pub type uid_t = u32;

/// The number of a group.
#[allow(non_camel_case_types)]
pub type gid_t = u32;

/// The number of a process.
#[allow(non_camel_case_types)]
pub type pid_t = i32;
