//! The future that is ready once an instant has come.
//!
//! A delay registers at its first poll, not when it is made. Most delays are the losing half of a timeout, and many of
//! those are never polled at all: making and dropping one must cost nothing. At its first poll it gets an [`Entry`], which
//! is filed under one short lock; to drop it is one atomic swap.
//!
//! # The states of a delay
//!
//! | `entry`           | its word  | a poll                                                        |
//! |-------------------|-----------|---------------------------------------------------------------|
//! | `None`            |           | ready if the deadline has passed; else arms one, pending      |
//! | armed             | ARMED     | keeps the waker up to date, pending                           |
//! | over              | FIRED     | ready                                                         |
//! | over              | STOPPED   | `Stopped`                                                     |

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::entry::{Entry, Postpone, Register};
use crate::error::Stopped;
use crate::timer::{Arm, Timer};

#[cfg(test)]
mod tests;

/// A future that is ready once its deadline has come by the clock of its [`Timer`]. Never early; on a real clock late by
/// one millisecond (the tick of the wheel) and whatever the operating system needs to wake the timer thread.
///
/// Cancel-safe: dropping it forgets the deadline and nothing else. It may be polled again after it was ready and is then
/// ready again, until it is [`reset`](Delay::reset).
///
/// # Panics
///
/// As a future, its poll panics if the timer was shut down before the deadline came ([`poll_elapsed`](Delay::poll_elapsed)
/// returns an error instead), or if it needs the timer thread and the operating system refuses to start it. In the latter
/// case nothing is lost: the delay is as it was, and the next poll tries again.
pub struct Delay {
    timer: Timer,
    deadline: Instant,
    entry: Option<Arc<Entry>>,
}

impl std::fmt::Debug for Delay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delay")
            .field("deadline", &self.deadline)
            .field("armed", &self.is_armed())
            .finish_non_exhaustive()
    }
}

impl Delay {
    pub(crate) fn new(timer: Timer, deadline: Instant) -> Self {
        Self { timer, deadline, entry: None }
    }

    /// The instant at which the delay is ready.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// True if a poll would find the delay ready: it has fired, or it was never armed and its deadline has passed.
    pub fn is_elapsed(&self) -> bool {
        match &self.entry {
            Some(entry) if entry.is_fired() => true,
            _ => !self.is_armed() && self.timer.now() >= self.deadline,
        }
    }

    /// True if the delay waits in the wheel: it was polled, and has not fired yet.
    pub fn is_armed(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.deadline().is_some())
    }

    /// The timer by whose clock the delay counts.
    pub fn timer(&self) -> &Timer {
        &self.timer
    }

    // ANCHOR: timer-delay-reset
    /// Sets another deadline. A delay that was ready is pending again; an armed one stays armed and wakes the task of its
    /// last poll at the new deadline. Otherwise the delay has to be polled to be armed, as always.
    ///
    /// # Panics
    ///
    /// If the timer thread is needed and cannot be started.
    #[track_caller]
    pub fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        let Some(entry) = &self.entry else { return };
        match entry.postpone(self.timer.shared().clock.nanos(deadline)) {
            Postpone::Kept => {} // the wheel files it anew when the old slot comes up
            Postpone::Gone => self.entry = None,
            Postpone::Earlier => match self.cancel() {
                // Moving the record would mean finding it. Leave it behind as a cancelled one and file another.
                Some(waker) => self.arm_again(waker),
                None => self.entry = None, // it fired just now: the task is being woken, and will poll
            },
        }
    }
    // ANCHOR_END: timer-delay-reset

    /// Polls for the deadline: `Ready(Ok)` once it has come, `Ready(Err)` if the timer was shut down before.
    ///
    /// # Panics
    ///
    /// If the timer thread is needed and cannot be started. The delay is as it was.
    #[track_caller]
    pub fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stopped>> {
        match self.entry.as_ref().map(|entry| entry.register(cx.waker())) {
            Some(Register::Registered) => Poll::Pending,
            Some(Register::Fired) => {
                debug_assert!(self.timer.now() >= self.deadline, "a delay fired early");
                Poll::Ready(Ok(()))
            }
            Some(Register::Stopped) => Poll::Ready(Err(Stopped)),
            None => self.poll_unarmed(cx.waker()),
        }
    }

    #[track_caller]
    fn poll_unarmed(&mut self, waker: &Waker) -> Poll<Result<(), Stopped>> {
        if self.timer.shared().stopped.load(Relaxed) {
            return Poll::Ready(Err(Stopped));
        }
        let now = self.timer.now();
        if now >= self.deadline {
            return Poll::Ready(Ok(()));
        }
        match self.arm(waker.clone(), now) {
            Ok(()) => Poll::Pending,
            Err(Arm::NoThread(error)) => no_thread(&error),
            Err(Arm::Stopped) => Poll::Ready(Err(Stopped)),
            Err(_) => Poll::Ready(Ok(())), // due: it came while the lock was awaited
        }
    }

    /// Arms a new entry with `waker`.
    fn arm(&mut self, waker: Waker, now: Instant) -> Result<(), Arm> {
        let shared = self.timer.shared();
        match shared.arm(shared.clock.nanos(self.deadline), shared.clock.nanos(now), waker) {
            Arm::Armed(entry) => {
                self.entry = Some(entry);
                Ok(())
            }
            why_not => Err(why_not),
        }
    }

    /// Arms the delay for an earlier deadline, with the waker of the entry that was left behind.
    #[track_caller]
    fn arm_again(&mut self, waker: Option<Waker>) {
        let Some(waker) = waker else { return }; // only if its `clone` panicked: nobody waits
        let now = self.timer.now();
        let outcome = if now < self.deadline { self.arm(waker.clone(), now) } else { Err(Arm::Due) };
        match outcome {
            Ok(()) => {}
            Err(Arm::NoThread(error)) => no_thread(&error),
            Err(_) => waker.wake(), // due, or stopped: the task will poll and find out
        }
    }

    /// Ends an armed entry and counts its record as dead. `None` if it was not armed.
    fn cancel(&mut self) -> Option<Option<Waker>> {
        let waker = self.entry.as_ref()?.cancel()?;
        self.entry = None; // before the sweep, which can then free it
        self.timer.shared().note_dead();
        Some(waker)
    }
}

#[track_caller]
fn no_thread(error: &std::io::Error) -> ! {
    panic!("the timer thread could not be started: {error}");
}

impl Future for Delay {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_elapsed(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(()),
            Poll::Ready(Err(Stopped)) => panic!("a delay was polled after its timer was shut down"),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        drop(self.cancel()); // the waker is dropped here, outside every lock
    }
}
