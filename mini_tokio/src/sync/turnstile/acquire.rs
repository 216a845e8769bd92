//! The future that waits for permits.
//!
//! ```text
//!            poll: not enough free                 called
//!   Fresh -------------------------> InLine ----------------------> done
//!     |                                |                             ^
//!     |                                +-- drop: leave, pass it on   |
//!     +--------------------------------------------------------------+
//!                  poll: enough free, or closed
//! ```
//!
//! Invariants:
//! - `TURN-7`: `node` is there exactly while the future waits: it was entered into the line, and neither has left it nor
//!   been seen called. So the fast path makes no node, and a drop of a future that never waited finds nothing to do.
//! - `TURN-8`: `in_hand` says that the future has all its permits and was not allowed to say so, because its task's budget
//!   is used up. A task without budget takes its place in line all the same, and its turn: it only says so one poll later.
//!   Looking at the budget first, as other resources do, would let others pass it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use pin_project_lite::pin_project;

use super::{Call, Claim, Closed, Node, Take, Turnstile, Waiter};
use crate::leaf;

pin_project! {
    /// Waits until it has `wanted` permits. They are whoever's got `Ok`. Dropped before, it gives back those that it was
    /// given. Costs a unit of the task's budget. With `all`, `wanted` are all the permits that there are.
    #[must_use = "futures do nothing unless polled"]
    pub(in crate::sync) struct Acquire<'a> {
        turnstile: &'a Turnstile,
        wanted: usize,
        all: bool,
        in_hand: bool,
        #[pin]
        node: Option<Node<Waiter>>,
    }

    impl PinnedDrop for Acquire<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.node.is_some() || this.in_hand {
                this.give_up();
            }
        }
    }
}

impl<'a> Acquire<'a> {
    #[inline]
    pub(super) fn new(turnstile: &'a Turnstile, wanted: usize, all: bool) -> Self {
        Self { turnstile, wanted, all, in_hand: false, node: None }
    }

    /// The poll, without its share in the budget.
    #[inline]
    fn proceed(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), Closed>> {
        if self.node.is_some() {
            return self.look_again(waker);
        }
        let Turnstile { permits, .. } = self.turnstile;
        match if self.all { permits.take_all(self.wanted) } else { permits.take(self.wanted) } {
            Take::Taken => Poll::Ready(Ok(())),
            Take::Closed => Poll::Ready(Err(Closed)),
            Take::TooFew => self.queue_up(waker),
        }
    }

    // ANCHOR: turnstile-queue-up
    #[cold]
    fn queue_up(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), Closed>> {
        let mut acquire = self.project();
        acquire.node.set(Some(Node::new(Waiter::new(*acquire.wanted, waker.clone()))));
        let node = acquire.node.as_ref().as_pin_ref().expect("set in the line above");
        // SAFETY: the node is new. It stays where it is while the future waits (TURN-7), and the drop leaves.
        let outcome = match unsafe { acquire.turnstile.enter(node) } {
            Claim::Waits { .. } => return Poll::Pending,
            Claim::Taken => Ok(()),
            Claim::Closed => Err(Closed),
        };
        *acquire.in_hand = outcome.is_ok(); // should the waker panic in the next line
        acquire.node.set(None); // drops the waker: after the lock (TURN-5)
        *acquire.in_hand = false;
        Poll::Ready(outcome)
    }

    /// Looks for the call, and makes `waker` the one to be woken. It is cloned only if it differs, and not under the lock:
    /// hence the two rounds.
    #[cold]
    fn look_again(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), Closed>> {
        let mut acquire = self.project();
        let waiter = acquire.node.as_ref().as_pin_ref().expect("TURN-7").get_ref().value();
        let mut clone = None;
        let call = loop {
            if let Some(call) = waiter.called() {
                break call;
            }
            let locked = acquire.turnstile.line.lock();
            if waiter.called().is_some() {
                continue;
            }
            // SAFETY: locked, and not called.
            if unsafe { waiter.will_wake(waker) } {
                return Poll::Pending;
            }
            if clone.is_some() {
                // SAFETY: locked, and not called.
                let old = unsafe { waiter.replace_waker(clone) };
                drop(locked);
                drop(old); // user code, hence after the lock: TURN-5
                return Poll::Pending;
            }
            drop(locked);
            clone = Some(waker.clone());
        };
        drop(clone); // after the lock (TURN-5); and should it panic, the node is still there to give back what it got
        acquire.node.set(None);
        Poll::Ready(match call {
            Call::Granted => Self::unless_closed(acquire.turnstile, *acquire.wanted),
            Call::Closed => Err(Closed),
        })
    }

    /// Dropped before it could say that it has its permits, or before it had them.
    #[cold]
    fn give_up(self: Pin<&mut Self>) {
        let acquire = self.project();
        if let Some(node) = acquire.node.as_ref().as_pin_ref() {
            // SAFETY: it waits (TURN-7), and the future is being dropped: no second call.
            unsafe { acquire.turnstile.leave(&node) };
        }
        if *acquire.in_hand {
            acquire.turnstile.release(*acquire.wanted);
        }
    }

    /// For permits that were got at an earlier time. Whoever polls after a close gets nothing, as in tokio.
    fn unless_closed(turnstile: &Turnstile, permits: usize) -> Result<(), Closed> {
        if turnstile.is_closed() {
            turnstile.release(permits);
            return Err(Closed);
        }
        Ok(())
    }
}

impl Future for Acquire<'_> {
    type Output = Result<(), Closed>;

    // ANCHOR: turnstile-acquire-poll
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = match std::mem::take(self.as_mut().project().in_hand) {
            true => Self::unless_closed(self.turnstile, self.wanted),
            false => ready!(leaf::waits(self.as_mut().proceed(cx.waker()), || "a turnstile".into())),
        };
        #[cfg(not(loom))]
        {
            *self.as_mut().project().in_hand = outcome.is_ok(); // TURN-8; and should a waker panic in the next line
            let unit = ready!(crate::coop::poll_proceed(cx));
            unit.made_progress();
            *self.project().in_hand = false;
        }
        Poll::Ready(outcome)
    }
}
