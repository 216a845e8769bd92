//! [`Sleep`]: a future that is ready once its deadline has come.

use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::Instant;
use super::alarm::Alarm;

/// Waits for `duration`: what `std::thread::sleep` does to a thread, for a task.
///
/// The duration counts from this call, not from the first poll. A duration beyond what the clock can count is cut to
/// thirty years. See [`Sleep`] for precision, cancellation and panics.
///
/// # Panics
///
/// Outside a runtime, or in one that was built without
/// [`enable_time`](crate::runtime::Builder::enable_time). So does `rt.block_on(sleep(..))`, whose argument is made before
/// the runtime is entered; write `rt.block_on(async { sleep(..).await })`.
///
/// # Examples
///
/// ```
/// use mini_tokio::time::{Duration, sleep};
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// sleep(Duration::from_millis(1)).await;
/// # }
/// ```
#[inline]
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::after(duration)
}

/// Waits until `deadline`, not at all if it has passed.
///
/// # Panics
///
/// Where [`sleep`] does.
#[inline]
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(deadline)
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// Never ready early. On a running clock it may be late by a millisecond and by what a busy machine adds; on a paused
    /// one it is exact. (A paused clock ends 250 years after the making of the runtime; all later deadlines come there.) It
    /// belongs to the runtime in which it was made and may be polled anywhere, also by another executor. Polled again after it
    /// was ready, it is ready again.
    ///
    /// It costs its task a unit of the cooperative budget (see [`task::coop`](crate::task::coop)) when it is ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping it forgets the deadline, and nothing else.
    ///
    /// # Panics
    ///
    /// The poll panics if the runtime was shut down before the deadline came, or is gone altogether.
    ///
    /// # Examples
    ///
    /// It is not `Unpin`, as tokio's is not; pin it to use it more than once, in a loop or after a [`reset`](Sleep::reset):
    ///
    /// ```
    /// use std::pin::pin;
    /// use mini_tokio::time::{Duration, Instant, sleep};
    ///
    /// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut sleep = pin!(sleep(Duration::from_secs(1)));
    /// sleep.as_mut().await;
    /// sleep.as_mut().reset(Instant::now() + Duration::from_secs(2));
    /// sleep.await;
    /// # }
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Sleep {
        alarm: Alarm,
        #[pin]
        _pinned: PhantomPinned,
    }
}

impl Sleep {
    #[inline]
    #[track_caller]
    pub(super) fn new(deadline: Instant) -> Self {
        Self { alarm: Alarm::new(deadline), _pinned: PhantomPinned }
    }

    #[inline]
    #[track_caller]
    pub(super) fn after(duration: Duration) -> Self {
        Self { alarm: Alarm::after(duration), _pinned: PhantomPinned }
    }

    /// The instant at which it is ready.
    pub fn deadline(&self) -> Instant {
        self.alarm.deadline()
    }

    /// Whether its deadline has come. False before it was polled or reset for the first time, even if the deadline has passed.
    pub fn is_elapsed(&self) -> bool {
        self.alarm.is_elapsed()
    }

    /// Sets another deadline, earlier or later, before or after the sleep was ready.
    ///
    /// If a task waits for the sleep, it is woken at the new deadline; nobody needs to poll. The clock is still that of the
    /// runtime in which the sleep was made.
    ///
    /// # Panics
    ///
    /// If the timer's thread is needed and the operating system refuses to start it.
    #[track_caller]
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().alarm.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().alarm.poll(cx)
    }
}
