//! What loom explores of `broadcast`. A lost wake-up shows as a deadlock.

use std::{
    future::Future,
    mem::ManuallyDrop,
    pin::pin,
    task::{Context, Poll, Wake, Waker},
};

use loom::thread;

use super::{error::RecvError, *};

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

/// `bug_broadcast_look_before_listen`, `bug_broadcast_notify_before_push`.
#[test]
fn a_value_sent_while_a_receiver_goes_to_sleep_wakes_it() {
    explore(3, || {
        let (sender, mut receiver) = channel(2);
        let thread = thread::spawn(move || {
            assert!(sender.send(1).is_ok());
            sender
        });
        assert_eq!(block_on(receiver.recv()), Ok(1));
        drop(thread.join().unwrap());
    });
}

/// `bug_broadcast_silent_close`.
#[test]
fn the_end_of_the_last_sender_wakes_a_receiver() {
    explore(3, || {
        let (sender, mut receiver) = channel::<u32>(2);
        let second = sender.clone();
        let threads = [sender, second].map(|sender| thread::spawn(move || drop(sender)));
        assert_eq!(block_on(receiver.recv()), Err(RecvError::Closed));
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// `bug_broadcast_upgrade_in_two_steps`: who was told that the channel is closed is told the truth.
#[test]
fn a_closed_channel_stays_closed() {
    explore(3, || {
        let (sender, mut receiver) = channel::<u32>(2);
        let weak = sender.downgrade();
        let upgrader = thread::spawn(move || weak.upgrade().map(|sender| sender.send(1).is_ok()));
        drop(sender);
        let first = receiver.try_recv();
        let upgraded = upgrader.join().unwrap();
        if first == Err(error::TryRecvError::Closed) {
            assert_eq!(upgraded, None, "a sender came back from the dead");
        }
    });
}

/// `bug_broadcast_blind_return`: two senders overfill the channel while it is read: what is missed and what is read add up.
#[test]
fn every_value_is_received_or_counted_as_missed() {
    explore(2, || {
        let (sender, mut receiver) = channel(1);
        let second = sender.clone();
        let threads = [sender, second].map(|sender| thread::spawn(move || drop(sender.send(1))));
        let mut sum = 0;
        loop {
            match block_on(receiver.recv()) {
                Ok(value) => sum += value,
                Err(RecvError::Lagged(missed)) => sum += missed,
                Err(RecvError::Closed) => break,
            }
        }
        assert_eq!(sum, 2);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// `bug_broadcast_silent_return`: two receivers clone one value, not at once, and the second one to come is called.
#[test]
fn the_end_of_a_loan_wakes_who_wants_the_message() {
    explore(3, || {
        let (sender, mut first) = channel(1);
        let mut second = sender.subscribe();
        assert!(sender.send(1).is_ok());
        let thread = thread::spawn(move || first.try_recv());
        assert_eq!(second.try_recv(), Ok(1));
        assert_eq!(thread.join().unwrap(), Ok(1));
        assert!(sender.is_empty());
    });
}

/// One waits for a message that another one clones, and it is overwritten.
#[test]
fn who_waits_for_a_message_learns_that_it_was_overwritten() {
    explore(2, || {
        let (sender, mut first) = channel(1);
        let mut second = sender.subscribe();
        assert!(sender.send(1).is_ok());
        let reader = thread::spawn(move || {
            let seen = first.try_recv();
            assert!(seen == Ok(1) || seen == Err(error::TryRecvError::Lagged(1)));
        });
        let writer = thread::spawn(move || assert!(sender.send(2).is_ok()));
        let seen = second.try_recv();
        assert!(seen == Ok(1) || seen == Err(error::TryRecvError::Lagged(1)));
        reader.join().unwrap();
        writer.join().unwrap();
        assert_eq!(second.try_recv(), Ok(2));
    });
}

/// Two receivers, one of which gives up at any moment: the other one is woken all the same, and nothing is retained.
#[test]
fn a_receiver_that_leaves_takes_nothing_along() {
    explore(2, || {
        let (sender, mut stays) = channel(2);
        let mut leaves = sender.subscribe();
        let leaver = thread::spawn(move || {
            let recv = pin!(leaves.recv());
            let _ = recv.poll(&mut Context::from_waker(Waker::noop()));
        });
        let thread = thread::spawn(move || {
            assert!(sender.send(1).is_ok());
            sender
        });
        assert_eq!(block_on(stays.recv()), Ok(1));
        leaver.join().unwrap();
        assert_eq!(thread.join().unwrap().len(), 0);
    });
}

/// `closed` against the drops of two receivers.
#[test]
fn the_end_of_the_last_receiver_wakes_a_sender() {
    explore(3, || {
        let (sender, receiver) = channel::<u32>(1);
        let second = sender.subscribe();
        let threads = [receiver, second].map(|receiver| thread::spawn(move || drop(receiver)));
        block_on(sender.closed());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
