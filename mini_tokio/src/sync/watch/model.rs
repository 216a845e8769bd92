//! What loom explores of `watch`. A lost wake-up shows as a deadlock.

use std::{
    future::Future,
    mem::ManuallyDrop,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use loom::thread;

use super::*;

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// The future is forgotten if the model fails on the way: its drop takes a lock, and loom answers that with a second
/// panic, which would end the process and the report.
fn block_on<F: Future>(future: F) -> F::Output {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut future = ManuallyDrop::new(Box::pin(future));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            drop(ManuallyDrop::into_inner(future));
            return output;
        }
        sleeper.0.wait();
    }
}

fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// `bug_watch_look_before_listen`, `bug_watch_notify_before_version`.
#[test]
fn a_value_sent_while_a_receiver_goes_to_sleep_wakes_it() {
    explore(3, || {
        let (sender, mut receiver) = channel(0);
        let thread = thread::spawn(move || {
            sender.send(1).unwrap();
            sender
        });
        block_on(receiver.changed()).unwrap();
        assert_eq!(*receiver.borrow(), 1);
        let sender = thread.join().unwrap();
        assert!(!receiver.has_changed().unwrap());
        drop(sender);
    });
}

/// `bug_watch_silent_close`.
#[test]
fn the_end_of_the_last_sender_wakes_a_receiver() {
    explore(3, || {
        let (sender, mut receiver) = channel(0);
        let second = sender.clone();
        let threads = [sender, second].map(|sender| thread::spawn(move || drop(sender)));
        assert!(block_on(receiver.changed()).is_err());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The value and the end of its sender come as one surprise: the value is not lost to the end.
#[test]
fn the_last_value_is_seen_before_the_end() {
    explore(3, || {
        let (sender, mut receiver) = channel(0);
        let thread = thread::spawn(move || sender.send(1).unwrap());
        block_on(receiver.changed()).unwrap();
        assert_eq!(*receiver.borrow_and_update(), 1);
        assert!(block_on(receiver.changed()).is_err());
        thread.join().unwrap();
    });
}

/// Two receivers, one of which gives up at any moment: the other one is woken all the same.
#[test]
fn a_receiver_that_leaves_takes_no_wake_up_along() {
    explore(2, || {
        let (sender, mut stays) = channel(0);
        let mut leaves = stays.clone();
        let leaver = thread::spawn(move || {
            let changed = pin!(leaves.changed());
            let _ = changed.poll(&mut Context::from_waker(Waker::noop()));
        });
        let thread = thread::spawn(move || sender.send(1).unwrap());
        block_on(stays.changed()).unwrap();
        leaver.join().unwrap();
        thread.join().unwrap();
    });
}

/// What `borrow_and_update` marks as seen is what it returns: a value that comes meanwhile stays news.
#[test]
fn the_version_marked_as_seen_is_that_of_the_value_returned() {
    explore(3, || {
        let (sender, mut receiver) = channel(0);
        let thread = thread::spawn(move || {
            sender.send(1).unwrap();
            sender
        });
        let seen = *receiver.borrow_and_update();
        let sender = thread.join().unwrap();
        assert_eq!(receiver.has_changed().unwrap(), seen == 0);
        drop(sender);
    });
}

/// `closed` against the drops of two receivers.
#[test]
fn the_end_of_the_last_receiver_wakes_a_sender() {
    explore(3, || {
        let (sender, receiver) = channel(0);
        let second = receiver.clone();
        let threads = [receiver, second].map(|receiver| thread::spawn(move || drop(receiver)));
        block_on(sender.closed());
        assert!(sender.is_closed());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
