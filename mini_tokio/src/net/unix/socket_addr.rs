//! [`SocketAddr`]: where a Unix socket is bound: at a path, at an abstract name, or nowhere.

use std::fmt;
use std::io;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::linux::net::SocketAddrExt;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::Path;

use socket2::SockAddr;

/// The address of a Unix socket.
#[derive(Clone)]
pub struct SocketAddr(pub(super) net::SocketAddr);

impl SocketAddr {
    /// Whether the socket is bound nowhere: as those of a pair, and most that connect.
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path that the socket is bound to, if it is a path.
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }

    /// The name in the abstract namespace, if it is one. The zero byte in front is no part of it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        self.0.as_abstract_name()
    }
}

/// The address that `path` means. On Linux a path that begins with a zero byte is a name in the abstract namespace: it
/// is gone with its last socket and leaves no file behind.
pub(super) fn of_path(path: &Path) -> io::Result<net::SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let [0, name @ ..] = path.as_os_str().as_bytes() {
        return net::SocketAddr::from_abstract_name(name);
    }
    net::SocketAddr::from_pathname(path)
}

/// The address that `recvfrom` reports, in the standard library's form.
pub(super) fn of_sender(sender: &SockAddr) -> io::Result<net::SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(name) = sender.as_abstract_namespace() {
        return net::SocketAddr::from_abstract_name(name);
    }
    // A socket without a name sends without an address.
    net::SocketAddr::from_pathname(sender.as_pathname().unwrap_or(Path::new("")))
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(addr: net::SocketAddr) -> Self {
        SocketAddr(addr)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(addr: SocketAddr) -> Self {
        addr.0
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
