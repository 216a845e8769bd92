//! [`UnixSocket`]: a Unix socket before it is known what becomes of it.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::datagram::UnixDatagram;
use super::listener::UnixListener;
use super::stream::UnixStream;
use crate::leaf::at;

/// A Unix socket that is neither connected nor listening yet: for a listener with a queue of one's own length, or a
/// stream or datagram socket that is bound before it connects.
///
/// It needs no runtime: only what it becomes does.
pub struct UnixSocket {
    inner: Socket,
}

impl UnixSocket {
    /// A socket for datagrams.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        Self::new(Type::DGRAM)
    }

    /// A socket for streams.
    pub fn new_stream() -> io::Result<UnixSocket> {
        Self::new(Type::STREAM)
    }

    fn new(kind: Type) -> io::Result<UnixSocket> {
        let inner = Socket::new(Domain::UNIX, kind, None)?;
        inner.set_nonblocking(true)?;
        Ok(UnixSocket { inner })
    }

    /// Binds the socket to `path`, where a file is made. On Linux a path that begins with a zero byte is an abstract
    /// name.
    ///
    /// # Errors
    ///
    /// Those of the operating system: `AddrInUse` if there is such a file.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.inner.bind(&SockAddr::unix(path)?)
    }

    /// Listens at the path that the socket is bound to. `backlog` connections may wait to be accepted.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the socket is one for datagrams.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        if self.kind()? == Type::DGRAM {
            return Err(io::Error::other("listen cannot be called on a datagram socket"));
        }
        self.inner.listen(backlog.try_into().unwrap_or(i32::MAX))?;
        UnixListener::new(mio::net::UnixListener::from(OwnedFd::from(self.inner)))
    }

    /// Connects to the listener at `path`.
    ///
    /// # Errors
    ///
    /// Those of the operating system; if the socket is one for datagrams. The socket is then closed.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    pub fn connect(self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<UnixStream>> {
        at(async move {
            if self.kind()? == Type::DGRAM {
                return Err(io::Error::other("connect cannot be called on a datagram socket"));
            }
            match self.inner.connect(&SockAddr::unix(path)?) {
                Ok(()) => {}
                Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => {}
                Err(error) => return Err(error),
            }
            UnixStream::when_connected(mio::net::UnixStream::from(OwnedFd::from(self.inner))).await
        })
    }

    /// Becomes a datagram socket.
    ///
    /// # Errors
    ///
    /// If the socket is one for streams; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        if self.kind()? == Type::STREAM {
            return Err(io::Error::other("datagram cannot be called on a stream socket"));
        }
        UnixDatagram::new(mio::net::UnixDatagram::from(OwnedFd::from(self.inner)))
    }

    fn kind(&self) -> io::Result<Type> {
        self.inner.r#type()
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl FromRawFd for UnixSocket {
    /// Takes over a socket that was made elsewhere. It should be in non-blocking mode: this is not checked.
    ///
    /// # Safety
    ///
    /// `fd` is an open socket, and nobody else closes it.
    unsafe fn from_raw_fd(fd: RawFd) -> UnixSocket {
        // SAFETY: the caller's promise.
        UnixSocket { inner: unsafe { OwnedFd::from_raw_fd(fd) }.into() }
    }
}

impl IntoRawFd for UnixSocket {
    fn into_raw_fd(self) -> RawFd {
        self.inner.into_raw_fd()
    }
}

impl fmt::Debug for UnixSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
