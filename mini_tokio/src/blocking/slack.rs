//! The books of the blocking pool: one signed number that tells whether a job needs another thread, and beside it how many
//! threads sleep, which tells whether one must be called.
//!
//! ```text
//!     slack = threads that wait for a job, or are on their way to  -  jobs in the channel
//!
//!     slack > 0    so many threads have nothing to do, and may leave when they have waited long enough
//!     slack = 0    for each job a thread, for each thread a job
//!     slack < 0    so many jobs have to wait until a thread is done with what it runs
//! ```
//!
//! A thread that picks up a job changes both sides by one and the number not at all: so picking up needs no lock. All
//! the rest happens under the pool's lock, in which this plain struct lives.
//!
//! Pools that count idle threads and queued jobs apart have got this wrong again and again: a submitter sees an idle
//! thread and relies on it, a second submitter relies on the same one, or the thread is just timing out. With one
//! number, to rely on a thread is to take a slack, which neither another submitter nor the thread itself can take a
//! second time.
//!
//! A thread that waits is *awake*, on its way to the channel or looking on beside it, or *asleep* until it is called. A
//! call costs more than most jobs, and a thread that is awake needs none.
//!
//! # Invariants
//!
//! - **POOL-1** Whenever the lock is free, `slack` is the number defined above. A thread counts as waiting from the
//!   moment at which it is decided to start it.
//! - **POOL-2** `slack < 0` only when `threads` is at its limit, or after a thread could not be started or was lost.
//! - **POOL-3** A waiting thread leaves the open pool only by taking a slack. As `slack > 0` before, each job in the
//!   channel still has a waiting thread afterwards.
//! - **POOL-4** As long as there is a thread, every job in the channel is taken: busy threads come back, and waiting
//!   ones cannot leave (POOL-3).
//! - **POOL-9** Whenever the lock is free, `sleeping <= slack`, or nobody sleeps. In words: for each job in the channel a
//!   waiting thread is awake. A thread falls asleep only when it has seen, under the lock, that the channel is empty; each
//!   entry that lowers the number calls a sleeper if this would not hold any more.

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

/// The books. Under the pool's lock.
pub(crate) struct Slack {
    slack: isize,
    threads: usize,
    max_threads: usize,
    /// Waiting threads that will do nothing before they are called, or time out.
    sleeping: usize,
    /// Calls that no sleeper has answered yet: whoever is first.
    calls: usize,
}

/// What becomes of a job that is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Admit {
    /// It is booked: put it into the channel before the lock is released. `call` says to notify a sleeper.
    Queue { call: bool },
    /// Nothing is booked: start a thread first, then ask again.
    Grow,
    /// Nothing is booked: there is no thread and none can be started.
    Refuse,
}

/// What becomes of a thread whose wait timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum TimedOut {
    /// It is struck off: it must not look into the channel again.
    Leave,
    /// The time-out came together with a job, which is in the channel.
    JobComing,
}

impl Slack {
    pub(crate) fn new(max_threads: usize) -> Slack {
        assert!(max_threads > 0, "a blocking pool needs at least one thread");
        Slack { slack: 0, threads: 0, max_threads, sleeping: 0, calls: 0 }
    }

    /// Books a job. `start_failed` tells that the caller has just failed to start a thread: the job then waits for one
    /// of those that there are.
    // ANCHOR: pool-admit
    pub(crate) fn admit(&mut self, start_failed: bool) -> Admit {
        if self.wants_thread() {
            match (start_failed, self.threads) {
                (false, _) => return Admit::Grow,
                (true, 0) => return Admit::Refuse,
                (true, _) => {}
            }
        }
        self.slack -= 1;
        Admit::Queue { call: self.calls_sleeper() }
    }

    /// Whether a sleeper has to be notified (POOL-9); it is booked as awake.
    fn calls_sleeper(&mut self) -> bool {
        // The switch reckons as if the job were not yet on the books: with the thread that it takes.
        let slack = self.slack + isize::from(cfg!(bug_pool_call_before_booking));
        let calls = self.sleeping.cast_signed() > slack.max(0);
        self.sleeping -= usize::from(calls);
        self.calls += usize::from(calls);
        calls
    }

    /// A waiting thread has found the channel empty, under this hold of the lock, and goes to sleep.
    pub(crate) fn fall_asleep(&mut self) {
        self.sleeping += 1;
    }

    /// Whether there is a call for a sleeper that was notified; it is awake then.
    #[must_use]
    pub(crate) fn take_call(&mut self) -> bool {
        let called = self.calls > 0;
        self.calls -= usize::from(called);
        called
    }

    /// A sleeper gets up although nobody called it.
    pub(crate) fn get_up(&mut self) {
        self.sleeping -= 1;
    }

    /// Books a thread that is about to be started; false if none is needed by now, or allowed.
    #[must_use]
    pub(crate) fn begin_thread(&mut self) -> bool {
        let begins = self.wants_thread();
        if begins {
            self.threads += 1;
            self.slack += 1;
        }
        begins
    }

    /// A thread has run a job and goes to wait for the next.
    pub(crate) fn job_done(&mut self) {
        self.slack += 1;
    }

    /// A waiting thread has waited long enough, and got up.
    // ANCHOR: pool-timed-out
    pub(crate) fn timed_out(&mut self) -> TimedOut {
        // The switch lets it go although a job was submitted for it while the time-out was on its way to the lock.
        if self.slack <= 0 && !cfg!(bug_pool_leave_on_timeout) {
            return TimedOut::JobComing;
        }
        let calls = self.lost(true);
        debug_assert!(!calls || cfg!(bug_pool_leave_on_timeout), "POOL-9: it slept itself");
        TimedOut::Leave
    }

    /// A thread ends: the closed channel is empty, or it failed to start, or it panicked outside a job. Returns whether a
    /// sleeper has to be notified, who takes its place.
    #[must_use]
    pub(crate) fn lost(&mut self, was_waiting: bool) -> bool {
        self.threads -= 1;
        if was_waiting {
            self.slack -= 1;
        }
        self.calls_sleeper()
    }

    /// So many jobs were taken out of the channel by somebody who is no thread of the pool.
    pub(crate) fn withdrawn(&mut self, jobs: usize) {
        self.slack += jobs.cast_signed();
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// How many threads wait, given the length of the channel (POOL-1).
    pub(crate) fn waiting(&self, queued: usize) -> usize {
        self.slack.saturating_add_unsigned(queued).max(0).cast_unsigned()
    }

    fn wants_thread(&self) -> bool {
        self.slack <= 0 && self.threads < self.max_threads
    }
}
