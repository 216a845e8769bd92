//! Sockets. Code: `mini_tokio/src/net`.

pub use mini_tokio::net::ToSocketAddrs;
#[cfg(feature = "net")]
pub use mini_tokio::net::{
    TcpListener, TcpSocket, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixSocket, UnixStream, lookup_host,
};

/// The halves of a TCP stream.
#[cfg(feature = "net")]
pub mod tcp {
    pub use mini_tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
}

/// The halves of a Unix stream, its addresses and credentials, and pipes.
#[cfg(feature = "net")]
pub mod unix {
    pub use mini_tokio::net::unix::{
        OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, SocketAddr, UCred, WriteHalf, gid_t, pid_t, uid_t,
    };

    /// Pipes.
    pub mod pipe {
        pub use mini_tokio::net::unix::pipe::{OpenOptions, Receiver, Sender, pipe};
    }
}
