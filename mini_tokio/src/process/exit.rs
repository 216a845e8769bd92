//! [`Exit`]: how a task waits for the end of a process.
//!
//! Two ways are there on Linux:
//!
//! * A *pidfd* (since 5.3) is a descriptor that stands for one process and becomes readable when that ends. Waiting for it
//!   is waiting for a socket.
//! * `SIGCHLD` tells that some child has ended, not which; several that end together may send one. So everybody who waits
//!   must look at each, and the program gets a signal handler that it has not asked for.
//!
//! We take the pidfd, since it is the simpler one: no handler, no herd of waiters. The signal is the fallback where there is
//! none: in sandboxes that refuse the call, on old kernels, on other systems.
//!
//! `EXIT-1` Whichever it is, it is set up first and the status asked for after, so that an end in between is seen.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::process::ExitStatus;
use std::task::{Context, Poll, ready};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Interest as MioInterest, Registry, Token};
use reactor::Direction;

use crate::context;
use crate::io::Interest;
use crate::io::poll_evented::PollEvented;
use crate::leaf;
use crate::runtime::{Handle, Id};
use crate::signal::unix::{Signal, SignalKind, signal};

/// The end of one process, to be waited for. Made before anybody waits, and does nothing until then.
#[derive(Debug)]
pub(super) struct Exit {
    pid: u32,
    /// Since somebody waits: what tells, and whose reactor watches it.
    watch: Option<(Watch, Id)>,
    /// Only the signal: for tests, since every kernel that they run on has pidfds.
    by_signal: bool,
}

#[derive(Debug)]
enum Watch {
    Pidfd(PollEvented<Pidfd>),
    Children(Signal),
}

impl Exit {
    pub(super) fn of(pid: u32) -> Self {
        Self { pid, watch: None, by_signal: false }
    }

    #[cfg(test)]
    pub(super) fn by_signal(pid: u32) -> Self {
        Self { pid, watch: None, by_signal: true }
    }

    /// Waits until `status` says that the process has ended. Cancel safe.
    // ANCHOR: process-wait
    pub(super) async fn wait(
        &mut self,
        mut status: impl FnMut() -> io::Result<Option<ExitStatus>>,
    ) -> io::Result<ExitStatus> {
        // Most waits come late, or for processes that are quick: no need to set anything up.
        if let Some(status) = status()? {
            return Ok(status);
        }
        let pid = self.pid;
        poll_fn(|cx| leaf::known_as(self.poll_wait(cx, &mut status), || format!("end of process {pid}").into())).await
    }

    fn poll_wait(
        &mut self,
        cx: &mut Context<'_>,
        status: &mut impl FnMut() -> io::Result<Option<ExitStatus>>,
    ) -> Poll<io::Result<ExitStatus>> {
        match self.watch()? {
            Watch::Pidfd(pidfd) => {
                pidfd.poll_io(cx, Direction::Read, |_, _| status()?.ok_or_else(|| io::ErrorKind::WouldBlock.into()))
            }
            Watch::Children(signal) => loop {
                let told = signal.poll_recv(cx);
                if let Some(status) = status()? {
                    return Poll::Ready(Ok(status));
                }
                if ready!(told).is_none() {
                    return Poll::Ready(Err(io::Error::other(context::SHUTTING_DOWN)));
                }
            },
        }
    }

    /// What tells of the end. Set up at the first poll, and again in another runtime: the former may not be turned any more.
    fn watch(&mut self) -> io::Result<&mut Watch> {
        let here = Handle::current().id();
        let stale = self.watch.as_ref().is_none_or(|(_, watched_by)| *watched_by != here);
        if stale {
            let pidfd = if self.by_signal { Err(io::ErrorKind::Unsupported.into()) } else { Pidfd::open(self.pid) };
            let watch = match pidfd {
                Ok(pidfd) => Watch::Pidfd(PollEvented::with_interest(pidfd, Interest::READABLE)?),
                Err(_) => Watch::Children(signal(SignalKind::child())?),
            };
            self.watch = Some((watch, here));
        }
        Ok(&mut self.watch.as_mut().expect("just set").0)
    }
}

/// A descriptor that stands for a process. It is closed on exec, always.
#[derive(Debug)]
struct Pidfd(OwnedFd);

impl Pidfd {
    /// The process must be a child that was not waited for: its number is its own.
    #[cfg(target_os = "linux")]
    fn open(pid: u32) -> io::Result<Self> {
        // SAFETY: the call takes two numbers. What it returns, if that is not negative, is a new descriptor and ours.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: see above.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
    }

    #[cfg(not(target_os = "linux"))]
    fn open(_pid: u32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl AsRawFd for Pidfd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Source for Pidfd {
    fn register(&mut self, registry: &Registry, token: Token, interests: MioInterest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: MioInterest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}
