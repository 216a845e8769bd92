//! [`explain_bind`]: what a user can do about an address that cannot be listened on.

use std::io;
use std::net::SocketAddr;

/// The error in words that help.
pub fn explain_bind(address: SocketAddr, error: io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "{address} is in use: another program listens there. Stop it, or give another port (0: any free one)."
            )
        }
        io::ErrorKind::PermissionDenied => {
            format!("not allowed to listen on {address}: low ports need privileges. Give a port above 1023.")
        }
        io::ErrorKind::AddrNotAvailable => format!("{address} is not an address of this machine."),
        _ => format!("cannot listen on {address}: {error}"),
    };
    io::Error::new(error.kind(), text)
}
