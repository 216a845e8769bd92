//! [`Alarm`]: a deadline on the timer of one runtime.
//!
//! Sleeps, timeouts and intervals differ in what they do when a deadline has come; they wait for it with this. Nothing of
//! it cares where it lies in memory: what the timer's thread knows of it is an allocation of its own (the `timer` crate's
//! entry). So an interval holds its alarm by value, and a [`Sleep`](super::Sleep) is pinned for the sake of its interface
//! alone.
//!
//! # The life of an alarm
//!
//! | `bound` | in the wheel | how it comes there |
//! |---|---|---|
//! | `None` | no | made (`TIME-3`) |
//! | `Some`, armed | yes | polled before its deadline |
//! | `Some`, not armed | no | fired; or polled after its deadline; or reset without having been polled since it was over |

use std::task::{Context, Poll, Waker, ready};

use timer::{Delay, Stopped};

use super::Instant;
use crate::context;
use crate::coop;
use crate::insight::runtimes;
use crate::recording::Fuse;
use crate::runtime::{Handle, Id};
use crate::scheduler::event::Event;

#[derive(Debug)]
pub(super) struct Alarm {
    deadline: Instant,
    /// Whose timer and recorder are the alarm's for life (`TIME-1`). A number, because counting a reference is most of what
    /// a timeout that is never polled would cost.
    runtime: Id,
    bound: Option<Bound>,
}

/// An alarm that was polled, or reset, has what its number stands for.
#[derive(Debug)]
struct Bound {
    /// Has a timer.
    handle: Handle,
    delay: Delay,
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
        Self { deadline, runtime: context::current_with_timer(), bound: None }
    }

    // ANCHOR: time-alarm-bind
    /// None if the runtime is gone.
    fn bind(&mut self) -> Option<&mut Bound> {
        if self.bound.is_none() {
            let current = context::current().filter(|handle| handle.id() == self.runtime);
            let handle = current.or_else(|| Some(Handle { shared: runtimes::find(self.runtime)? }))?;
            let timer = handle.shared.driver.timer.as_ref().expect("`new` saw that there is a timer");
            let delay = timer.delay_until(self.deadline.into_std());
            self.bound = Some(Bound { handle, delay, number: 0 });
        }
        self.bound.as_mut()
    }
    // ANCHOR_END: time-alarm-bind

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the deadline of an alarm that was polled or reset has come. One that was merely made has not begun to count.
    pub(super) fn is_elapsed(&self) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.delay.is_elapsed())
    }

    /// Sets another deadline. Whoever waits is woken at that one; if nobody does, nobody is, until the alarm is polled.
    #[track_caller]
    pub(super) fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        let Some(bound) = self.bind() else { return };
        bound.delay.reset(deadline.into_std());
        if bound.number != 0 && bound.delay.is_armed() {
            bound.record_armed();
        }
        bound.call_idle_runtime();
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
        let Some(bound) = self.bind() else { panic!("{}", context::SHUTTING_DOWN) };
        let was_armed = bound.delay.is_registered();
        let observed = bound.observe(cx, was_armed);
        let outcome = bound.delay.poll_elapsed(&mut Context::from_waker(observed.as_ref().unwrap_or(cx.waker())));
        if outcome.is_pending() && !was_armed {
            bound.call_idle_runtime();
        }
        match ready!(outcome) {
            Ok(()) => {
                unit.made_progress();
                Poll::Ready(())
            }
            Err(Stopped) => panic!("{}", context::SHUTTING_DOWN),
        }
    }
    // ANCHOR_END: time-alarm-poll
}

impl Bound {
    /// A paused clock is moved by its runtime when that has nothing to do. If it sleeps already, because no deadline was
    /// left, and another thread sets one, it has to be told.
    fn call_idle_runtime(&self) {
        let shared = &self.handle.shared;
        if self.delay.timer().is_paused()
            && context::with_core(|core| core.is_none_or(|core| !std::sync::Arc::ptr_eq(&core.home, shared)))
        {
            shared.unpark_all();
        }
    }

    /// While events are recorded: tells that the alarm is about to be armed, and returns the waker that will tell when it
    /// fires. Gives it a number, if it has none.
    fn observe(&mut self, cx: &Context<'_>, was_armed: bool) -> Option<Waker> {
        let recorder = self.handle.shared.recorder.as_ref()?;
        if self.number == 0 {
            self.number = recorder.next_timer();
        }
        if !was_armed && self.delay.deadline() > self.delay.timer().now() {
            self.record_armed();
        }
        Some(Fuse::waker(cx.waker(), &self.handle.shared, self.number, self.delay.deadline()))
    }

    fn record_armed(&self) {
        let shared = &self.handle.shared;
        shared.record(shared.lane(), || Event::TimerArmed {
            timer: self.number,
            task: context::current_task(),
            after: self.delay.deadline().saturating_duration_since(self.delay.timer().now()),
        });
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if self.number != 0 && self.delay.is_armed() {
            let shared = &self.handle.shared;
            shared.record(shared.lane(), || Event::TimerDropped { timer: self.number });
        }
    }
}
