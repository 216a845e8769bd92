//! What loom explores: every order in which the lock is taken and the counters change.
//!
//! A lost wake-up shows as a deadlock. The header of each model names the `bug_…` switch that makes it fail.

use std::{
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::Arc,
    task::{Poll, Wake, Waker},
};

use loom::thread;

use super::{
    channel::{self, Channel},
    handles::Inlet,
    outlet::Outlet,
    reserve::Reserve,
};

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn block_on<R>(mut poll: impl FnMut(&Waker) -> Poll<R>) -> R {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    let waker = Waker::from(sleeper.clone());
    loop {
        match poll(&waker) {
            Poll::Ready(ready) => return ready,
            Poll::Pending => sleeper.0.wait(),
        }
    }
}

fn receive(outlet: &mut Outlet<u8>) -> Option<u8> {
    block_on(|waker| outlet.poll_recv(waker))
}

/// Waits for a slot, and sends.
fn send(channel: &Channel<u8>, value: u8) -> bool {
    let mut reserve = Kept::new(Box::pin(Reserve::new(channel, 1)));
    let reserved = block_on(|waker| reserve.as_mut().poll(waker)).is_ok();
    if reserved {
        channel.send_reserved(value);
    }
    reserved
}

fn in_line(channel: &Channel<u8>, slots: usize) -> Kept<Pin<Box<Reserve<'_, u8>>>> {
    let mut reserve = Kept::new(Box::pin(Reserve::new(channel, slots)));
    assert!(reserve.as_mut().poll(Waker::noop()).is_pending());
    reserve
}

/// Something that is forgotten, not dropped, when a model fails: its drop takes a lock, and loom answers that with a second
/// panic, which would end the process and the report.
struct Kept<E>(ManuallyDrop<E>);

impl<E> Kept<E> {
    fn new(end: E) -> Self {
        Self(ManuallyDrop::new(end))
    }
}

impl<E> Deref for Kept<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0
    }
}

impl<E> DerefMut for Kept<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.0
    }
}

impl<E> Drop for Kept<E> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: this is the only place that drops it, and a drop runs once.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        }
    }
}

fn explore(bound: usize, model: impl Fn(Kept<Inlet<u8>>, Kept<Outlet<u8>>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let (inlet, outlet) = channel::new(bound);
        model(Kept::new(inlet), Kept::new(outlet));
    });
}

/// `bug_mpsc_no_second_look`: the value comes while the waker is being cloned.
/// `bug_mpsc_stale_census`: the last sender goes after the receiver has counted.
#[test]
fn a_receiver_on_its_way_to_sleep_misses_neither_a_value_nor_the_end() {
    explore(1, |inlet, mut outlet| {
        let thread = thread::spawn(move || assert!(inlet.channel().try_send(1).is_ok()));
        assert_eq!(receive(&mut outlet), Some(1));
        assert_eq!(receive(&mut outlet), None);
        thread.join().unwrap();
    });
}

/// Who sees no sender left has seen all that was sent.
#[test]
fn two_senders_and_a_receiver_lose_nothing() {
    explore(1, |inlet, mut outlet| {
        let other = Kept::new(Inlet::clone(&inlet));
        let one = thread::spawn(move || assert!(send(inlet.channel(), 1)));
        let two = thread::spawn(move || assert!(send(other.channel(), 2)));
        let sum = receive(&mut outlet).unwrap() + receive(&mut outlet).unwrap();
        assert_eq!(sum, 3);
        assert_eq!(receive(&mut outlet), None);
        one.join().unwrap();
        two.join().unwrap();
        assert_eq!(outlet.channel().free(), 1);
    });
}

/// `bug_mpsc_silent_last_slot`: the receiver of a closed channel sleeps for a permit that will never be used.
#[test]
fn a_permit_given_back_after_the_close_ends_the_channel() {
    explore(1, |inlet, mut outlet| {
        assert!(inlet.channel().try_reserve(1).is_ok());
        let holder = Kept::new(Inlet::clone(&inlet));
        let thread = thread::spawn(move || holder.channel().release(1));
        outlet.channel().close();
        assert_eq!(receive(&mut outlet), None);
        thread.join().unwrap();
        drop(inlet);
    });
}

/// What was accepted before the close is received; what comes after is refused.
#[test]
fn a_value_sent_while_the_channel_is_closed_is_received_or_refused() {
    explore(2, |inlet, mut outlet| {
        let thread = thread::spawn(move || send(inlet.channel(), 1));
        outlet.channel().close();
        let received = receive(&mut outlet).is_some();
        assert_eq!(thread.join().unwrap(), received);
    });
}

/// `bug_mpsc_cancel_keeps`: a sender that is granted a slot and dropped at the same moment takes it with it.
#[test]
fn a_slot_granted_to_a_sender_that_gives_up_goes_to_the_next() {
    explore(1, |inlet, mut outlet| {
        assert!(inlet.channel().try_send(1).is_ok());
        let first = Kept::new(Inlet::clone(&inlet));
        let cancelled = in_line(first.channel(), 1);
        let other = Kept::new(Inlet::clone(&inlet));
        let thread = thread::spawn(move || assert!(send(other.channel(), 2)));
        assert_eq!(receive(&mut outlet), Some(1));
        drop(cancelled);
        assert_eq!(receive(&mut outlet), Some(2));
        thread.join().unwrap();
        assert_eq!(inlet.channel().free(), 1);
    });
}

/// The middle one leaves the line while slots are handed out.
#[test]
fn a_sender_in_the_middle_of_the_line_may_leave_at_any_moment() {
    explore(1, |inlet, mut outlet| {
        let channel = inlet.channel();
        assert!(channel.try_send(1).is_ok());
        let mut first = in_line(channel, 1);
        let middle = in_line(channel, 1);
        let mut last = in_line(channel, 1);
        let thread = thread::spawn(move || {
            assert_eq!(receive(&mut outlet), Some(1));
            outlet
        });
        drop(middle);
        assert!(block_on(|waker| first.as_mut().poll(waker)).is_ok());
        channel.release(1);
        assert!(block_on(|waker| last.as_mut().poll(waker)).is_ok());
        channel.release(1);
        drop(thread.join().unwrap());
        assert_eq!(channel.free(), 1);
    });
}

/// The receiver is dropped while a value is on its way: it is dropped with the receiver or comes back.
#[test]
fn a_dropped_receiver_frees_whoever_waits() {
    explore(1, |inlet, outlet| {
        assert!(inlet.channel().try_send(1).is_ok());
        let thread = thread::spawn(move || drop(outlet));
        assert!(!send(inlet.channel(), 2));
        thread.join().unwrap();
        assert_eq!(inlet.channel().free(), 1);
    });
}
