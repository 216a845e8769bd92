//! The poll loop: one turn asks the operating system what has become ready, and wakes whom it concerns.
//!
//! ```text
//!                 turn (one thread at a time)                         tasks, on any thread
//!   +---------+   1 wait   +--------+   2 look up   +-------+   3 deliver   +------+
//!   | kernel  | ---------> | events | ------------> | slots | ------------> | Slot | <--- poll_ready, readiness
//!   | (epoll) |            +--------+   one lock    +-------+   set, wake   +------+
//!   +---------+ <------------------------------------------------------------------------- register, deregister
//! ```
//!
//! Vocabulary. A *turn* is one call of the operating system's wait and the delivery of what it returned. Whoever has
//! the `Reactor` turns it: a runtime's parked worker, a thread of its own, a test by hand. The reactor has no thread
//! and knows no executor; its only word to the rest of the program is [`std::task::Waker`].
//!
//! Left out: a call-back for signals and a state machine of shutdown phases, which tokio's driver
//! (`runtime/io/driver.rs`) has because other drivers are stacked on top of it. Completion-based I/O (io_uring).

use crate::handle::Handle;
use crate::ready::Ready;
use crate::wakers::Wakers;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

/// The owner's side of a reactor: whoever holds it, turns it. Dropping it shuts the reactor down, for nobody could turn
/// it any more.
///
/// ```
/// use reactor::{Interest, Reactor};
/// use std::time::Duration;
///
/// # fn main() -> std::io::Result<()> {
/// let (mut reactor, handle) = Reactor::new(64)?;
/// let mut listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// let registration = handle.register(&mut listener, Interest::READABLE)?;
///
/// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// while registration.ready_now(Interest::READABLE).ready.is_empty() {
///     reactor.turn(Some(Duration::from_secs(1)))?;
/// }
/// let (_stream, peer) = registration.try_io(Interest::READABLE, || listener.accept())?;
/// assert_eq!(peer, client.local_addr()?);
/// # Ok(())
/// # }
/// ```
pub struct Reactor {
    poll: mio::Poll,
    events: mio::Events,
    /// For turns that do not wait, if they are to take fewer events.
    quick_events: Option<mio::Events>,
    wakers: Wakers,
    handle: Handle,
}

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// How many events were delivered to registrations.
    pub events: usize,
    /// How many wakers were called.
    pub woken: usize,
    /// Whether [`Handle::wake`] was called.
    pub interrupted: bool,
}

impl Reactor {
    /// A reactor that takes at most `events_per_turn` (at least 1) from the operating system at a time.
    ///
    /// # Errors
    ///
    /// Those of the operating system: no file descriptors left, for instance.
    pub fn new(events_per_turn: usize) -> io::Result<(Reactor, Handle)> {
        let events_per_turn = events_per_turn.max(1);
        let poll = mio::Poll::new()?;
        let handle = Handle::new(&poll)?;
        let events = mio::Events::with_capacity(events_per_turn);
        let wakers = Wakers::default();
        Ok((Reactor { poll, events, quick_events: None, wakers, handle: handle.clone() }, handle))
    }

    /// Has turns that do not wait take at most `events` (at least 1) at a time. The system keeps the others for later turns.
    pub fn limit_quick_turns(&mut self, events: usize) {
        self.quick_events = Some(mio::Events::with_capacity(events.max(1)));
    }

    /// One turn: waits for events at most `max_wait` (`None`: for ever; zero: not at all), delivers them, wakes the
    /// tasks concerned, on this thread and before it returns.
    ///
    /// Returns at once when [`Handle::wake`] is or was called. A signal does not end the wait. Waits are rounded up to
    /// the operating system's grain (1 ms on Linux) and cut short after some weeks.
    ///
    /// # Errors
    ///
    /// Those of the operating system's wait, except the interruption by a signal.
    ///
    /// # Panics
    ///
    /// With the panic of a waker, after all the others have been woken.
    // ANCHOR: reactor-turn
    pub fn turn(&mut self, max_wait: Option<Duration>) -> io::Result<Turn> {
        let events = match &mut self.quick_events {
            Some(few) if max_wait == Some(Duration::ZERO) => few,
            _ => &mut self.events,
        };
        wait(&mut self.poll, events, max_wait)?;
        let events = events.iter().map(|event| (event.token(), Ready::from_mio(event)));
        Ok(self.handle.dispatch(&mut self.wakers, events))
    }
}

/// Fills `events`. A signal that interrupts the system call shortens nothing.
fn wait(poll: &mut mio::Poll, events: &mut mio::Events, max_wait: Option<Duration>) -> io::Result<()> {
    // Only a wait that can be resumed needs to know the time.
    let deadline = max_wait.filter(|wait| !wait.is_zero()).and_then(|wait| Instant::now().checked_add(wait));
    let mut remaining = max_wait;
    loop {
        match poll.poll(events, remaining) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                if let Some(deadline) = deadline {
                    remaining = Some(deadline.saturating_duration_since(Instant::now()));
                }
            }
            outcome => return outcome,
        }
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").field("handle", &self.handle).finish_non_exhaustive()
    }
}
