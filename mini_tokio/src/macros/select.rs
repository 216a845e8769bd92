//! One round of polls of a `select!`.
//!
//! A round begins at a random branch and goes once around, so that among several that are always ready each has its turn;
//! under `biased;` it begins at the first. A branch whose output does not match its pattern is disabled like one whose
//! precondition is false, and never polled again. Once all are disabled, `else` is left.
//!
//! Why random and not in turns as `join!` does it: a `select!` in a loop is a new one each time and remembers nothing.
//!
//! Left out: tokio keeps the disabled branches as bits of one integer. A slice of `bool` can be read in a debugger.

use std::future::IntoFuture;
use std::task::{Context, Poll, ready};

use crate::{context, coop, leaf};

/// Where a round begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// At a random branch.
    Random,
    /// At the first (`biased;`).
    Declared,
}

// ANCHOR: macros-select-round
/// Polls every branch that is not disabled, until one is ready with an output that matches.
///
/// `poll_branch` polls one; its `None` means that the output did not match. The `None` of the round means that all branches
/// are disabled.
#[inline]
#[track_caller]
pub fn select_round<Output>(
    cx: &mut Context<'_>,
    disabled: &mut [bool],
    order: Order,
    mut poll_branch: impl FnMut(usize, &mut Context<'_>) -> Poll<Option<Output>>,
) -> Poll<Option<Output>> {
    // A branch that is no resource of this runtime knows no budget: a loop around such a `select!` would never yield.
    let notes = ready!(coop::poll_budget_available(cx));
    let branches = disabled.len();
    let first = match order {
        Order::Random => context::random_below(branches),
        Order::Declared => 0,
    };
    let mut somebody_waits = false;
    for branch in (first..branches).chain(0..first) {
        if disabled[branch] {
            continue;
        }
        match poll_branch(branch, cx) {
            Poll::Ready(Some(output)) => return Poll::Ready(Some(output)),
            Poll::Ready(None) => disabled[branch] = true,
            Poll::Pending => somebody_waits = true,
        }
    }
    leaf::place_those_since(notes);
    if somebody_waits { Poll::Pending } else { Poll::Ready(None) }
}

/// A branch as a future. (A function, so that the error about one which is none points at it.)
#[inline]
pub fn into_future<F: IntoFuture>(branch: F) -> F::IntoFuture {
    branch.into_future()
}

/// A precondition that is false disables its branch. (A function, so that one which is no `bool` is an error.)
#[inline]
pub fn not(precondition: bool) -> bool {
    !precondition
}

/// # Panics
///
/// Always: no branch is left, and there is no `else`.
#[track_caller]
#[cold]
pub fn all_branches_disabled() -> ! {
    panic!("all branches are disabled and there is no else branch")
}

/// The table of branches is generated together with their number.
#[cold]
pub fn no_such_branch() -> ! {
    unreachable!("a branch that is not in the macro")
}

/// The round has asked the same pattern, without its names.
#[cold]
pub fn matched_before() -> ! {
    unreachable!("the output matched its branch's pattern a moment ago")
}
