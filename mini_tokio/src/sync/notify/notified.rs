//! The futures of a `Notify`: `Notified` borrows it, `OwnedNotified` shares it. Both are a [`Seat`].
//!
//! ```text
//!            poll, enable                    delivered
//!   Fresh ------------------> Waits -----------------------------------------> Done
//!     |   nothing there yet     |                                               ^
//!     |                         +-- drop: leave the queue, pass it on           |
//!     +-------------------------------------------------------------------------+
//!              poll, enable: a permit, or a broadcast since birth
//! ```
//!
//! Invariant `NOTIFY-9`: the node is in a list, or has a delivery, only in phase `Waits`; and in that phase the future
//! is pinned. So a drop in any other phase touches neither lock nor list.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use super::{Claim, Entry, Node, Notification, Notify, Waiter};
use crate::leaf;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Fresh,
    Waits,
    Done,
}

pin_project! {
    /// One future's place at a `Notify`, which it holds as an `N`: borrowed or shared.
    struct Seat<N: Deref<Target = Notify>> {
        notify: N,
        // The future's own.
        phase: Phase,
        // Shared with notifiers in phase Waits.
        #[pin]
        node: Node<Waiter>,
    }

    impl<N: Deref<Target = Notify>> PinnedDrop for Seat<N> {
        fn drop(this: Pin<&mut Self>) {
            this.vacate();
        }
    }
}

impl<N: Deref<Target = Notify>> Seat<N> {
    fn new(notify: N) -> Self {
        let node = Node::new(Waiter::new(notify.state.birth()));
        Self { notify, phase: Phase::Fresh, node }
    }

    /// Polls; without a waker, only enters the queue or looks.
    fn poll(self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<()> {
        let seat = self.project();
        let node = seat.node.into_ref();
        let entry = match *seat.phase {
            Phase::Fresh => Self::arrive(node, seat.notify, waker),
            Phase::Waits => Self::look_again(node.value(), seat.notify, waker),
            Phase::Done => Entry::Notified,
        };
        match entry {
            Entry::Waits => {
                *seat.phase = Phase::Waits;
                Poll::Pending
            }
            Entry::Notified => {
                *seat.phase = Phase::Done;
                Poll::Ready(())
            }
        }
    }

    fn arrive(node: Pin<&Node<Waiter>>, notify: &Notify, waker: Option<&Waker>) -> Entry {
        let found = || notify.state.claim(node.value().born) != Claim::Nothing;
        if notify.streak.look(found, || notify.waiting.is_locked()) {
            return Entry::Notified;
        }
        // SAFETY: phase Fresh, so it is in no list and has no delivery (NOTIFY-9). `Waits` makes the phase `Waits`, and then the
        // drop leaves.
        unsafe { notify.enter(node, waker.cloned()) }
    }

    /// Looks for the delivery, and makes `waker` the one to be woken. It is cloned only if it differs, and not under the
    /// lock: hence the two rounds.
    fn look_again(waiter: &Waiter, notify: &Notify, waker: Option<&Waker>) -> Entry {
        let mut clone = None;
        loop {
            if waiter.notification().is_some() {
                return Entry::Notified; // the clone, if any, is dropped after the lock: NOTIFY-8
            }
            let Some(waker) = waker else { return Entry::Waits };
            let locked = notify.waiting.lock();
            if waiter.notification().is_some() {
                continue;
            }
            // SAFETY: locked, and nothing was delivered.
            if unsafe { waiter.will_wake(waker) } {
                return Entry::Waits;
            }
            if clone.is_some() {
                // SAFETY: locked, and nothing was delivered.
                let old = unsafe { waiter.replace_waker(clone) };
                drop(locked);
                drop(old); // user code, hence after the lock: NOTIFY-8
                return Entry::Waits;
            }
            drop(locked);
            clone = Some(waker.clone());
        }
    }

    /// The future is being dropped.
    // ANCHOR: notify-pass-on
    fn vacate(self: Pin<&mut Self>) {
        let seat = self.project();
        if *seat.phase != Phase::Waits {
            return;
        }
        // SAFETY: phase Waits, and the future is being dropped: no second call.
        let notification = unsafe { seat.notify.leave(&seat.node) };
        // It was notified and will never know. Whoever called `notify_one` counts on somebody being woken.
        if cfg!(not(bug_notify_drop_keeps))
            && let Some(one @ (Notification::First | Notification::Last)) = notification
        {
            seat.notify.notify(one);
        }
    }
}

impl<N: Deref<Target = Notify>> fmt::Debug for Seat<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("notify", &*self.notify).field("phase", &self.phase).finish()
    }
}

pin_project! {
    /// The future of [`Notify::notified`]. Once ready, it stays ready.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Notified<'a> {
        #[pin]
        seat: Seat<&'a Notify>,
    }
}

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify) -> Self {
        Self { seat: Seat::new(notify) }
    }

    /// Enters the queue for [`notify_one`](Notify::notify_one) without waiting, and says whether the future is ready.
    ///
    /// It is a poll without a waker: it takes a permit if there is one. Enter the queue first, then look at the data,
    /// then await; otherwise two consumers may both look, find nothing, miss two notifications that merge into one
    /// permit, and then only one of them gets it.
    ///
    /// Returns true if the future has been notified: by a permit, by [`notify_waiters`](Notify::notify_waiters) since
    /// it was made, or by a `notify_one` since it entered the queue. From then on every poll returns `Ready`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mini_tokio::sync::Notify;
    /// use std::{collections::VecDeque, pin::pin, sync::Mutex};
    ///
    /// async fn recv(values: &Mutex<VecDeque<u32>>, pushed: &Notify) -> u32 {
    ///     let mut notified = pin!(pushed.notified());
    ///     loop {
    ///         notified.as_mut().enable();
    ///         if let Some(value) = values.lock().unwrap().pop_front() {
    ///             return value;
    ///         }
    ///         notified.as_mut().await;
    ///         notified.set(pushed.notified());
    ///     }
    /// }
    ///
    /// let values = Mutex::new(VecDeque::from([7]));
    /// assert_eq!(futures::executor::block_on(recv(&values, &Notify::new())), 7);
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().seat.poll(None).is_ready()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        leaf::waits(self.project().seat.poll(Some(cx.waker())), || "Notify::notified".into())
    }
}

pin_project! {
    /// The future of [`Notify::notified_owned`]. Once ready, it stays ready.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct OwnedNotified {
        #[pin]
        seat: Seat<Arc<Notify>>,
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>) -> Self {
        Self { seat: Seat::new(notify) }
    }

    /// Enters the queue without waiting, and says whether the future is ready: [`Notified::enable`].
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().seat.poll(None).is_ready()
    }
}

impl Future for OwnedNotified {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        leaf::waits(self.project().seat.poll(Some(cx.waker())), || "Notify::notified".into())
    }
}
