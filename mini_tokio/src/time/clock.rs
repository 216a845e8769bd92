//! [`pause`], [`resume`], [`advance`]: a clock in the hands of a test.
//!
//! A paused clock makes a test of an hour's timeouts take no time, and every run of it go the same way. It moves on two
//! occasions:
//!
//! * a task calls [`advance`];
//! * the runtime has nothing else to do: no task is ready, no socket speaks, no blocking closure runs. Then it jumps to the
//!   next deadline (`advance_clock` in the current-thread scheduler).
//!
//! The second is why pausing needs one thread: with several, none of them knows that nothing is left to do. The stepper, whose
//! many workers share a thread, may pause as well.

use std::time::Duration;

use timer::{ClockError, Timer};

use crate::context;
use crate::runtime::Handle;
use crate::runtime::config::Flavor;
use crate::scheduler::event::Event;
use crate::task::yield_now;

/// Stops the clock of the runtime: [`Instant::now`](super::Instant::now) stands still, and so does everything that waits.
/// `std::time::Instant` goes on.
///
/// Whenever the runtime then has nothing left to do, the clock jumps to the next deadline, so that `sleep(hour).await` is
/// over at once, and a sleep of one hour ends before a sleep of two. A closure on the blocking pool counts as something to
/// do: the clock waits for its end.
///
/// To begin with a stopped clock there is `start_paused`, in the [builder](crate::runtime::Builder::start_paused) and in the
/// attributes `main` and `test`.
///
/// # Panics
///
/// If the clock is paused already. Outside a runtime, in one that is not a current-thread runtime, or in one without a timer.
///
/// # Examples
///
/// ```
/// use mini_tokio::time::{self, Duration, Instant};
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// time::pause();
/// let start = Instant::now();
/// time::sleep(Duration::from_secs(86_400)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(86_400));
/// # }
/// ```
#[track_caller]
pub fn pause() {
    let handle = current();
    assert!(
        handle.shared.config.flavor != Flavor::MultiThread,
        "`time::pause()` requires the `current_thread` Tokio runtime. This is the default Runtime used by `#[tokio::test]`."
    );
    if let Err(error) = timer(&handle).pause() {
        refuse(error);
    }
}

/// Lets the clock go on from where it stands, ahead of the machine's by what it was advanced.
///
/// # Panics
///
/// If the clock is not paused. Outside a runtime, or in one without a timer.
#[track_caller]
pub fn resume() {
    if let Err(error) = timer(&current()).resume() {
        refuse(error);
    }
}

// ANCHOR: time-advance
/// Moves a paused clock on by `duration` and wakes what was waiting for an instant on the way, in the order of deadlines;
/// then yields, so that others run.
///
/// All who were woken see the clock at the end of the way, and they need not be done when this is: a task may have to run
/// more than once to get where it is going. To let time pass and each deadline be dealt with at its time, use
/// [`sleep`](super::sleep) instead, and let the clock move by itself.
///
/// # Panics
///
/// If the clock is not paused, or would get further than 250 years from the making of the runtime. Outside a runtime, or in
/// one without a timer.
///
/// # Cancel safety
///
/// The clock moves at the first poll; dropped after that, only the yield is left out.
pub async fn advance(duration: Duration) {
    advance_now(duration);
    yield_now().await;
}
// ANCHOR_END: time-advance

#[track_caller]
fn advance_now(by: Duration) {
    let handle = current();
    match timer(&handle).advance(by) {
        Ok(fired) => handle.shared.record(handle.shared.lane(), || Event::ClockAdvanced { by, fired }),
        Err(error) => refuse(error),
    }
}

/// The runtime of this thread.
#[track_caller]
fn current() -> Handle {
    match Handle::try_current() {
        Ok(handle) => handle,
        Err(error) if error.is_missing_context() => panic!("time cannot be frozen from outside the Tokio runtime"),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn timer(handle: &Handle) -> &Timer {
    match &handle.shared.driver.timer {
        Some(timer) => timer,
        None => panic!("{}", context::TIME_DISABLED),
    }
}

#[track_caller]
fn refuse(error: ClockError) -> ! {
    match error {
        ClockError::AlreadyPaused => panic!("time is already frozen"),
        ClockError::NotPaused => panic!("time is not frozen"),
        error => panic!("{error}"),
    }
}
