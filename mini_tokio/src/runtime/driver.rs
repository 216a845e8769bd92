//! The reactor and the timer as the scheduler sees them: something that may block a thread, and can be interrupted.
//!
//! * **turner**: the one worker that holds the reactor's lock and waits for sockets. It is whichever worker parks first; the
//!   others sleep on parkers of their own.
//!
//! The timer needs nobody to turn it: it has a thread of its own, which wakes tasks as any other thread does.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use reactor::Reactor;
use timer::Timer;

pub(crate) struct Driver {
    reactor: Option<Poller>,
    pub(crate) timer: Option<Timer>,
}

struct Poller {
    turner: Mutex<Reactor>,
    handle: reactor::Handle,
}

/// The right to wait for sockets.
pub(crate) struct Turner<'a>(MutexGuard<'a, Reactor>);

impl Turner<'_> {
    /// Waits for sockets, for at most `max_wait`; without one, until something happens. Returns how many events came.
    pub(crate) fn turn(&mut self, max_wait: Option<Duration>) -> usize {
        match catch_unwind(AssertUnwindSafe(|| self.0.turn(max_wait))) {
            Ok(Ok(turn)) => turn.events,
            // The poll call fails only for reasons that no retry mends: a closed or exhausted descriptor table.
            Ok(Err(error)) => panic!("the I/O driver failed: {error}"),
            // A waker of another library panicked. The others were woken, and the panic hook has told of it.
            Err(_) => 0,
        }
    }
}

impl Driver {
    /// `events`: how many events one turn takes at most; `busy_events`: one turn that does not wait, if not as many.
    pub(crate) fn new(io: bool, events: usize, busy_events: Option<usize>, timer: Option<Timer>) -> io::Result<Self> {
        let reactor = if io {
            let (mut reactor, handle) = Reactor::new(events)?;
            if let Some(busy_events) = busy_events {
                reactor.limit_quick_turns(busy_events);
            }
            Some(Poller { turner: Mutex::new(reactor), handle })
        } else {
            None
        };
        Ok(Self { reactor, timer })
    }

    pub(crate) fn io(&self) -> Option<&reactor::Handle> {
        self.reactor.as_ref().map(|poller| &poller.handle)
    }

    // ANCHOR: runtime-turner
    /// The turner's seat, if it is free and there are sockets to wait for.
    pub(crate) fn try_lock(&self) -> Option<Turner<'_>> {
        self.reactor.as_ref().and_then(|poller| poller.turner.try_lock()).map(Turner)
    }

    /// Looks at the sockets without waiting, unless there are none or somebody else does. Returns how many events came.
    pub(crate) fn turn(&self) -> usize {
        if self.io().is_none_or(reactor::Handle::is_unused) {
            return 0;
        }
        self.try_lock().map_or(0, |mut turner| turner.turn(Some(Duration::ZERO)))
    }

    /// Makes the turner return.
    pub(crate) fn interrupt(&self) {
        if let Some(poller) = &self.reactor {
            poller.handle.wake();
        }
    }

    /// The timer, if its clock is paused.
    pub(crate) fn paused_timer(&self) -> Option<&Timer> {
        self.timer.as_ref().filter(|timer| timer.is_paused())
    }

    /// What waits for a socket or a timer is woken and finds an error.
    pub(crate) fn shut_down(&self) {
        if let Some(poller) = &self.reactor {
            poller.handle.shutdown();
        }
        if let Some(timer) = &self.timer {
            timer.shutdown();
        }
    }
}
