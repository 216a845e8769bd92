//! [`Alarm`]: a deadline on the timer of one runtime.
//!
//! Sleeps, timeouts and intervals differ in what they do when a deadline has come; they wait for it with this. Nothing of
//! it cares where it lies in memory: what the timer's thread knows of it is an allocation of its own (the `timer` crate's
//! entry). So an interval holds its alarm by value, and a [`Sleep`](super::Sleep) is pinned for the sake of its interface
//! alone.
//!
//! # The life of an alarm
//!
//! | `ticket` | in the wheel | how it comes there |
//! |---|---|---|
//! | `None` | no | made (`TIME-3`) |
//! | `Some`, armed | yes | polled before its deadline |
//! | `Some`, not armed | no | fired; or polled after its deadline; or reset without having been polled since it was over |

use std::marker::PhantomData;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use timer::{Found, Ticket, Timer};

use super::Instant;
use super::instant::FAR;
use crate::context;
use crate::coop;
use crate::insight::runtimes;
use crate::recording::Fuse;
use crate::runtime::{Handle, Id};
use crate::scheduler::event::Event;

#[cfg(test)]
mod tests;

#[derive(Debug)]
pub(super) struct Alarm {
    deadline: Instant,
    /// Whose timer and recorder are the alarm's for life (`TIME-1`). A number, because counting a reference is most of what
    /// a timeout that is never polled would cost, and a fair part of what one costs that is.
    runtime: Id,
    ticket: Option<Ticket>,
    /// The alarm's number in the recording; 0 as long as it was not armed while events were recorded.
    number: u64,
    /// What is borrowed for each step counts as held: no more unwind safe than a timer is, as tokio's sleeps.
    _timer: PhantomData<Timer>,
}

/// What a look at the runtime comes to.
enum Look {
    Found(Found),
    /// It records: come back with a fuse.
    Records,
}

impl Alarm {
    /// An alarm on the timer of the current runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime, or it has no timer.
    #[inline]
    #[track_caller]
    pub(super) fn new(deadline: Instant) -> Self {
        Self { deadline, runtime: context::timed(), ticket: None, number: 0, _timer: PhantomData }
    }

