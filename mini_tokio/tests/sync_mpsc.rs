//! What an mpsc channel promises beyond its protocol: order, fairness, whose code runs when, and what a panic leaves behind.

mod wakers;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::FutureExt;
use mini_tokio::sync::mpsc::{
    self,
    error::{TryRecvError, TrySendError},
};
use wakers::{counter, on_wake};

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn a_free_slot_goes_to_whoever_waits_longest() {
    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(0).unwrap();
    let ((first_wakes, first), (second_wakes, second)) = (counter(), counter());
    let mut a = pin!(sender.send(1));
    let mut b = pin!(sender.send(2));
    assert!(poll(a.as_mut(), &first).is_pending());
    assert!(poll(b.as_mut(), &second).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    assert_eq!((first_wakes.load(SeqCst), second_wakes.load(SeqCst)), (1, 0));
    assert_eq!(sender.capacity(), 0, "the slot has an owner");
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)), "nobody jumps the queue");
    assert!(poll(b.as_mut(), &second).is_pending());
    assert!(poll(a.as_mut(), &first).is_ready());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(poll(b.as_mut(), &second).is_ready());
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(sender.capacity(), 1);
}

#[test]
fn a_sender_that_gives_up_hands_its_slot_to_the_next() {
    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(0).unwrap();
    let ((_, first), (wakes, second)) = (counter(), counter());
    let mut a = Box::pin(sender.send(1));
    let mut b = pin!(sender.send(2));
    assert!(poll(a.as_mut(), &first).is_pending());
    assert!(poll(b.as_mut(), &second).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    drop(a);
    assert_eq!(wakes.load(SeqCst), 1);
    assert!(poll(b.as_mut(), &second).is_ready());
    assert_eq!(receiver.try_recv(), Ok(2));
}

#[test]
fn whoever_wants_many_slots_collects_them_and_gives_them_back_when_dropped() {
    let (sender, mut receiver) = mpsc::channel(3);
    (0..3).for_each(|i| sender.try_send(i).unwrap());
    let (_, waker) = counter();
    let mut many = Box::pin(sender.reserve_many(3));
    assert!(poll(many.as_mut(), &waker).is_pending());
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
    assert_eq!(sender.capacity(), 0, "two slots are kept for it");
    drop(many);
    assert_eq!(sender.capacity(), 2);
}

#[test]
fn a_value_waits_for_its_slot_to_be_received_not_collected() {
    let (sender, mut receiver) = mpsc::channel(4);
    (0..4).for_each(|i| sender.try_send(i).unwrap());
    for left in (0..4).rev() {
        assert!(receiver.try_recv().is_ok());
        assert_eq!((receiver.len(), sender.capacity()), (left, 4 - left));
    }
}

#[test]
fn the_receivers_waker_may_receive_and_send() {
    let (sender, receiver) = mpsc::unbounded_channel();
    let receiver = Arc::new(Mutex::new(receiver));
    let got = Arc::new(Mutex::new(Vec::new()));
    let waker = {
        let (sender, receiver, got) = (sender.clone(), receiver.clone(), got.clone());
        on_wake(move || {
            sender.send(2).unwrap();
            let mut receiver = receiver.lock().unwrap();
            got.lock().unwrap().extend([receiver.try_recv(), receiver.try_recv()]);
        })
    };
    assert!(receiver.lock().unwrap().poll_recv(&mut Context::from_waker(&waker)).is_pending());
    sender.send(1).unwrap();
    assert_eq!(*got.lock().unwrap(), [Ok(1), Ok(2)]);
}

/// Uses its channel when it is dropped.
struct Sends(mpsc::UnboundedSender<Sends>, Arc<AtomicUsize>);

impl Drop for Sends {
    fn drop(&mut self) {
        self.1.fetch_add(1, SeqCst);
        let another = Sends(self.0.clone(), self.1.clone());
        if let Err(error) = self.0.send(another) {
            std::mem::forget(error); // else it would go on for ever
        }
    }
}

#[test]
fn values_left_behind_may_use_the_channel_while_they_are_dropped() {
    let (sender, receiver) = mpsc::unbounded_channel();
    let drops = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        assert!(sender.send(Sends(sender.clone(), drops.clone())).is_ok());
    }
    drop(receiver);
    assert_eq!(drops.load(SeqCst), 3);
    assert!(sender.is_closed());
}

/// Panics when it is dropped, if it is the one.
struct Panics(bool, Arc<AtomicUsize>);

impl Drop for Panics {
    fn drop(&mut self) {
        self.1.fetch_add(1, SeqCst);
        assert!(!self.0, "a value whose drop panics");
    }
}

#[test]
fn a_drop_that_panics_loses_no_other_value_and_leaves_the_channel_closed() {
    let (sender, mut receiver) = mpsc::channel(4);
    let drops = Arc::new(AtomicUsize::new(0));
    let mut closed = pin!(sender.closed());
    let (wakes, waker) = counter();
    assert!(poll(closed.as_mut(), &waker).is_pending());
    for which in 0..4 {
        assert!(sender.try_send(Panics(which == 1, drops.clone())).is_ok());
    }
    drop(receiver.try_recv());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(receiver))).is_err());
    assert_eq!(drops.load(SeqCst), 4);
    assert!(sender.is_closed());
    assert_eq!(wakes.load(SeqCst), 1);
    assert!(poll(closed.as_mut(), &waker).is_ready());
}

#[test]
fn permits_outlive_the_close_and_the_end_waits_for_them() {
    let (sender, mut receiver) = mpsc::channel(2);
    let (used, unused) = (sender.try_reserve().unwrap(), sender.try_reserve().unwrap());
    receiver.close();
    assert_eq!(sender.try_send(1), Err(TrySendError::Closed(1)));
    let (wakes, waker) = counter();
    assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    used.send(7);
    assert_eq!(wakes.load(SeqCst), 1);
    assert_eq!(receiver.poll_recv(&mut Context::from_waker(&waker)), Poll::Ready(Some(7)));
    assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    drop(unused);
    assert_eq!(wakes.load(SeqCst), 2, "the last slot ends the channel");
    assert_eq!(receiver.recv().now_or_never(), Some(None));
}

#[test]
fn recv_many_takes_what_is_there_up_to_its_limit() {
    let (sender, mut receiver) = mpsc::channel(8);
    (0..6).for_each(|i| sender.try_send(i).unwrap());
    let mut buffer = Vec::new();
    assert_eq!(receiver.recv_many(&mut buffer, 4).now_or_never(), Some(4));
    sender.try_send(6).unwrap();
    assert_eq!(receiver.recv_many(&mut buffer, 0).now_or_never(), Some(0));
    assert_eq!(receiver.recv_many(&mut buffer, 4).now_or_never(), Some(3), "also what came after the first swap");
    assert_eq!(buffer, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(sender.capacity(), 8);
}
