//! The future that is ready once an instant has come.
//!
//! A delay registers at its first poll, not when it is made. Most delays are the losing half of a timeout, and many of
//! those are never polled at all: making and dropping one must cost nothing. At its first poll it gets a record in the
//! wheel, under one short lock; to drop it takes the record away, under another. (If the timer thread is late at that very
//! moment, a deadline that has passed may be pending once more, and fires with those the thread is late for.)
//!
//! # The stages of a delay
//!
//! | stage    | its record      | a poll                                                        |
//! |----------|-----------------|---------------------------------------------------------------|
//! | `Made`   | none            | ready if the deadline has passed; else arms it, pending       |
//! | `Polled` | armed           | keeps the waker up to date, pending                           |
//! |          | fired           | ready, then `Over`                                            |
//! |          | stopped         | `Stopped`, then `Made`                                        |
//! | `Over`   | none            | ready                                                         |

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::entry::{Key, State};
use crate::error::Stopped;
use crate::timer::{Arm, Timer};
use crate::wheel::Register;

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
    stage: Stage,
}

/// See the table in the file's head.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Made,
    Polled(Key),
    Over,
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
        Self { timer, deadline, stage: Stage::Made }
    }

    /// The instant at which the delay is ready.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// True if a poll would find the delay ready: it has fired, or it was never armed and its deadline has passed.
    pub fn is_elapsed(&self) -> bool {
        match self.stage {
            Stage::Made => self.timer.now() >= self.deadline,
            Stage::Polled(key) => self.state(key) == State::Fired,
            Stage::Over => true,
        }
    }

    /// True if the delay waits in the wheel: it was polled, and has not fired yet.
    pub fn is_armed(&self) -> bool {
        matches!(self.stage, Stage::Polled(key) if self.state(key) == State::Armed)
    }

    /// True from the poll that arms the delay to the one that finds it ready. Asks no lock.
    pub fn is_registered(&self) -> bool {
        matches!(self.stage, Stage::Polled(_))
    }

    fn state(&self, key: Key) -> State {
        self.timer.shared().bell.lock().state.wheel.state(key)
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
        let is_earlier = deadline < self.deadline;
        self.deadline = deadline;
        self.stage = match self.stage {
            Stage::Polled(key) => {
                let shared = self.timer.shared();
                // A later deadline has not come, if the old one has not.
                let now = if is_earlier { shared.clock.nanos_now() } else { 0 };
                let is_kept = shared.reset(key, shared.clock.nanos(deadline), now);
                if is_kept { Stage::Polled(key) } else { Stage::Made }
            }
            Stage::Made | Stage::Over => Stage::Made,
        };
    }
    // ANCHOR_END: timer-delay-reset

    /// Polls for the deadline: `Ready(Ok)` once it has come, `Ready(Err)` if the timer was shut down before.
    ///
    /// # Panics
    ///
    /// If the timer thread is needed and cannot be started. The delay is as it was.
    #[track_caller]
    pub fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stopped>> {
        match self.stage {
            Stage::Made => self.poll_unarmed(cx.waker()),
            Stage::Polled(key) => self.poll_armed(key, cx.waker()),
            Stage::Over => Poll::Ready(Ok(())),
        }
    }

    #[track_caller]
    fn poll_unarmed(&mut self, waker: &Waker) -> Poll<Result<(), Stopped>> {
        let shared = self.timer.shared();
        match shared.arm(shared.clock.nanos(self.deadline), waker.clone()) {
            Arm::Armed(key) => {
                self.stage = Stage::Polled(key);
                Poll::Pending
            }
            Arm::Due => Poll::Ready(Ok(())),
            Arm::Stopped => Poll::Ready(Err(Stopped)),
            Arm::NoThread(error) => panic!("the timer thread could not be started: {error}"),
        }
    }

    fn poll_armed(&mut self, key: Key, waker: &Waker) -> Poll<Result<(), Stopped>> {
        let mut spare = None; // cloned, and dropped, without the lock
        loop {
            let found = self.timer.shared().bell.lock().state.wheel.register(key, waker, &mut spare);
            match found {
                Register::Registered => return Poll::Pending,
                Register::OtherWaker => spare = Some(waker.clone()),
                Register::Fired => {
                    debug_assert!(self.timer.now() >= self.deadline, "a delay fired early");
                    self.stage = Stage::Over;
                    return Poll::Ready(Ok(()));
                }
                Register::Stopped => {
                    self.stage = Stage::Made;
                    return Poll::Ready(Err(Stopped));
                }
            }
        }
    }
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

// ANCHOR: timer-delay-drop
impl Drop for Delay {
    fn drop(&mut self) {
        if let Stage::Polled(key) = self.stage {
            let waker = self.timer.shared().bell.lock().state.wheel.remove(key);
            drop(waker); // by a statement of its own: the lock is free again
        }
    }
}
// ANCHOR_END: timer-delay-drop
