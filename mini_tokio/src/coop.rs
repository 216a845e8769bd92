//! The cooperative budget: how a task that always finds something to do is made to let others run.
//!
//! An async runtime cannot interrupt a task; a task gives its thread back only by returning `Pending`. Most do so by
//! themselves, because a socket is empty or a channel is. But take
//!
//! ```text
//!   while let Some(message) = receiver.recv().await { handle(message) }
//! ```
//!
//! and a sender that is faster than `handle`: every `recv` is ready at once, the task never returns `Pending`, and
//! every other task on this thread starves, as do the timers and sockets that the thread would have polled in between.
//! The scheduler's promise is: if there is a bound on the number of tasks, and a bound on how long one poll takes, then
//! there is a bound on how long a woken task waits for its turn. A loop over ready resources breaks the second
//! condition.
//!
//! So each poll of a task begins with a *budget* of 128 units, and each runtime operation that is ready costs one. With
//! the budget used up, the next operation claims to be `Pending` although it may be ready, wakes the task's waker so
//! that it is scheduled again, behind those that wait already, and the task is off the thread without having noticed
//! anything.
//!
//! ```text
//!   scheduler                   a resource's poll                            its end
//!   with_budget(initial) -----> poll_proceed: a unit, or Pending ----+----> ready:   made_progress(), it is spent
//!        |                      (then the waker is deferred)         +----> pending: it comes back
//!        +-- on the way out: whatever budget there was before, also if the task panics
//! ```
//!
//! Why give a unit back: a task may wait for hundreds of things at once (`select!`, `FuturesUnordered`). Looking at 128
//! empty channels would use the budget up, the 129th, which has something, would never be reached, and the task would
//! spin for ever without any progress. Only progress costs.
//!
//! Invariants:
//! - `COOP-1`: outside a task's poll the budget is unconstrained: code on a plain thread, or under another executor,
//!   never gets a `Pending` from here.
//! - `COOP-2`: a `Pending` from here has woken the waker, or handed it to somebody who will.
//! - `COOP-3`: after `with_budget`, by return or by panic, the budget is what it was before.
//!
//! The budget is a thread-local and not a part of `Context`, because a resource in the depth of a task, behind
//! combinators of any library, must find it. Its cell has a constant initializer and no destructor, so that an access
//! is a plain load: no registration of a destructor, no check whether the thread is going down.
//!
//! The scheduler gives a task that is woken in the LIFO slot what is left of its predecessor's budget, not a new one:
//! else two tasks that wake one another would keep the thread for ever.
//!
//! There is one more use of an empty budget: a task that is polled with one stops at its first operations, and these can be
//! asked what they are. See [`leaf`].
//!
//! What is marked `#[inline]` here runs at every operation of every resource, most of them compiled in other crates.
//!
//! Public face: `task::coop`.

use std::{
    borrow::Cow,
    cell::Cell,
    marker::PhantomData,
    task::{Context, Poll, Waker},
};

use crate::leaf;

#[cfg(test)]
mod tests;

/// Units of one poll. Enough that the cost of a trip through the scheduler is spread thin, and few enough that 128
/// messages are handled in a time that others do not notice. It is tokio's number, so that programs tuned for one fit
/// the other.
pub(crate) const BUDGET: u8 = 128;

thread_local! {
    static CURRENT: Cell<Budget> = const { Cell::new(Budget::unconstrained()) };
}

/// How many units the task that is being polled may still spend, or [`UNCONSTRAINED`].
///
/// One byte, and no `Option` of two: it is saved and put back at every poll, and two bytes that were written one by one and
/// are read as one word stall the processor for longer than all the rest of it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Budget(u8);

/// As many as it likes.
const UNCONSTRAINED: u8 = u8::MAX;

impl Budget {
    /// What a task gets for one poll.
    #[allow(dead_code)] // the scheduler's
    pub(crate) const fn initial() -> Self {
        Self(BUDGET)
    }

    /// What a task gets that is to stop at its first operation and say what it is: see [`leaf`].
    pub(crate) const fn none() -> Self {
        Self(0)
    }

    /// No limit.
    pub(crate) const fn unconstrained() -> Self {
        Self(UNCONSTRAINED)
    }

    #[inline]
    pub(crate) fn has_remaining(self) -> bool {
        self.0 != 0
    }

    /// What is left after one more unit, or None if there was nothing left.
    #[inline]
    fn spend(self) -> Option<Self> {
        match self.0 {
            UNCONSTRAINED => Some(self),
            units => units.checked_sub(1).map(Self),
        }
    }
}

/// The budget of this moment.
#[inline]
pub(crate) fn current() -> Budget {
    CURRENT.get()
}

