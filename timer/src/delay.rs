//! The future that is ready once an instant has come: a ticket with its deadline and its timer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::error::Stopped;
use crate::ticket::Ticket;
use crate::timer::Timer;
use crate::wheel::Found;

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
#[derive(Debug)]
pub struct Delay {
    timer: Timer,
    deadline: Instant,
    ticket: Ticket,
}

impl Delay {
    pub(crate) fn new(timer: Timer, deadline: Instant) -> Self {
        Self { timer, deadline, ticket: Ticket::default() }
    }

    /// The instant at which the delay is ready.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// True if a poll would find the delay ready: it has fired, or it was never armed and its deadline has passed.
    pub fn is_elapsed(&self) -> bool {
        self.ticket.is_elapsed(&self.timer, self.deadline)
    }

    /// True if the delay waits in the wheel: it was polled, and has not fired yet.
    pub fn is_armed(&self) -> bool {
        self.ticket.is_armed(&self.timer)
    }

    /// Sets another deadline. A delay that was ready is pending again; an armed one stays armed and wakes the task of its
    /// last poll at the new deadline. Otherwise the delay has to be polled to be armed, as always.
    pub fn reset(&mut self, deadline: Instant) {
        let old = std::mem::replace(&mut self.deadline, deadline);
        self.ticket.reset(&self.timer, old, deadline).into_iter().for_each(Waker::wake);
    }

    // ANCHOR: timer-delay-poll
    /// Polls for the deadline: `Ready(Ok)` once it has come, `Ready(Err)` if the timer was shut down before.
    ///
    /// # Panics
    ///
    /// If the timer thread is needed and cannot be started. The delay is as it was.
    #[track_caller]
    pub fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stopped>> {
        let mut spare = (!self.ticket.is_registered()).then(|| cx.waker().clone());
        loop {
            match self.ticket.poll(&self.timer, self.deadline, cx.waker(), &mut spare) {
                Found::Armed => return Poll::Pending,
                Found::OtherWaker => spare = Some(cx.waker().clone()),
                Found::Elapsed => return Poll::Ready(Ok(())),
                Found::Stopped => return Poll::Ready(Err(Stopped)),
            }
        }
    }
    // ANCHOR_END: timer-delay-poll
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
        let waker = self.ticket.cancel(&self.timer);
        drop(waker); // by a statement of its own: the lock is free again
    }
}