    /// An alarm `duration` from now. As far as can be, if there is no such instant.
    ///
    /// # Panics
    ///
    /// Where [`new`](Alarm::new) does.
    #[inline]
    #[track_caller]
    pub(super) fn after(duration: Duration) -> Self {
        let runtime = context::timed();
        let now = Instant::now();
        let deadline = now.checked_add(duration).unwrap_or_else(|| now + FAR);
        Self { deadline, runtime, ticket: None, number: 0, _timer: PhantomData }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What the alarm waits for, in words.
    fn described(&self) -> String {
        let left = self.deadline.saturating_duration_since(Instant::now());
        format!("sleep, over in {:?}", Duration::from_millis(left.as_millis().try_into().unwrap_or(u64::MAX)))
    }

    /// Whether the deadline of an alarm that was polled or reset has come. One that was merely made has not begun to count.
    pub(super) fn is_elapsed(&self) -> bool {
        let Some(ticket) = &self.ticket else { return false };
        let deadline = self.deadline.into_std();
        with_runtime(self.runtime, |_, timer| ticket.is_elapsed(timer, deadline)).unwrap_or(false)
    }

    /// Sets another deadline. Whoever waits is woken at that one; if nobody does, nobody is, until the alarm is polled.
    pub(super) fn reset(&mut self, deadline: Instant) {
        let old = std::mem::replace(&mut self.deadline, deadline);
        let ticket = self.ticket.get_or_insert_default();
        let (old, new) = (old.into_std(), deadline.into_std());
        let due = with_runtime(self.runtime, |_, timer| ticket.reset(timer, old, new)).flatten();
        if self.number != 0 {
            with_runtime(self.runtime, |handle, timer| {
                if self.ticket.as_ref().is_some_and(|ticket| ticket.is_armed(timer)) {
                    self.record_armed(handle);
                }
            });
        }
        due.into_iter().for_each(Waker::wake);
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
        let unit = ready!(coop::proceed(cx, || self.described().into()));
        let was_registered = self.ticket.as_ref().is_some_and(Ticket::is_registered);
        let looked = match self.look(cx.waker(), false) {
            Some(Look::Records) => self.fuse(cx.waker()).and_then(|fuse| self.look(&fuse, true)),
            looked => looked,
        };
        match looked {
            Some(Look::Found(Found::Elapsed)) => {
                unit.made_progress();
                Poll::Ready(())
            }
            Some(Look::Found(Found::Stopped)) | None => panic!("{}", context::SHUTTING_DOWN),
            Some(_) => {
                if !was_registered {
                    self.call_idle_runtime();
                }
                Poll::Pending
            }
        }
    }
    // ANCHOR_END: time-alarm-poll

    // ANCHOR: time-alarm-look
    /// Polls the ticket. None if the runtime is gone.
    #[track_caller]
    fn look(&mut self, waker: &Waker, is_fuse: bool) -> Option<Look> {
        let deadline = self.deadline.into_std();
        let ticket = self.ticket.get_or_insert_default();
        let mut spare = (!ticket.is_registered()).then(|| waker.clone());
        loop {
            let looked = with_runtime(self.runtime, |handle, timer| match &handle.shared.recorder {
                Some(_) if !is_fuse => Look::Records,
                _ => Look::Found(ticket.poll(timer, deadline, waker, &mut spare)),
            });
            match looked {
                Some(Look::Found(Found::OtherWaker)) => spare = Some(waker.clone()),
                looked => return looked,
            }
        }
    }
    // ANCHOR_END: time-alarm-look

    /// A paused clock is moved by its runtime when that has nothing to do. If it sleeps already, because no deadline was
    /// left, and another thread sets one, it has to be told.
    fn call_idle_runtime(&self) {
        if timer::was_any_clock_paused()
            && with_runtime(self.runtime, |_, timer| timer.is_paused()) == Some(true)
            && context::with_core(|core| core.is_none_or(|core| core.home.id != self.runtime))
            && let Some(shared) = runtimes::find(self.runtime)
        {
            shared.unpark_all();
        }
    }

    /// While events are recorded: tells that the alarm is about to be armed, and returns the waker that will tell when it
    /// fires. Gives it a number, if it has none.
    fn fuse(&mut self, task: &Waker) -> Option<Waker> {
        let handle = with_runtime(self.runtime, |handle, _| handle.clone())?;
        if self.number == 0 {
            self.number = handle.shared.recorder.as_ref()?.next_timer();
        }
        let is_registered = self.ticket.as_ref().is_some_and(Ticket::is_registered);
        let deadline = self.deadline.into_std();
        if !is_registered && deadline > timer_of(&handle).now() {
            self.record_armed(&handle);
        }
        Some(Fuse::waker(task, &handle.shared, self.number, deadline))
    }

    fn record_armed(&self, handle: &Handle) {
        let shared = &handle.shared;
        shared.record(shared.lane(), || Event::TimerArmed {
            timer: self.number,
            task: context::current_task(),
            after: self.deadline.into_std().saturating_duration_since(timer_of(handle).now()),
        });
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.as_mut().filter(|ticket| ticket.is_registered()) else { return };
        let mut waker = None;
        with_runtime(self.runtime, |handle, timer| {
            let shared = &handle.shared;
            if self.number != 0 && ticket.is_armed(timer) {
                shared.record(shared.lane(), || Event::TimerDropped { timer: self.number });
            }
            waker = ticket.cancel(timer);
        });
        drop(waker); // by a statement of its own: nothing is locked or borrowed any more
    }
}

// ANCHOR: time-alarm-runtime
/// Lets `look` see the runtime of this number and its timer; None if it is gone. Nearly always it is that for which the
/// thread works. `look` must not call user code (`TIME-4`): the thread's context is borrowed, and to enter another runtime
/// would panic.
fn with_runtime<R>(runtime: Id, mut look: impl FnMut(&Handle, &Timer) -> R) -> Option<R> {
    let mut look = |handle: &Handle| look(handle, timer_of(handle));
    let here = context::with_current(|handle| (handle.id() == runtime).then(|| look(handle)));
    here.flatten().or_else(|| runtimes::find(runtime).map(|shared| look(&Handle { shared })))
}
// ANCHOR_END: time-alarm-runtime

fn timer_of(handle: &Handle) -> &Timer {
    handle.shared.driver.timer.as_ref().expect("the alarm was made where there is one")
}
