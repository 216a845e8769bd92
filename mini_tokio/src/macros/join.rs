//! One round of polls of a `join!` or a `try_join!`, and [`MaybeDone`], the future that keeps its output for later.
//!
//! All futures of a `join!` share the budget of their task. One that uses it up leaves nothing to those behind it, so each
//! round begins one future further on; under `biased;` always at the first.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pin_project! {
    /// A future, then its output, then nothing, in the same place. The future is dropped as soon as it is done.
    #[project = Stage]
    #[project_replace = Taken]
    //
    // `repr(C)`: a future may point into itself. The compiler must not keep the enum's tag in unused bits of the future,
    // where reading the tag would be an access behind the future's back.
    #[repr(C)]
    #[derive(Debug)]
    pub enum MaybeDone<F: Future> {
        #[allow(missing_docs)]
        Running { #[pin] future: F },
        #[allow(missing_docs)]
        Done { output: F::Output },
        #[allow(missing_docs)]
        Gone,
    }
}

/// Starts what stands in the macro.
pub fn maybe_done<F: IntoFuture>(future: F) -> MaybeDone<F::IntoFuture> {
    MaybeDone::Running { future: future.into_future() }
}

impl<F: Future> MaybeDone<F> {
    /// Polls the future unless it is done.
    #[inline]
    #[track_caller]
    pub fn poll_done(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Stage::Running { future } = self.as_mut().project() {
            let output = ready!(future.poll(cx));
            self.set(Self::Done { output });
        }
        Poll::Ready(())
    }

    /// The output of a future that is done.
    ///
    /// # Panics
    ///
    /// If it is not done, or was taken.
    #[track_caller]
    pub fn take_output(self: Pin<&mut Self>) -> F::Output {
        match self.project_replace(Self::Gone) {
            Taken::Done { output } => output,
            _ => unreachable!("the round was ready, and is polled no more"),
        }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> MaybeDone<F> {
    /// Polls the future unless it is done, and gives its error out.
    #[inline]
    #[track_caller]
    pub fn poll_ok(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        ready!(self.as_mut().poll_done(cx));
        let failed = matches!(self.as_mut().project(), Stage::Done { output: Err(_) });
        if !failed {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.take_output().map(|_| ()))
    }

    /// The value of a future that is done without an error.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn take_ok(self: Pin<&mut Self>) -> T {
        match self.take_output() {
            Ok(value) => value,
            Err(_) => unreachable!("the error was given out by the round"),
        }
    }
}

/// Where the round begins that follows the others: one further on each time.
#[inline]
pub fn rotate(next: &mut u32, branches: usize) -> usize {
    let first = *next as usize;
    *next = (*next + 1) % branches as u32;
    first
}

// ANCHOR: macros-join-round
/// Polls all futures once, from number `first` on; ready if all are done.
#[inline]
pub fn join_round(
    cx: &mut Context<'_>,
    branches: usize,
    first: usize,
    mut poll_branch: impl FnMut(usize, &mut Context<'_>) -> Poll<()>,
) -> Poll<()> {
    let mut all_done = true;
    for branch in (first..branches).chain(0..first) {
        all_done &= poll_branch(branch, cx).is_ready();
    }
    if all_done { Poll::Ready(()) } else { Poll::Pending }
}

/// The same, but the first error ends it.
#[inline]
pub fn try_join_round<E>(
    cx: &mut Context<'_>,
    branches: usize,
    first: usize,
    mut poll_branch: impl FnMut(usize, &mut Context<'_>) -> Poll<Result<(), E>>,
) -> Poll<Result<(), E>> {
    let mut all_done = true;
    for branch in (first..branches).chain(0..first) {
        match poll_branch(branch, cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => all_done = false,
        }
    }
    if all_done { Poll::Ready(Ok(())) } else { Poll::Pending }
}
