//! The handle of a timer: one clock, one wheel, one lock, at most one thread.
//!
//! ```text
//!   Timer ─┐
//!   Timer ─┼─► Handle ───► Shared ◄─── the timer thread
//!   Delay ─┘   (tells the thread to end when it is dropped)
//! ```
//!
//! The thread holds `Shared` only, so it does not keep the timer alive: when the last `Timer` and `Delay` are gone, so is
//! the `Handle`, whose drop rings the bell a last time.
//!
//! # Invariants
//!
//! * `TIMER-1`: no waker is cloned, woken or dropped under the lock. Drivers collect wakers, unlock, then call.
//! * `TIMER-2`: on a running clock, a record in the wheel implies that there is a thread.
//! * `TIMER-3`: after `stopped` is set under the lock, the wheel stays empty.
//! * `TIMER-4`: memory follows the delays that are armed, not those that ever were: who is dropped leaves nothing behind,
//!   and a block of records (see `entry`) is given back when it is empty.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::Waker;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::bell::{Bell, Room};
use crate::clock::{Clock, HORIZON, tick_after, tick_before};
use crate::delay::Delay;
use crate::entry::{self, Key, NONE};
use crate::error::ClockError;
use crate::shim::BriefGuard;
use crate::wheel::{Found, Reset, Turn, Wheel};

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

/// What the lock guards.
pub(crate) struct State {
    pub(crate) wheel: Wheel,
    pub(crate) stopped: bool,
    /// The thread, from its start until it is stopped.
    thread: Option<JoinHandle<()>>,
    /// Makes starting the thread fail, as if the operating system had refused.
    #[cfg(test)]
    pub(crate) refuse_thread: bool,
}

/// What the handle and the thread share.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) bell: Bell<State>,
    thread_name: String,
}

type Guard<'a> = BriefGuard<'a, Room<State>>;
type Panic = Box<dyn Any + Send>;

/// Wakes and drops all `wakers`. A panic does not keep the others from being woken; the first one is returned.
#[must_use]
pub(crate) fn wake_all(wakers: &mut Vec<Waker>) -> Option<Panic> {
    let (mut first, mut wakers) = (None, wakers.drain(..));
    // Each panic ends a round.
    while let Err(panic) = catch_unwind(AssertUnwindSafe(|| wakers.by_ref().for_each(Waker::wake))) {
        first.get_or_insert(panic);
    }
    first
}

impl Shared {
    // ANCHOR: timer-arm
    /// Arms a delay; `deadline` in nanoseconds. Only if that is found armed has it a key, and has `spare` given its waker up.
    ///
    /// The clock costs more than all the rest. It is not asked about a deadline that is later than the one the thread sleeps
    /// towards: either both are still to come, or the thread is late and fires both when it runs.
    #[track_caller]
    pub(crate) fn arm(self: &Arc<Self>, deadline: u64, spare: &mut Option<Waker>) -> (Found, Key) {
        let tick = tick_after(deadline);
        let mut room = self.bell.lock();
        if room.state.stopped {
            return (Found::Stopped, NONE);
        }
        let running = !self.clock.is_paused();
        let now = if running && room.is_later(tick) { 0 } else { self.clock.nanos_now() };
        if deadline <= now || !room.state.wheel.admits(tick, tick_before(now)) {
            return (Found::Elapsed, NONE);
        }
        if running
            && room.state.thread.is_none()
            && let Err(error) = self.start_thread(&mut room)
        {
            drop(room);
            panic!("the timer thread could not be started: {error}");
        }
        let Some(waker) = spare.take() else { return (Found::OtherWaker, NONE) };
        let key = room.state.wheel.arm(deadline, waker);
        self.unlock_and_ring(room, tick);
        (Found::Armed, key)
    }
    // ANCHOR_END: timer-arm

    /// Sets another deadline for an armed delay. Both times in nanoseconds.
    pub(crate) fn reset(&self, key: Key, deadline: u64, now: u64) -> Reset {
        let mut room = self.bell.lock();
        let outcome = room.state.wheel.reset(key, deadline, now);
        if matches!(outcome, Reset::Moved) {
            self.unlock_and_ring(room, tick_after(deadline));
        }
        outcome
    }

    pub(crate) fn state_of(&self, key: Key) -> entry::State {
        self.bell.lock().state.wheel.state(key)
    }

