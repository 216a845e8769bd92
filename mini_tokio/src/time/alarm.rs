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
use std::time::Duration;

use timer::{Delay, Stopped};

use super::Instant;
use super::instant::FAR;
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

/// What an alarm that was polled, or reset, has of its runtime.
#[derive(Debug)]
struct Bound {
    runtime: Id,
    delay: Delay,
    recorded: Option<Recorded>,
}

/// What one has whose runtime records events.
#[derive(Debug)]
struct Recorded {
    handle: Handle,
    /// The alarm's number in the recording; 0 as long as it was never armed.
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
        Self { deadline, runtime: context::with_timer(|handle, _| handle.id()), bound: None }
    }

    /// An alarm `duration` from now, by a single look at the current runtime. As far as can be, if there is no such instant.
    ///
    /// # Panics
    ///
    /// Where [`new`](Alarm::new) does.
    #[track_caller]
    pub(super) fn after(duration: Duration) -> Self {
        let (runtime, now) = context::with_timer(|handle, timer| (handle.id(), timer.now()));
        let deadline = now.checked_add(duration).unwrap_or_else(|| now + FAR).into();
        Self { deadline, runtime, bound: None }
    }

    // ANCHOR: time-alarm-bind
    /// None if the runtime is gone.
    fn bind(&mut self) -> Option<&mut Bound> {
        if self.bound.is_none() {
            let (runtime, deadline) = (self.runtime, self.deadline.into_std());
            let bind = |handle: &Handle| {
                let timer = handle.shared.driver.timer.as_ref().expect("the alarm was made where there is one");
                let recorder = handle.shared.recorder.as_ref();
                let recorded = recorder.map(|_| Recorded { handle: handle.clone(), number: 0 });
                Bound { runtime, delay: timer.delay_until(deadline), recorded }
            };
            let here = context::with_current(|handle| (handle.id() == runtime).then(|| bind(handle))).flatten();
            self.bound = here.or_else(|| runtimes::find(runtime).map(|shared| bind(&Handle { shared })));
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
        if let Some(recorded) = &bound.recorded
            && recorded.number != 0
            && bound.delay.is_armed()
        {
            recorded.armed(&bound.delay);
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
        if self.delay.timer().is_paused()
            && context::with_core(|core| core.is_none_or(|core| core.home.id != self.runtime))
            && let Some(shared) = runtimes::find(self.runtime)
        {
            shared.unpark_all();
        }
    }

    /// While events are recorded: tells that the alarm is about to be armed, and returns the waker that will tell when it
    /// fires. Gives it a number, if it has none.
    fn observe(&mut self, cx: &Context<'_>, was_armed: bool) -> Option<Waker> {
        let recorded = self.recorded.as_mut()?;
        let shared = &recorded.handle.shared;
        if recorded.number == 0 {
            recorded.number = shared.recorder.as_ref()?.next_timer();
        }
        if !was_armed && self.delay.deadline() > self.delay.timer().now() {
            recorded.armed(&self.delay);
        }
        Some(Fuse::waker(cx.waker(), shared, recorded.number, self.delay.deadline()))
    }
}

impl Recorded {
    fn armed(&self, delay: &Delay) {
        let shared = &self.handle.shared;
        shared.record(shared.lane(), || Event::TimerArmed {
            timer: self.number,
            task: context::current_task(),
            after: delay.deadline().saturating_duration_since(delay.timer().now()),
        });
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if let Some(Recorded { handle, number }) = &self.recorded
            && *number != 0
            && self.delay.is_armed()
        {
            let shared = &handle.shared;
            shared.record(shared.lane(), || Event::TimerDropped { timer: *number });
        }
    }
}
