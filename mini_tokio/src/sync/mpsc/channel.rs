//! The channel itself: a ring and the free slots, under one lock.
//!
//! Invariants:
//! - `MPSC-1`: no user code runs under the lock: wakers are taken out and called after it, values are only moved.
//! - `MPSC-2`: the receiver leaves its waker under the same hold of the lock under which it found nothing. Who changes
//!   anything that it waits for (a value, the last slot of a closed channel, the last sender) takes the waker under the
//!   lock, after the change.
//! - `MPSC-3`: after the close nobody takes a slot or pushes into an unbounded channel; who has a permit may still use it.
//! - `MPSC-4`: after the receiver is dropped, the ring stays empty.
//! - `MPSC-5`: the channel has ended, for the receiver, if the ring is empty and nobody can fill it: the senders are gone,
//!   or it is closed and all slots are free.
//!
//! ```text
//!   send                                          recv
//!   1. lock                                       1. take from the batch: done
//!   2. closed? full? give up or wait              2. lock; swap batch and ring; something there? give a slot back, done
//!   3. take a slot, push                          3. ended? None
//!   4. take the receiver's waker                  4. leave the waker (cloned before: MPSC-1)
//!   5. unlock, wake                               5. unlock, Pending
//! ```

use std::{
    collections::VecDeque,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
    task::Waker,
};

use super::{
    error::TrySendError,
    handles::{Census, Inlet},
    outlet::Outlet,
    slots::{Slots, UNBOUNDED},
};
use crate::{
    shim::{Arc, Mutex},
    sync::{Notify, wake_batch::WakeBatch},
};

/// What both sides share.
pub(super) struct Channel<T> {
    pub(super) bound: usize,
    pub(super) census: Census,
    /// Wakes those who await [`Sender::closed`](super::Sender::closed).
    pub(super) closing: Notify,
    /// The lock.
    state: Mutex<State<T>>,
}

/// Guarded by the lock.
pub(super) struct State<T> {
    ring: VecDeque<T>,
    /// Who waits for something to receive.
    receiver: Option<Waker>,
    phase: Phase,
    pub(super) slots: Slots,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Open,
    /// The receiver wants what was sent or promised before, and nothing more.
    Closed,
    /// Nobody will ever receive.
    Abandoned,
}

/// What the receiver finds.
#[must_use]
pub(super) enum Collect {
    /// There is something in the batch, and the slot of its first value was given back: take the value out, wake this.
    Values(Option<Waker>),
    /// There is nothing at this moment.
    Nothing,
    /// There will never be anything again.
    Ended,
}

// User code never runs under the lock (MPSC-1), so no panic leaves anything half changed.
impl<T> UnwindSafe for Channel<T> {}
impl<T> RefUnwindSafe for Channel<T> {}

/// A channel with its first sender.
pub(super) fn new<T>(bound: usize) -> (Inlet<T>, Outlet<T>) {
    let state = State { ring: VecDeque::new(), receiver: None, phase: Phase::Open, slots: Slots::new(bound) };
    let channel = Channel { bound, census: Census::new(), closing: Notify::new(), state: Mutex::new(state) };
    let channel = Arc::new(channel);
    (Inlet::first(channel.clone()), Outlet::new(channel))
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<T> State<T> {
    pub(super) fn is_closed(&self) -> bool {
        self.phase != Phase::Open
    }

    /// Nobody gets a slot any more, and whoever is in line is sent away.
    // ANCHOR: mpsc-close
    fn close(&mut self, phase: Phase, wakers: &mut WakeBatch) {
        self.phase = phase;
        while self.slots.somebody_waits() {
            wakers.push(self.slots.dismiss());
        }
    }

    /// The receiver's waker, if it waits for nothing but the last slot, and this was it (MPSC-2).
    #[must_use = "the receiver sleeps until this is woken"]
    fn perhaps_ended(&mut self) -> Option<Waker> {
        let ended = self.is_closed() && self.slots.all_free();
        if ended && cfg!(not(bug_mpsc_silent_last_slot)) { self.receiver.take() } else { None }
    }
}

/// The senders' side.
impl<T> Channel<T> {
    /// Does something under the lock, which is no user code.
    pub(super) fn locked<R>(&self, f: impl FnOnce(&mut State<T>) -> R) -> R {
        f(&mut self.state.lock())
    }

    /// Sends if there is a free slot.
    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut value = Some(value);
        self.try_send_from(&mut value).map_err(|error| {
            let value = value.expect("it was not sent");
            match error {
                TrySendError::Full(()) => TrySendError::Full(value),
                TrySendError::Closed(()) => TrySendError::Closed(value),
            }
        })
    }

    /// The same for the value in `value`, which stays there if it is not sent. Values may be large: one that came back in
    /// the error would be copied again and again on its way, also when there is no error.
    // ANCHOR: mpsc-try-send
    pub(super) fn try_send_from(&self, value: &mut Option<T>) -> Result<(), TrySendError<()>> {
        let mut state = self.state.lock();
        if state.is_closed() {
            return Err(TrySendError::Closed(()));
        }
        if !state.slots.take(1) {
            return Err(TrySendError::Full(()));
        }
        state.ring.push_back(value.take().expect("the caller wants to send something"));
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
        Ok(())
    }

    /// Sends into a channel without a bound.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn send_unbounded(&self, value: T) -> Result<(), T> {
        let mut state = self.state.lock();
        if state.is_closed() {
            drop(state);
            return Err(value);
        }
        state.ring.push_back(value);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
        Ok(())
    }

    /// Sends into a slot that the caller has reserved, also after the close. If nobody can receive any more, drops the
    /// value.
    pub(super) fn send_reserved(&self, value: T) {
        let mut state = self.state.lock();
        if state.phase == Phase::Abandoned {
            drop(state);
            self.release(1);
            return; // the value is dropped: user code, hence after the lock
        }
        state.ring.push_back(value);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
    }

    /// Reserves `slots` if they are free.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn try_reserve(&self, slots: usize) -> Result<(), TrySendError<()>> {
        let mut state = self.state.lock();
        match () {
            () if state.is_closed() => Err(TrySendError::Closed(())),
            () if state.slots.take(slots) => Ok(()),
            () => Err(TrySendError::Full(())),
        }
    }

    /// Gives `slots` back that were reserved, or whose values were received.
    pub(super) fn release(&self, slots: usize) {
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut state = self.state.lock();
        for _ in 0..slots {
            wakers.push(state.slots.give_back());
        }
        wakers.push(state.perhaps_ended());
    }

    /// Has the receiver look again.
    pub(super) fn wake_receiver(&self) {
        let receiver = self.state.lock().receiver.take();
        wake(receiver);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().is_closed()
    }

    pub(super) fn free(&self) -> usize {
        self.state.lock().slots.free()
    }

    /// Returns once the channel is closed.
    #[cfg(not(loom))]
    pub(super) async fn closed(&self) {
        loop {
            let closing = self.closing.notified(); // before the look: it counts from here on
            if self.is_closed() {
                return;
            }
            closing.await;
        }
    }
}