    /// A deadline was filed at `tick`: rings for the thread if it sleeps towards a later one.
    fn unlock_and_ring(&self, mut room: Guard<'_>, tick: u64) {
        let ring = room.wants_ring(tick);
        drop(room);
        if ring {
            self.bell.ring();
        }
    }

    /// Starts the thread; there is none yet.
    fn start_thread(self: &Arc<Self>, room: &mut Guard<'_>) -> io::Result<()> {
        #[cfg(test)]
        if room.state.refuse_thread {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let shared = Arc::clone(self);
        let thread = std::thread::Builder::new().name(self.thread_name.clone());
        room.state.thread = Some(thread.spawn(move || crate::thread::run(shared))?);
        Ok(())
    }

    /// Refuses new delays from now on, and ends the thread as soon as it looks.
    fn stop(&self) -> (Vec<Waker>, Option<JoinHandle<()>>) {
        let mut room = self.bell.lock();
        room.state.stopped = true;
        let left = (room.state.wheel.stop(), room.state.thread.take());
        drop(room);
        self.bell.ring();
        left
    }

    /// One step of a paused clock: moves it to the earliest deadline, if that is at or before `limit`, and fires what is
    /// due then. Returns the time and the number fired.
    fn step(&self, limit: u64, panic: &mut Option<Panic>) -> Option<(u64, usize)> {
        let mut room = self.bell.lock();
        if !self.clock.is_paused() {
            return None; // resumed by another thread: the timer thread has taken over
        }
        let wheel = &mut room.state.wheel;
        let now = self.clock.nanos_now();
        // A deadline may be in the past, if it came just before the clock was paused.
        let due = wheel.earliest().filter(|&earliest| earliest <= limit)?.max(now);
        self.clock.move_to(due);
        let mut wakers = Vec::new();
        let turn = wheel.turn(tick_after(due), due, usize::MAX, &mut wakers);
        debug_assert!(turn != Turn::More, "an unlimited budget was spent");
        let count = wakers.len();
        drop(room);
        let panicked = wake_all(&mut wakers);
        *panic = panic.take().or(panicked);
        Some((due, count))
    }
}

/// What [`Timer::advance_to_next`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired {
    /// The time to which the clock moved.
    pub at: Instant,
    /// How many delays fired.
    pub count: usize,
}

/// A clock with delays. Cloning it gives another handle to the same one.
///
/// Nothing is started until the first delay is armed on a running clock; the thread is started then. It ends with
/// [`shutdown`](Timer::shutdown), or when the last handle and the last delay are dropped.
#[derive(Clone)]
pub struct Timer(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Not joined: this may be any thread, even the timer's own. Every delay holds a handle, so none is armed now,
        // unless it was leaked with `mem::forget`, and then its handle was leaked as well.
        let (mut wakers, _thread) = self.shared.stop();
        let _ = wake_all(&mut wakers);
    }
}

impl Default for Timer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Timer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timer").field("armed", &self.armed()).field("paused", &self.is_paused()).finish_non_exhaustive()
    }
}

impl Timer {
    /// A timer on the real clock. Its thread, once there is one, is called `timer`.
    pub fn new() -> Timer {
        Self::with_thread_name("timer")
    }

