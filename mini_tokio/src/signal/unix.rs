//! [`Signal`]: one listener for one signal. How it works and why it loses nothing stands in `signal/mod.rs`.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use mio::unix::pipe::{self, Receiver};
use reactor::Direction;
use signal_hook_registry::SigId;

use super::estate;
use crate::context;
use crate::io::Interest;
use crate::io::poll_evented::PollEvented;
use crate::leaf::named;
use crate::runtime::{Handle, Id};

pub use super::kind::SignalKind;

/// Listens for a signal; made by [`signal`].
///
/// Any number may listen for one signal, in any number of runtimes, and each hears of it. Signals that come before a
/// listener asks count as one: the answer means "at least once since the last".
///
/// Dropping a listener does not bring the signal's default action back: a process that has listened for `SIGTERM` once is
/// not ended by it any more.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Signal {
    kind: SignalKind,
    /// None only in the drop.
    action: Option<Action>,
    pipe: PollEvented<Receiver>,
    /// Whose reactor watches the pipe.
    watched_by: Id,
}

/// What the handler does for a listener. Taken out when it is dropped, and with it the writing end is closed (SIGNAL-4).
#[derive(Debug)]
pub(super) struct Action(SigId);

impl Drop for Action {
    fn drop(&mut self) {
        signal_hook_registry::unregister(self.0);
    }
}

impl Action {
    // ANCHOR: signal-action
    fn install(kind: SignalKind, pipe: pipe::Sender) -> io::Result<Self> {
        let tell = move || {
            // Nobody to report an error to; the one that happens is a full pipe, see SIGNAL-3.
            let _ = (&pipe).write(&[1]);
        };
        // SAFETY: the action runs in a signal handler, and so may call only what is safe there. It makes one `write` to a
        // descriptor in non-blocking mode, which is, and which stays open as long as the action is installed (SIGNAL-4).
        let id = unsafe { signal_hook_registry::register(kind.as_raw_value(), tell) };
        id.map(Self)
    }
}

/// Starts to listen for a signal. What comes from now on is heard, also before the first [`recv`](Signal::recv).
///
/// # Errors
///
/// If the signal cannot be handled (`SIGKILL`, `SIGSTOP`) or should not be (`SIGILL`, `SIGFPE`, `SIGSEGV`: the thread that
/// caused them cannot go on), or does not exist; if there is no descriptor left; if the runtime has shut down.
///
/// # Panics
///
/// Outside a runtime, or if it was built without I/O.
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    drop(context::io()); // for the panic
    let signum = kind.as_raw_value();
    if signum <= 0 || signal_hook_registry::FORBIDDEN.contains(&signum) {
        return Err(io::Error::other(format!("Refusing to register signal {signum}")));
    }
    if signum > libc::SIGRTMAX() {
        return Err(io::Error::other("signal too large"));
    }
    let (action, pipe) = estate::enter(kind, || {
        let (sender, receiver) = pipe::new()?;
        Ok((Action::install(kind, sender)?, receiver))
    })?;
    let left = estate::Entered(kind);
    let pipe = PollEvented::with_interest(pipe, Interest::READABLE)?;
    std::mem::forget(left); // from here on it is the drop of the listener that leaves
    Ok(Signal { kind, action: Some(action), pipe, watched_by: Handle::current().id() })
}

impl Signal {
    /// Waits for the signal. `None`: the runtime has shut down, and this is not polled in another.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has taken no signal.
    pub fn recv(&mut self) -> impl Future<Output = Option<()>> {
        named(|| "Signal::recv", poll_fn(|cx| self.poll_recv(cx)))
    }

    /// [`recv`](Self::recv), poll-style.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.follow();
        match ready!(self.pipe.poll_io(cx, Direction::Read, |mut pipe, _| empty(&mut pipe))) {
            Ok(()) => Poll::Ready(Some(())),
            Err(_) => Poll::Ready(None),
        }
    }

    /// Has the reactor of the present runtime watch the pipe. The former may not be turned any more, or be gone.
    ///
    /// Nothing is lost on the way: a reactor that begins to watch a pipe with something in it says so at once.
    // ANCHOR: signal-follow
    fn follow(&mut self) {
        let Ok(here) = Handle::try_current() else { return };
        if here.id() == self.watched_by || here.shared.driver.io().is_none() {
            return;
        }
        if let Ok(pipe) = self.unwatched().and_then(|pipe| PollEvented::with_interest(pipe, Interest::READABLE)) {
            self.pipe = pipe;
            self.watched_by = here.id();
        }
    }

    /// The pipe for another reactor or for none. A second descriptor, for leaving the old reactor may fail when that is gone.
    fn unwatched(&self) -> io::Result<Receiver> {
        self.pipe.as_fd().try_clone_to_owned().map(Receiver::from)
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        let legacy = self.action.take().zip(self.unwatched().ok());
        estate::leave(self.kind, legacy);
    }
}

/// Takes all there is, and reports `WouldBlock` if that is nothing.
fn empty(pipe: &mut impl Read) -> io::Result<()> {
    let mut bytes = [0; 256];
    let mut taken = false;
    loop {
        match pipe.read(&mut bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) if n < bytes.len() => return Ok(()),
            Ok(_) => taken = true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if taken && error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
