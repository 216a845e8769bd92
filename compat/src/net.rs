//! Sockets. Code: `mini_tokio/src/net`.

pub use mini_tokio::net::ToSocketAddrs;
#[cfg(feature = "net")]
pub use mini_tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};

/// The halves of a TCP stream.
#[cfg(feature = "net")]
pub mod tcp {
    pub use mini_tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
}