/// The receiver's side.
impl<T> Channel<T> {
    pub(super) fn is_bounded(&self) -> bool {
        self.bound != UNBOUNDED
    }

    /// How many values are in the ring.
    pub(super) fn len(&self) -> usize {
        self.state.lock().ring.len()
    }

    /// Fills `batch`, which is empty; if there is nothing, leaves `waker`, which is cloned only if it differs from the one
    /// that is there, and not under the lock: hence the two rounds.
    // ANCHOR: mpsc-collect
    pub(super) fn collect(&self, batch: &mut VecDeque<T>, waker: Option<&Waker>) -> Collect {
        let stale = cfg!(bug_mpsc_stale_census) && self.census.strong() > 0;
        let mut clone = None;
        loop {
            let mut state = self.state.lock();
            let again = clone.is_some() && cfg!(bug_mpsc_no_second_look);
            if !again {
                match self.fill(&mut state, batch, stale) {
                    Collect::Nothing => {}
                    found => return found,
                }
            }
            let Some(waker) = waker else { return Collect::Nothing };
            if state.receiver.as_ref().is_some_and(|stored| stored.will_wake(waker)) {
                return Collect::Nothing; // the clone, if any, is dropped after the lock: it was declared before
            }
            if clone.is_some() {
                let old = mem::replace(&mut state.receiver, clone);
                drop(state);
                drop(old); // user code, hence after the lock
                return Collect::Nothing;
            }
            drop(state);
            clone = Some(waker.clone());
        }
    }

    /// `stale` is for the model: it believes that there are senders because there were.
    fn fill(&self, state: &mut State<T>, batch: &mut VecDeque<T>, stale: bool) -> Collect {
        if state.ring.is_empty() {
            let deserted = !stale && self.census.strong() == 0; // before or after a look at the ring: it needs the lock
            let ended = deserted || (state.is_closed() && state.slots.all_free());
            return if ended { Collect::Ended } else { Collect::Nothing };
        }
        mem::swap(&mut state.ring, batch);
        Collect::Values(self.give_back(state))
    }

    fn give_back(&self, state: &mut State<T>) -> Option<Waker> {
        if self.is_bounded() { state.slots.give_back() } else { None }
    }

    /// Appends what is in the ring to `batch`, which has something already.
    #[cfg_attr(loom, allow(dead_code))]
    pub(super) fn collect_more(&self, batch: &mut VecDeque<T>) {
        batch.append(&mut self.state.lock().ring);
    }

    /// A value from the batch is being received. Returns who is to be woken after that.
    #[must_use = "somebody sleeps until this is woken"]
    pub(super) fn received_one(&self) -> Option<Waker> {
        if self.is_bounded() { self.state.lock().slots.give_back() } else { None }
    }

    /// From now on nothing can be sent but what was promised.
    pub(super) fn close(&self) {
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut state = self.state.lock();
        state.close(Phase::Closed, &mut wakers);
        drop(state);
        self.tell_of_close();
    }

    /// The receiver is gone, and with it everything that was sent: `batch` and the ring, in this order.
    // ANCHOR: mpsc-abandon
    pub(super) fn abandon(&self, batch: VecDeque<T>) {
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut state = self.state.lock();
        state.close(Phase::Abandoned, &mut wakers);
        let ring = mem::take(&mut state.ring);
        let receiver = state.receiver.take();
        if self.is_bounded() {
            for _ in 0..batch.len() + ring.len() {
                let waker = state.slots.give_back();
                debug_assert!(waker.is_none(), "nobody waits at a closed channel");
            }
        }
        drop(state);
        // User code, hence after the lock. If one of these panics, the others are dropped all the same.
        self.tell_of_close();
        drop(receiver);
        drop(batch);
        drop(ring);
    }

    /// Wakes those who await `closed`. They borrow a sender, so without senders there are none.
    fn tell_of_close(&self) {
        if self.census.strong() > 0 {
            self.closing.notify_waiters();
        }
    }
}