    /// A timer on the real clock, with a name for its thread.
    ///
    /// # Panics
    ///
    /// If the name contains a NUL byte.
    #[track_caller]
    pub fn with_thread_name(name: impl Into<String>) -> Timer {
        let thread_name = name.into();
        assert!(!thread_name.contains('\0'), "a thread name must not contain a NUL byte");
        let state = State {
            wheel: Wheel::new(),
            stopped: false,
            thread: None,
            #[cfg(test)]
            refuse_thread: false,
        };
        let shared = Shared { clock: Clock::new(), bell: Bell::new(state), thread_name };
        Timer(Arc::new(Handle { shared: Arc::new(shared) }))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// The present, by this timer's clock. As cheap as `Instant::now` unless the clock was ever paused.
    pub fn now(&self) -> Instant {
        self.shared().clock.now()
    }

    /// True if the clock stands still.
    pub fn is_paused(&self) -> bool {
        self.shared().clock.is_paused()
    }

    /// Freezes the clock: nothing fires until it is advanced or resumed.
    ///
    /// A delay that is firing on the timer thread at this moment may still wake its task.
    ///
    /// # Errors
    ///
    /// [`ClockError::AlreadyPaused`].
    pub fn pause(&self) -> Result<(), ClockError> {
        let _room = self.shared().bell.lock();
        self.shared().clock.pause()
    }

    /// Lets the clock go on from where it stands.
    ///
    /// # Errors
    ///
    /// [`ClockError::NotPaused`]; [`ClockError::NoThread`] if delays are armed and their thread cannot be started.
    pub fn resume(&self) -> Result<(), ClockError> {
        let shared = self.shared();
        let mut room = shared.bell.lock();
        if !shared.clock.is_paused() {
            return Err(ClockError::NotPaused);
        }
        if room.state.wheel.armed() > 0 && !room.state.stopped && room.state.thread.is_none() {
            shared.start_thread(&mut room).map_err(|_| ClockError::NoThread)?; // TIMER-2
        }
        shared.clock.resume()?;
        drop(room);
        shared.bell.ring(); // the thread may sleep as `Paused`, or towards a deadline by the clock of before
        Ok(())
    }

    /// Moves a paused clock forward and fires everything due on the way, in the order of deadlines (first armed first if
    /// they are equal). Returns how many fired.
    ///
    /// The clock stops at each deadline on the way, to the nanosecond: a waker that reads it there sees that deadline, and
    /// what it arms within the span fires as well. Tasks are woken on this thread; whether they run here, or when, is up to
    /// their executor. The time this takes depends on the delays, not on the length of the span.
    ///
    /// # Errors
    ///
    /// [`ClockError::NotPaused`]; [`ClockError::TooFar`]. In both cases nothing has happened.
    ///
    /// # Panics
    ///
    /// If a waker does; everything due is woken first.
    pub fn advance(&self, by: Duration) -> Result<usize, ClockError> {
        let shared = self.shared();
        let target = {
            let _room = shared.bell.lock();
            if !shared.clock.is_paused() {
                return Err(ClockError::NotPaused);
            }
            let by = u64::try_from(by.as_nanos()).map_err(|_| ClockError::TooFar)?;
            let target = shared.clock.nanos_now().checked_add(by);
            target.filter(|&target| target <= HORIZON).ok_or(ClockError::TooFar)?
        };
        let mut panic = None;
        let mut fired = 0;
        while let Some((_, count)) = shared.step(target, &mut panic) {
            fired += count;
        }
        {
            let _room = shared.bell.lock();
            if shared.clock.is_paused() {
                shared.clock.move_to(target);
            }
        }
        panic.map_or(Ok(fired), |panic| resume_unwind(panic))
    }

    /// Moves a paused clock to the earliest armed deadline and fires all that are due then. `None`, and no change, if
    /// nothing is armed or the clock is not paused. Deadlines after the end of time, some 250 years away, come there.
    ///
    /// # Panics
    ///
    /// If a waker does; everything due is woken first.
    pub fn advance_to_next(&self) -> Option<Fired> {
        let mut panic = None;
        let step = self.shared().step(HORIZON, &mut panic);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        step.map(|(at, count)| Fired { at: self.shared().clock.instant(at), count })
    }

    /// The earliest armed deadline. Takes time in proportion to the delays that lie near it.
    pub fn next_deadline(&self) -> Option<Instant> {
        let earliest = self.shared().bell.lock().state.wheel.earliest();
        earliest.map(|nanos| self.shared().clock.instant(nanos))
    }

    /// The number of delays that are armed: polled, and neither fired, nor dropped, nor stopped.
    pub fn armed(&self) -> usize {
        self.shared().bell.lock().state.wheel.armed()
    }

    /// Shuts the timer down: wakes every armed delay, whose next poll gives [`Stopped`](crate::Stopped), and so does the
    /// poll of every delay that has not fired before. Waits for the thread to end, unless it is the caller.
    ///
    /// The clock goes on, and may still be paused and advanced. A second call does nothing.
    ///
    /// # Panics
    ///
    /// If a waker does; everything armed is woken first.
    pub fn shutdown(&self) {
        let (mut wakers, thread) = self.shared().stop();
        let panic = wake_all(&mut wakers);
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join(); // the loop catches the panics of wakers; it has none of its own
        }
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// A delay until `deadline`. Costs nothing but the value until it is polled.
    pub fn delay_until(&self, deadline: Instant) -> Delay {
        Delay::new(self.clone(), deadline)
    }
}

#[cfg(test)]
impl Timer {
    /// How many records there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.shared().bell.lock().state.wheel.capacity()
    }

    /// How often the timer thread was rung for.
    pub(crate) fn rings(&self) -> usize {
        self.shared().bell.rings.load(std::sync::atomic::Ordering::Relaxed)
    }
}
