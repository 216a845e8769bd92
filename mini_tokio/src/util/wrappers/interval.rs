//! An interval as a stream.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::Stream;

use crate::time::{Instant, Interval};

/// The ticks of an [`Interval`]. It never ends.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use mini_tokio::{time, util::wrappers::IntervalStream};
///
/// # #[mini_tokio::main]
/// # async fn main() {
/// let ticks = IntervalStream::new(time::interval(time::Duration::from_millis(1)));
/// assert_eq!(ticks.take(3).count().await, 3);
/// # }
/// ```
#[derive(Debug)]
pub struct IntervalStream {
    interval: Interval,
}

impl IntervalStream {
    /// The stream of `interval`'s ticks.
    pub fn new(interval: Interval) -> Self {
        Self { interval }
    }

    /// The interval back.
    pub fn into_inner(self) -> Interval {
        self.interval
    }
}

impl Stream for IntervalStream {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.interval.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl AsRef<Interval> for IntervalStream {
    fn as_ref(&self) -> &Interval {
        &self.interval
    }
}

impl AsMut<Interval> for IntervalStream {
    fn as_mut(&mut self) -> &mut Interval {
        &mut self.interval
    }
}
