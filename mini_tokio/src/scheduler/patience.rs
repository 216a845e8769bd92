//! [`Patience`]: how long a thread that has nothing to do looks on before it sleeps.
//!
//! To wake a sleeping thread takes the kernel some microseconds. One that still looks sees the task after some ten
//! nanoseconds. Two threads that answer each other therefore gain most of their time by looking; but a thread that looks
//! burns a core that somebody else may need, and most sleeps are long.
//!
//! # The bargain
//!
//! * A look lasts about as long as a wake through the kernel: less, and two threads would never find into step, for the first
//!   wake is always a slow one; more, and a look in vain would cost more than it can bring.
//! * After a look in vain the next sleeps come without one: first one of them, then 3, 7, 15 and so on up to [`LONGEST_REST`].
//!   So whoever sleeps long or often pays for a look in a thousand sleeps.
//! * A look is a few glances, with pauses between. Each glance takes the queue's cache line away from whoever fills it; and a
//!   worker that comes for every task at once, where it could have taken ten, makes two threads meet ten times.
//! * `PATIENCE-1` A look has paid only if it brought work. A worker that sees a task which another takes before it comes has
//!   looked in vain, or a single task that wanders between two queues would keep a second core busy.
//! * `PATIENCE-2` Nobody looks on who could have the core of another that works: among a runtime's workers as many as there are
//!   cores may be awake at most, and whoever looks is one of them. Otherwise a look takes the time in which the work would come.
//!
//! Who looks: a worker, as one of those that search, for a task in any queue, so that whoever publishes one need not call it;
//! the thread that drives a root future, for its token; a thread of the blocking pool, for the next job; and the thread of a
//! current-thread runtime while a closure is on the pool, for the end of it. With one core nobody can answer while we look, and
//! nobody looks.
//!
//! # What is left out
//!
//! tokio's workers do not look on. Go's do before each sleep, whether it pays or not. Rejected: a worker that looks for its token
//! after it has announced its sleep. Whoever publishes many tasks one by one then pays for a call each time. A look by the
//! clock instead of by count would be as long on every machine, and cost a clock read each time.

use std::hint::spin_loop;

/// The glances of one look. With the 24 ns that a pause took where this was measured, they take 12 µs.
const GLANCES: u32 = 5;

/// The pauses before each glance, also the first: what comes right behind the last task can come along with more.
const PAUSES: u32 = 96;

/// The most sleeps that come without a look after one in vain.
const LONGEST_REST: u32 = 1_023;

// ANCHOR: patience
pub(crate) struct Patience {
    /// Sleeps to come without a look.
    rest: u32,
    /// What `rest` began with after the last look.
    last_rest: u32,
    /// The last look found something.
    found: bool,
}

impl Patience {
    pub(crate) const fn new() -> Self {
        Self { rest: 0, last_rest: 0, found: false }
    }

    /// Whether this sleep begins with a look.
    #[must_use]
    pub(crate) fn is_due(&mut self) -> bool {
        self.found = false;
        let rests = self.rest > 0;
        self.rest -= u32::from(rests);
        !rests
    }

    /// Looks until `found`. Whether it was, before the patience was at its end.
    #[must_use]
    pub(crate) fn look(&mut self, found: impl Fn() -> bool) -> bool {
        self.found = (0..GLANCES).any(|_| {
            (0..PAUSES).for_each(|_| spin_loop());
            found()
        });
        // In vain, until `paid` says otherwise.
        self.last_rest = (2 * self.last_rest + 1).min(LONGEST_REST);
        self.rest = self.last_rest;
        self.found
    }

    /// There was work. If a look brought it, the next sleep begins with a look again (`PATIENCE-1`).
    pub(crate) fn paid(&mut self) {
        if self.found {
            (self.rest, self.last_rest) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests;
