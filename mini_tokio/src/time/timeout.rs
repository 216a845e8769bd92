//! [`Timeout`]: a future with a deadline.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::error::Elapsed;
use super::{Instant, Sleep};
use crate::coop::{self, Budget};
use crate::leaf;

/// Gives `future` this much time, from now.
///
/// A duration beyond what the clock can count is no limit at all. See [`Timeout`].
///
/// # Panics
///
/// Outside a runtime, or in one that was built without [`enable_time`](crate::runtime::Builder::enable_time).
///
/// # Examples
///
/// ```
/// use mini_tokio::time::{Duration, timeout};
///
/// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// assert_eq!(timeout(Duration::from_secs(5), async { 7 }).await, Ok(7));
/// assert!(timeout(Duration::from_secs(5), std::future::pending::<()>()).await.is_err());
/// # }
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    // Nothing needs a clock, or a runtime, to be no later than some hundred billion years from now.
    let delay = if duration.as_secs() < u64::MAX / 4 { Some(Sleep::after(duration)) } else { None };
    Timeout { value: future.into_future(), delay }
}

/// Gives `future` time until `deadline`.
///
/// # Panics
///
/// Where [`timeout`] does.
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    let delay = Some(Sleep::new(deadline));
    Timeout { value: future.into_future(), delay }
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`]: `Ok` with what the inner future gave, or an error if the deadline came
    /// first.
    ///
    /// The inner future is polled first, so one that is ready at the first poll wins against any deadline, and one that never
    /// returns `Pending` cannot be stopped. It is dropped when the timeout is, not when the deadline comes.
    ///
    /// # Cancel safety
    ///
    /// As that of the inner future. [`Timeout::into_inner`] gives it back.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        // None: no limit.
        #[pin]
        delay: Option<Sleep>,
    }
}

impl<T> Timeout<T> {
    /// The inner future.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The inner future.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The inner future, without a limit.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    // ANCHOR: time-timeout-poll
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        let notes = if had_budget { None } else { leaf::notes_so_far() };
        if let Poll::Ready(value) = this.value.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        leaf::place_those_since(notes);
        let Some(delay) = this.delay.as_pin_mut() else { return Poll::Pending };
        let elapsed = if had_budget && !coop::has_budget_remaining() {
            // A future that uses the budget up in each poll would keep us from the clock for ever.
            coop::with_budget(Budget::unconstrained(), || delay.poll(cx))
        } else {
            delay.poll(cx)
        };
        elapsed.map(|()| Err(Elapsed::new()))
    }
    // ANCHOR_END: time-timeout-poll
}
