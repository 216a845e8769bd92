//! [`lookup_host`]: from a name to addresses.

use std::io;
use std::net::SocketAddr;

use super::addr::{self, ToSocketAddrs};
use crate::leaf::at;

/// Looks up the addresses of `host`, which is a name or an address, with a port.
///
/// The order is the operating system's. There may be none. Addresses and their text forms are answered at once; a name
/// occupies a thread of the blocking pool for as long as the lookup takes, also if the future is dropped.
///
/// # Errors
///
/// If the operating system does not know the name; if the text is neither a name nor an address with a port.
///
/// # Panics
///
/// For a name, outside a runtime.
pub fn lookup_host<T>(host: T) -> impl Future<Output = io::Result<impl Iterator<Item = SocketAddr>>>
where
    T: ToSocketAddrs,
{
    at(async move { addr::resolve(host).await })
}
