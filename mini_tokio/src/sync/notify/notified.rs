//! The futures of a `Notify`: `Notified` borrows it, `OwnedNotified` shares it. Both are a [`Seat`].
//!
//! ```text
//!            poll, enable                    notified, or called, or delivered
//!   Fresh ------------------> Waits -----------------------------------------> Done
//!     |   nothing there yet     |                                               ^
//!     |                         +-- drop: leave the queue, pass on a `One`      |
//!     +-------------------------------------------------------------------------+
//!              poll, enable: a permit, or a broadcast since birth
//! ```
//!
//! Invariant `NOTIFY-9`: the node is in a list, or has a delivery, only in phase `Waits`; and in that phase the future
//! is pinned. So a drop in any other phase touches neither lock nor list.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use super::{Claim, Entry, Node, Notification, Notify, Waiter};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Fresh,
    Waits,
    Done,
}

pin_project! {
    /// One future's place at a `Notify`. It does not hold the `Notify` itself, since its two owners hold it
    /// differently: every method gets it as an argument, and it is always the same.
    struct Seat {
        // The future's own.
        phase: Phase,
        // Shared with notifiers in phase Waits.
        #[pin]
        node: Node<Waiter>,
    }
}

impl Seat {
    fn new(notify: &Notify) -> Self {
        Self { phase: Phase::Fresh, node: Node::new(Waiter::new(notify.state.generation())) }
    }

    /// Polls; without a waker, only enters the queue or looks.
    fn poll(self: Pin<&mut Self>, notify: &Notify, waker: Option<&Waker>) -> Poll<()> {
        let seat = self.project();
        let node = seat.node.into_ref();
        let entry = match *seat.phase {
            Phase::Fresh => Self::arrive(node, notify, waker),
            Phase::Waits => Self::look_again(seat.phase, node, notify, waker),
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
        match notify.state.claim(node.value().born) {
            Claim::Permit | Claim::Broadcast => Entry::Notified,
            // SAFETY: phase Fresh, so it is in no list and has no delivery (NOTIFY-9). `Waits` makes the phase `Waits`,
            // and then `drop` or `look_again` leaves.
            Claim::Nothing => unsafe { notify.enter(node, waker.cloned()) },
        }
    }

    fn look_again(phase: &mut Phase, node: Pin<&Node<Waiter>>, notify: &Notify, waker: Option<&Waker>) -> Entry {
        let waiter = node.value();
        if waiter.notification().is_some() {
            return Entry::Notified;
        }
        if notify.was_called(waiter) {
            // Called, but the sweep has not come to this node yet. `leave` may still find a `One` that came just before
            // the call: this return uses it up, like any other.
            // `leave` drops a waker, which may panic: the node has left its list by then, so the phase must be Done
            // first.
            *phase = Phase::Done;
            // SAFETY: the phase was Waits, and never will be again.
            unsafe { notify.leave(&node) };
            return Entry::Notified;
        }
        match waker {
            None => Entry::Waits,
            Some(waker) => Self::update_waker(waiter, notify, waker),
        }
    }

    /// Makes `waker` the one to be woken. It is cloned only if it differs, and not under the lock: hence the two
    /// rounds.
    fn update_waker(waiter: &Waiter, notify: &Notify, waker: &Waker) -> Entry {
        let mut clone = None;
        loop {
            let lists = notify.lists.lock();
            if waiter.notification().is_some() {
                drop(lists);
                return Entry::Notified; // the clone, if any, is dropped after the lock: NOTIFY-8
            }
            // A broadcast whose sweep is still on its way finds the new waker. So it needs no look here.
            // SAFETY: locked, and nothing was delivered.
            if unsafe { waiter.will_wake(waker) } {
                return Entry::Waits;
            }
            if clone.is_some() {
                // SAFETY: locked, and nothing was delivered.
                let old = unsafe { waiter.replace_waker(clone.take()) };
                drop(lists);
                drop(old); // user code, hence after the lock: NOTIFY-8
                return Entry::Waits;
            }
            drop(lists);
            clone = Some(waker.clone());
        }
    }

    /// The future is being dropped.
    // ANCHOR: notify-pass-on
    fn vacate(self: Pin<&mut Self>, notify: &Notify) {
        let seat = self.project();
        if *seat.phase != Phase::Waits {
            return;
        }
        *seat.phase = Phase::Done;
        // SAFETY: phase Waits, and never again after this.
        let notification = unsafe { notify.leave(&seat.node) };
        // It was notified and will never know. Whoever called `notify_one` counts on somebody being woken.
        #[cfg(not(bug_notify_drop_keeps))]
        if let Some(Notification::One(end)) = notification {
            notify.notify(end);
        }
        #[cfg(bug_notify_drop_keeps)]
        let _ = matches!(notification, Some(Notification::One(_)));
    }
}

pin_project! {
    /// The future of [`Notify::notified`]. Once ready, it stays ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct Notified<'a> {
        notify: &'a Notify,
        #[pin]
        seat: Seat,
    }

    impl PinnedDrop for Notified<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.seat.vacate(this.notify);
        }
    }
}

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify) -> Self {
        Self { notify, seat: Seat::new(notify) }
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
        let this = self.project();
        this.seat.poll(this.notify, None).is_ready()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.seat.poll(this.notify, Some(cx.waker()))
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified").field("notify", self.notify).field("phase", &self.seat.phase).finish()
    }
}

pin_project! {
    /// The future of [`Notify::notified_owned`]. Once ready, it stays ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct OwnedNotified {
        notify: Arc<Notify>,
        #[pin]
        seat: Seat,
    }

    impl PinnedDrop for OwnedNotified {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.seat.vacate(this.notify);
        }
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>) -> Self {
        let seat = Seat::new(&notify);
        Self { notify, seat }
    }

    /// Enters the queue without waiting, and says whether the future is ready: [`Notified::enable`].
    pub fn enable(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        this.seat.poll(this.notify, None).is_ready()
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.seat.poll(this.notify, Some(cx.waker()))
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedNotified").field("notify", &self.notify).field("phase", &self.seat.phase).finish()
    }
}
