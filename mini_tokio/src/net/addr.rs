//! [`ToSocketAddrs`]: everything that stands for some addresses, and the future that finds out which.
//!
//! What is known is answered without a task or an allocation. Only a name goes to the blocking pool, whose thread calls
//! the operating system's resolver. tokio gives each implementation a future and an iterator type of its own; here
//! there is one of each, because the difference is three enum variants.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use self::sealed::Internal;
use crate::leaf;
use crate::task::{JoinHandle, spawn_blocking};

/// What can be resolved to one or more [`SocketAddr`]s: the addresses themselves, `(ip, port)`, `"ip:port"`,
/// `"name:port"`, `("name", port)`, slices of addresses, and references to all of these.
///
/// It cannot be implemented outside this crate, nor its method called. Implementations for names look them up on the
/// blocking pool and need a runtime; the others need nothing.
pub trait ToSocketAddrs: sealed::Resolve {}

/// Finds out the addresses of `host`.
///
/// # Panics
///
/// For a name, outside a runtime.
pub(crate) fn resolve<T: ToSocketAddrs>(host: T) -> Resolving {
    host.resolve(Internal)
}

/// What `attempt` makes of the first address of `host` with which it succeeds.
///
/// # Errors
///
/// Of the resolution; else of the last attempt.
pub(crate) async fn first_of<T>(
    host: impl ToSocketAddrs,
    attempt: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last_error = None;
    for addr in resolve(host).await? {
        match attempt(addr) {
            Ok(made) => return Ok(made),
            Err(error) => last_error = Some(error),
        }
    }
    Err(last_error.unwrap_or_else(no_address))
}

/// The error of `bind` and `connect` when there was no address to try.
pub(crate) fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "could not resolve to any address")
}

pub(crate) mod sealed {
    /// The hidden half of [`ToSocketAddrs`](super::ToSocketAddrs).
    pub trait Resolve {
        #[doc(hidden)]
        fn resolve(&self, _: Internal) -> super::Resolving;
    }

    /// A method of a supertrait can be called by whoever has a type parameter with the subtrait; but not without this
    /// argument, which has no public name.
    #[derive(Debug)]
    pub struct Internal;
}

/// The future of a resolution.
#[derive(Debug)]
pub struct Resolving(Progress);

#[derive(Debug)]
enum Progress {
    Known(Option<Addrs>),
    Lookup(JoinHandle<io::Result<Addrs>>),
}

/// The addresses, one after the other.
#[derive(Debug)]
pub enum Addrs {
    /// At most one.
    One(Option<SocketAddr>),
    /// Any number.
    Many(vec::IntoIter<SocketAddr>),
}

impl Resolving {
    fn known(addr: impl Into<SocketAddr>) -> Self {
        Self(Progress::Known(Some(Addrs::One(Some(addr.into())))))
    }

    /// Asks the operating system, on the blocking pool.
    fn lookup(host: impl std::net::ToSocketAddrs<Iter = vec::IntoIter<SocketAddr>> + Send + 'static) -> Self {
        Self(Progress::Lookup(spawn_blocking(move || host.to_socket_addrs().map(Addrs::Many))))
    }
}

impl Future for Resolving {
    type Output = io::Result<Addrs>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Progress::Known(addrs) => Poll::Ready(Ok(addrs.take().expect("polled after it was ready"))),
            Progress::Lookup(job) => {
                let looked_up = leaf::known_as(Pin::new(job).poll(cx), || "lookup of a host name".into());
                Poll::Ready(ready!(looked_up)?)
            }
        }
    }
}

impl Iterator for Addrs {
    type Item = SocketAddr;

    fn next(&mut self) -> Option<SocketAddr> {
        match self {
            Self::One(addr) => addr.take(),
            Self::Many(addrs) => addrs.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::One(addr) => addr.iter().size_hint(),
            Self::Many(addrs) => addrs.size_hint(),
        }
    }
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}

impl<T: ToSocketAddrs + ?Sized> sealed::Resolve for &T {
    fn resolve(&self, token: Internal) -> Resolving {
        (**self).resolve(token)
    }
}

impl ToSocketAddrs for SocketAddr {}

impl sealed::Resolve for SocketAddr {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for SocketAddrV4 {}

impl sealed::Resolve for SocketAddrV4 {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for SocketAddrV6 {}

impl sealed::Resolve for SocketAddrV6 {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for (IpAddr, u16) {}

impl sealed::Resolve for (IpAddr, u16) {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for (Ipv4Addr, u16) {}

impl sealed::Resolve for (Ipv4Addr, u16) {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for (Ipv6Addr, u16) {}

impl sealed::Resolve for (Ipv6Addr, u16) {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving::known(*self)
    }
}

impl ToSocketAddrs for &[SocketAddr] {}

impl sealed::Resolve for &[SocketAddr] {
    fn resolve(&self, _: Internal) -> Resolving {
        Resolving(Progress::Known(Some(Addrs::Many(Vec::from(*self).into_iter()))))
    }
}

impl ToSocketAddrs for str {}

impl sealed::Resolve for str {
    fn resolve(&self, _: Internal) -> Resolving {
        match self.parse::<SocketAddr>() {
            Ok(addr) => Resolving::known(addr),
            Err(_) => Resolving::lookup(self.to_owned()),
        }
    }
}

impl ToSocketAddrs for (&str, u16) {}

impl sealed::Resolve for (&str, u16) {
    fn resolve(&self, _: Internal) -> Resolving {
        let (host, port) = *self;
        match host.parse::<IpAddr>() {
            Ok(ip) => Resolving::known((ip, port)),
            Err(_) => Resolving::lookup((host.to_owned(), port)),
        }
    }
}

impl ToSocketAddrs for (String, u16) {}

impl sealed::Resolve for (String, u16) {
    fn resolve(&self, token: Internal) -> Resolving {
        (self.0.as_str(), self.1).resolve(token)
    }
}

impl ToSocketAddrs for String {}

impl sealed::Resolve for String {
    fn resolve(&self, token: Internal) -> Resolving {
        self.as_str().resolve(token)
    }
}
