//! [`Alarm`]: a deadline on the timer of one runtime.
//!
//! Sleeps, timeouts and intervals differ in what they do when a deadline has come; they wait for it with this. Nothing of
//! it cares where it lies in memory: what the timer's thread knows of it is an allocation of its own (the `timer` crate's
//! entry). So an interval holds its alarm by value, and a [`Sleep`](super::Sleep) is pinned for the sake of its interface
//! alone.
//!
//! # The life of an alarm
//!
//! | `delay` | in the wheel | how it comes there |
//! |---|---|---|
//! | `None` | no | made (`TIME-3`) |
//! | `Some`, armed | yes | polled before its deadline |
//! | `Some`, not armed | no | fired; or polled after its deadline; or reset without having been polled since it was over |

use std::task::{Context, Poll, Waker, ready};

use timer::{Delay, Stopped, Timer};

use super::Instant;
use crate::context;
use crate::coop;
use crate::recording::Fuse;
use crate::runtime::Handle;
use crate::scheduler::event::Event;

#[derive(Debug)]
pub(super) struct Alarm {
    deadline: Instant,
    /// Has a timer. Its timer and its recorder belong to the alarm for life (`TIME-1`).
    handle: Handle,
    /// Made late: it holds a reference to the timer, and counting references is most of what a timeout that is never polled
    /// costs.
    delay: Option<Delay>,
    /// Its number in the recording; 0 as long as it was never armed, or nobody records.
    number: u64,
}

impl Alarm {
    /// An alarm on the timer of the current runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime, or it has no timer.
    #[track_caller]
    pub(super) fn new(deadline: Instant) -> Self {
        Self { deadline, handle: context::current_with_timer(), delay: None, number: 0 }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    fn timer(&self) -> &Timer {
        self.handle.shared.driver.timer.as_ref().expect("`new` saw that there is a timer")
    }

    /// Whether the deadline of an alarm that was polled or reset has come. One that was merely made has not begun to count.
    pub(super) fn is_elapsed(&self) -> bool {
        self.delay.as_ref().is_some_and(Delay::is_elapsed)
    }

    /// Sets another deadline. Whoever waits is woken at that one; if nobody does, nobody is, until the alarm is polled.
    #[track_caller]
    pub(super) fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        match &mut self.delay {
            Some(delay) => delay.reset(deadline.into_std()),
            None => self.delay = Some(self.timer().delay_until(deadline.into_std())),
        }
        if self.number != 0 && self.delay.as_ref().is_some_and(Delay::is_armed) {
            self.record_armed();
        }
        self.call_idle_runtime();
    }

    // ANCHOR: time-alarm-poll
    /// Ready, for a unit of the task's budget, if the deadline has come.
    ///
    /// # Panics
    ///
    /// If the runtime was shut down before the deadline came.
    #[track_caller]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let unit = ready!(coop::poll_proceed(cx));
        let was_armed = self.delay.as_ref().is_some_and(Delay::is_armed);
        if self.delay.is_none() {
            self.delay = Some(self.timer().delay_until(self.deadline.into_std()));
        }
        let observed = self.observe(cx, was_armed);
        let delay = self.delay.as_mut().expect("made above");
        match delay.poll_elapsed(&mut Context::from_waker(observed.as_ref().unwrap_or(cx.waker()))) {
            Poll::Ready(Ok(())) => {
                unit.made_progress();
                Poll::Ready(())
            }
            Poll::Ready(Err(Stopped)) => panic!("{}", context::SHUTTING_DOWN),
            Poll::Pending => {
                if !was_armed {
                    self.call_idle_runtime();
                }
                Poll::Pending
            }
        }
    }
    // ANCHOR_END: time-alarm-poll

    /// A paused clock is moved by its runtime when that has nothing to do. If it sleeps already, because no deadline was
    /// left, and another thread sets one, it has to be told.
    fn call_idle_runtime(&self) {
        let shared = &self.handle.shared;
        if self.timer().is_paused()
            && context::with_core(|core| core.is_none_or(|core| !std::sync::Arc::ptr_eq(&core.home, shared)))
        {
            shared.unpark_all();
        }
    }

    /// While events are recorded: tells that the alarm is about to be armed, and returns the waker that will tell when it
    /// fires.
    fn observe(&mut self, cx: &Context<'_>, was_armed: bool) -> Option<Waker> {
        let recorder = self.handle.shared.recorder.as_ref()?;
        if self.number == 0 {
            self.number = recorder.next_timer();
        }
        if !was_armed && self.deadline.into_std() > self.timer().now() {
            self.record_armed();
        }
        Some(Fuse::waker(cx.waker(), &self.handle.shared, self.number, self.deadline.into_std()))
    }

    fn record_armed(&self) {
        let shared = &self.handle.shared;
        shared.record(shared.lane(), || Event::TimerArmed {
            timer: self.number,
            task: context::current_task(),
            after: self.deadline.into_std().saturating_duration_since(self.timer().now()),
        });
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if self.number != 0 && self.delay.as_ref().is_some_and(Delay::is_armed) {
            let shared = &self.handle.shared;
            shared.record(shared.lane(), || Event::TimerDropped { timer: self.number });
        }
    }
}