/// Makes `budget` the current one and returns the old one: for code that leaves a task's context in the middle of a
/// poll and comes back to it, such as `block_in_place`. Everybody else uses [`with_budget`].
pub(crate) fn replace(budget: Budget) -> Budget {
    CURRENT.replace(budget)
}

/// Calls `f` with a budget of its own. Afterwards, also after a panic, the old budget is back (`COOP-3`).
// ANCHOR: coop-with-budget
pub(crate) fn with_budget<R>(budget: Budget, f: impl FnOnce() -> R) -> R {
    struct PutBack(Budget);
    impl Drop for PutBack {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _put_back = PutBack(replace(budget));
    f()
}

/// Has `waker` woken, but not so soon that its task runs again before those that wait already. (`COOP-2`)
pub(crate) fn defer(waker: &Waker) {
    crate::context::defer(waker);
}

/// Whether the task that is being polled has any of its budget left. True outside a task.
///
/// For a future that polls others and wants to know why one is pending: if there was budget before and is none now, the
/// inner future has used it up, and whatever is polled next would be pending for that reason alone. A timeout, for
/// example, then looks at its timer under [`unconstrained`](crate::task::coop::unconstrained).
pub fn has_budget_remaining() -> bool {
    current().has_remaining()
}

/// Takes a unit from the task's budget. If there is none left, arranges for the task to be woken and returns `Pending`,
/// and the caller returns that.
///
/// The unit comes back when the returned value is dropped, unless [`RestoreOnPending::made_progress`] was called.
/// Strictly, the budget *as it was at this call* comes back: units that were spent between are not counted if the
/// caller made no progress.
///
/// Always `Ready` outside a task.
///
/// # Examples
///
/// A stream of another library, made cooperative:
///
/// ```
/// use futures::{Stream, channel::mpsc::UnboundedReceiver};
/// use mini_tokio::task::coop;
/// use std::{pin::Pin, task::{Context, Poll, ready}};
///
/// struct Cooperative<T>(UnboundedReceiver<T>);
///
/// impl<T> Stream for Cooperative<T> {
///     type Item = T;
///
///     fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
///         let unit = ready!(coop::poll_proceed(cx));
///         let item = ready!(Pin::new(&mut self.0).poll_next(cx));
///         unit.made_progress();
///         Poll::Ready(item)
///     }
/// }
/// ```
#[inline]
#[track_caller]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    proceed(cx, || "an operation that costs budget".into())
}

// ANCHOR: coop-poll-proceed
/// The same for a leaf that can say what it waits for: see [`leaf`].
#[inline]
#[track_caller]
pub(crate) fn proceed(cx: &mut Context<'_>, what: impl FnOnce() -> Cow<'static, str>) -> Poll<RestoreOnPending> {
    let before = current();
    match before.spend() {
        Some(rest) => {
            CURRENT.set(rest);
            if !rest.has_remaining() {
                crate::context::note_spent_budget();
            }
            Poll::Ready(RestoreOnPending { before: Cell::new(before), _this_thread: PhantomData })
        }
        None => {
            stop(cx.waker(), what);
            Poll::Pending
        }
    }
}

/// There is no budget left, or it was taken away so that the leaf may say what it is.
#[cold]
#[track_caller]
fn stop(waker: &Waker, what: impl FnOnce() -> Cow<'static, str>) {
    if leaf::is_asked() && !leaf::note(what) {
        CURRENT.set(Budget::initial()); // LEAF-3
    }
    defer(waker);
}

/// Whether the task may go on, without taking a unit. If not, it has been arranged that the task is woken.
///
/// Who is asked may go on, in order to be asked in each branch, and has [`notes`](leaf::notes_so_far).
#[allow(dead_code)] // for futures that poll others
pub(crate) fn poll_budget_available(cx: &mut Context<'_>) -> Poll<Option<usize>> {
    if has_budget_remaining() {
        return Poll::Ready(None);
    }
    let notes = leaf::notes_so_far();
    if notes.is_none() {
        defer(cx.waker());
        return Poll::Pending;
    }
    Poll::Ready(notes)
}

/// A unit of budget on approval: see [`poll_proceed`]. It belongs to the thread on which the task is being polled.
#[derive(Debug)]
#[must_use = "dropped at once, it gives its unit back at once"]
pub struct RestoreOnPending {
    /// What to restore; unconstrained, if nothing.
    before: Cell<Budget>,
    _this_thread: PhantomData<*mut ()>,
}

impl RestoreOnPending {
    /// The operation was ready: the unit is spent.
    #[inline]
    pub fn made_progress(&self) {
        self.before.set(Budget::unconstrained());
    }
}

impl Drop for RestoreOnPending {
    #[inline]
    fn drop(&mut self) {
        // An unconstrained budget never changes, so it needs no restoring, and can stand for "spent".
        let before = self.before.get();
        if before != Budget::unconstrained() {
            CURRENT.set(before);
        }
    }
}
