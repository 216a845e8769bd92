//! The future that waits for free slots.
//!
//! ```text
//!            poll: not enough free               granted, or the channel was closed
//!   Fresh ------------------------> InLine --------------------------------------> Done
//!     |                               |                                             ^
//!     |                               +-- drop: leave the line, give back ----------+
//!     +-----------------------------------------------------------------------------+
//!                  poll: enough free, or closed
//! ```
//!
//! Invariant `RESERVE-1`: the node was queued up, and has not left, exactly in phase `InLine`; in that phase the future is
//! pinned.

use std::{
    pin::Pin,
    task::{Poll, Waker},
};

use pin_project_lite::pin_project;

use super::{
    channel::Channel,
    error::SendError,
    slots::{Stand, Waiter},
};
use crate::sync::waiters::Node;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    InLine,
    Done,
}

pin_project! {
    /// Waits until it has `slots` of them. Dropped before, it gives those back that it was given.
    pub(super) struct Reserve<'a, T> {
        channel: &'a Channel<T>,
        slots: usize,
        // The caller has just found the channel full: it will wait, most probably.
        found_full: bool,
        phase: Phase,
        #[pin]
        node: Node<Waiter>,
    }

    impl<T> PinnedDrop for Reserve<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            this.give_up();
        }
    }
}

impl<'a, T> Reserve<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, slots: usize) -> Self {
        Self { channel, slots, found_full: false, phase: Phase::Fresh, node: Node::new(Waiter::new()) }
    }

    /// For one slot, after a look that found none.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn after_full(channel: &'a Channel<T>) -> Self {
        let mut reserve = Self::new(channel, 1);
        reserve.found_full = true;
        reserve
    }

    /// Ready with the slots, or with an error if the channel is closed.
    pub(super) fn poll(mut self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), SendError<()>>> {
        match self.phase {
            Phase::Fresh => self.as_mut().arrive(waker),
            Phase::InLine => self.as_mut().look_again(waker),
            Phase::Done => panic!("`Reserve` polled after completion"),
        }
    }

    /// Takes the slots, or queues up. The waker is cloned only if it is needed, and not under the lock: hence two rounds,
    /// or one if the first look was taken before.
    // ANCHOR: mpsc-reserve-arrive
    fn arrive(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), SendError<()>>> {
        let this = self.project();
        let (channel, slots, node) = (*this.channel, *this.slots, this.node.into_ref());
        let mut clone = this.found_full.then(|| waker.clone());
        loop {
            let again = clone.is_some();
            let step = channel.locked(|state| match () {
                () if state.is_closed() => Some(Poll::Ready(Err(SendError(())))),
                () if state.slots.take(slots) => Some(Poll::Ready(Ok(()))),
                () => clone.take().map(|waker| {
                    // SAFETY: locked, and phase Fresh, so the node is in no list; the phase is `InLine` before anything
                    // can drop it, and then the drop leaves (RESERVE-1).
                    unsafe { state.slots.queue_up(node, slots, waker) };
                    Poll::Pending
                }),
            });
            match step {
                Some(Poll::Pending) => {
                    *this.phase = Phase::InLine;
                    return Poll::Pending;
                }
                Some(ready) => {
                    *this.phase = Phase::Done;
                    return ready;
                }
                None => debug_assert!(!again),
            }
            clone = Some(waker.clone());
        }
    }

    /// Looks how it stands, and makes `waker` the one to be woken.
    fn look_again(mut self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), SendError<()>>> {
        let mut clone = None;
        loop {
            let again = clone.is_some();
            let waiter = self.node.value();
            let mut old = None;
            // SAFETY (of the three calls inside): locked.
            let stand = self.channel.locked(|state| {
                // SAFETY: locked.
                let (stand, _) = unsafe { waiter.stand() };
                // Also one that was granted its slots finds a closed channel closed.
                let stand = if state.is_closed() { Stand::Dismissed } else { stand };
                if stand != Stand::Waits {
                    return Some(stand);
                }
                // SAFETY: locked.
                if unsafe { waiter.will_wake(waker) } {
                    return Some(stand);
                }
                if clone.is_some() {
                    // SAFETY: locked.
                    old = unsafe { waiter.replace_waker(clone.take()) };
                    return Some(stand);
                }
                None
            });
            drop(old); // user code, hence after the lock
            match stand {
                Some(Stand::Waits) => return Poll::Pending,
                Some(Stand::Granted) => {
                    *self.project().phase = Phase::Done;
                    return Poll::Ready(Ok(()));
                }
                Some(Stand::Dismissed) => {
                    self.as_mut().give_up();
                    return Poll::Ready(Err(SendError(())));
                }
                None => debug_assert!(!again),
            }
            clone = Some(waker.clone());
        }
    }

    /// Leaves the line, and gives back what it was given.
    // ANCHOR: mpsc-reserve-give-up
    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        if std::mem::replace(this.phase, Phase::Done) != Phase::InLine {
            return;
        }
        let node = &*this.node;
        let (missing, waker) = this.channel.locked(|state| {
            // SAFETY: locked, and phase InLine, so it was queued up (RESERVE-1).
            unsafe { state.slots.leave(node) };
            // SAFETY: locked.
            unsafe { (node.value().stand().1, node.value().replace_waker(None)) }
        });
        // Granted and never seen, or half granted: the next in line gets it. (The classic bug: it stays with nobody.)
        if *this.slots > missing && cfg!(not(bug_mpsc_cancel_keeps)) {
            this.channel.release(*this.slots - missing);
        }
        drop(waker);
    }
}
