//! Cooperative scheduling: keeping tasks that always have something to do from starving the others.
//!
//! Each poll of a task has a budget. The operations of this runtime's channels, sockets, timers and locks spend it, and
//! when it is used up they return `Pending` once, so that the task goes to the end of the queue. There is nothing to be
//! done for that. This module is for the cases around it:
//!
//! - a computation without any such operation, or a future from another library: [`consume_budget`], [`cooperative`],
//!   [`poll_proceed`];
//! - a future that must not be interrupted: [`unconstrained`];
//! - a future that has to know whether the budget is the reason for a `Pending`: [`has_budget_remaining`].
//!
//! Outside a task of this runtime there is no budget, and nothing here ever makes a future pending.
//!
//! The interface is that of `tokio::task::coop`.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::coop::{Budget, with_budget};
pub use crate::coop::{RestoreOnPending, has_budget_remaining, poll_proceed};
use crate::leaf;

#[cfg(test)]
mod tests;

/// Spends a unit of the task's budget, and yields to the scheduler if there is none left.
///
/// A possible point of rest for long computations: `consume_budget().await` in a loop yields once in 128 rounds and
/// costs next to nothing in the others, where `yield_now` would go through the scheduler each time.
///
/// # Cancel safety
/// Safe: a call that is dropped before it is ready has spent nothing.
///
/// # Examples
///
/// ```
/// async fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
///     let mut sum = 0;
///     for number in numbers {
///         sum += number;
///         mini_tokio::task::coop::consume_budget().await;
///     }
///     sum
/// }
/// assert_eq!(futures::executor::block_on(sum(1..=1000)), 500_500);
/// ```
pub async fn consume_budget() {
    poll_fn(|cx| poll_proceed(cx).map(|unit| unit.made_progress())).await
}

pin_project! {
    /// The future of [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Coop<F: Future> {
        #[pin]
        future: F,
    }
}

/// Makes `future` cost a unit of budget when it becomes ready, and makes it pending while there is none left: what the
/// operations of this runtime do by themselves.
///
/// # Examples
///
/// ```
/// use futures::{StreamExt, channel::mpsc::Receiver};
/// use mini_tokio::task::coop::cooperative;
///
/// async fn next<T>(receiver: &mut Receiver<T>) -> Option<T> {
///     cooperative(receiver.next()).await
/// }
/// ```
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let unit = ready!(poll_proceed(cx));
        let output = ready!(self.project().future.poll(cx));
        unit.made_progress();
        Poll::Ready(output)
    }
}

pin_project! {
    /// The future of [`unconstrained`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

/// Lets `future` do as much in one poll as it likes. A future that never has to wait will then keep its thread from
/// everybody else; the rest of the task has its budget as before.
///
/// # Examples
///
/// ```
/// use mini_tokio::task::coop::{consume_budget, unconstrained};
///
/// let never_yields = unconstrained(async {
///     for _ in 0..1000 {
///         consume_budget().await;
///     }
/// });
/// futures::executor::block_on(never_yields);
/// ```
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if leaf::is_asked() {
            return self.project().future.poll(cx); // with the budget that makes its leaves answer
        }
        with_budget(Budget::unconstrained(), || self.project().future.poll(cx))
    }
}
