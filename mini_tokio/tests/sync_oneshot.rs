//! What a oneshot channel promises beyond its protocol: whose code runs when, and what a panic or a drop leaves behind.

mod wakers;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::FutureExt;
use mini_tokio::sync::oneshot::{self, error::TryRecvError};
use wakers::{counter, on_wake};

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_waker_may_take_the_value_and_drop_the_receiver() {
    let (sender, receiver) = oneshot::channel();
    let place = Arc::new(Mutex::new(Some(receiver)));
    let taken = Arc::new(Mutex::new(None));
    let waker = {
        let (place, taken) = (place.clone(), taken.clone());
        on_wake(move || {
            let mut receiver = place.lock().unwrap().take().expect("woken once");
            *taken.lock().unwrap() = Some(receiver.try_recv());
        })
    };
    let mut receiver = place.lock().unwrap().take().unwrap();
    assert!(receiver.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
    *place.lock().unwrap() = Some(receiver);
    assert_eq!(sender.send(7), Ok(()));
    assert_eq!(*taken.lock().unwrap(), Some(Ok(7)));
}

#[test]
fn a_waker_that_panics_leaves_the_value_sent() {
    let (sender, mut receiver) = oneshot::channel();
    let waker = on_wake(|| panic!("a waker that panics"));
    assert!(receiver.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(7))).is_err());
    assert_eq!(receiver.try_recv(), Ok(7));
}

#[test]
fn a_sender_whose_waker_panics_still_learns_of_the_close() {
    let (mut sender, receiver) = oneshot::channel::<u8>();
    let waker = on_wake(|| panic!("a waker that panics"));
    assert!(sender.poll_closed(&mut Context::from_waker(&waker)).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(receiver))).is_err());
    assert!(sender.is_closed());
    assert_eq!(sender.send(1), Err(1));
}

#[test]
fn only_the_last_waker_is_woken() {
    let (sender, mut receiver) = oneshot::channel();
    let first = on_wake(|| panic!("replaced"));
    let (wakes, second) = counter();
    for waker in [&first, &second, &second] {
        assert!(receiver.poll_unpin(&mut Context::from_waker(waker)).is_pending());
    }
    sender.send(7).unwrap();
    assert_eq!(wakes.load(SeqCst), 1);
    assert_eq!(receiver.poll_unpin(&mut Context::from_waker(&first)), Poll::Ready(Ok(7)));
}

#[test]
fn a_value_is_dropped_exactly_once_wherever_it_ends() {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = || Counted(drops.clone());

    let (sender, receiver) = oneshot::channel();
    assert!(sender.send(counted()).is_ok());
    drop(receiver);
    assert_eq!(drops.load(SeqCst), 1, "sent, never received");

    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    assert!(sender.send(counted()).is_err());
    assert_eq!(drops.load(SeqCst), 2, "given back");

    let (sender, mut receiver) = oneshot::channel();
    assert!(sender.send(counted()).is_ok());
    receiver.close();
    assert!(receiver.try_recv().is_ok(), "sent before the close");
    drop(receiver);
    assert_eq!(drops.load(SeqCst), 3, "received after the close");
}

#[test]
fn a_receiver_answers_once() {
    let (sender, mut receiver) = oneshot::channel::<u8>();
    assert!(!receiver.is_terminated() && receiver.is_empty());
    drop(sender);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert!(receiver.is_terminated() && receiver.is_empty());
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}
