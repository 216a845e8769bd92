//! Sockets that wait without blocking a thread, and the names of hosts.
//!
//! ```text
//!   TcpListener --accept--> TcpStream --split-------> ReadHalf,      WriteHalf         borrowed, within one task
//!   TcpSocket --connect-->            --into_split--> OwnedReadHalf, OwnedWriteHalf    owned, for two tasks
//!             --listen---> TcpListener
//! ```
//!
//! Each of them is a thin coat over [`PollEvented`](crate::io): start reading at `io/poll_evented.rs`, where the common
//! life of an operation is told, then `tcp/stream.rs`.
//!
//! A socket belongs to the runtime that was current when it was made, may be used from any thread, and answers with an
//! error once that runtime is gone. Making one outside a runtime panics, as does a runtime built without `enable_io`.
//!
//! Names of hosts are looked up by the operating system, which blocks: on a thread of the blocking pool.

mod addr;
mod lookup_host;
pub mod tcp;
mod udp;
pub mod unix;

use std::io;
use std::os::fd::AsFd;

pub use self::addr::ToSocketAddrs;
pub use self::lookup_host::lookup_host;
pub use self::tcp::listener::TcpListener;
pub use self::tcp::socket::TcpSocket;
pub use self::tcp::stream::TcpStream;
pub use self::udp::UdpSocket;
pub use self::unix::datagram::UnixDatagram;
pub use self::unix::listener::UnixListener;
pub use self::unix::socket::UnixSocket;
pub use self::unix::stream::UnixStream;

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
