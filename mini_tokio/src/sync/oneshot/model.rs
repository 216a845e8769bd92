//! What loom explores: every order of the steps of the two ends.
//!
//! A lost wake-up shows as a deadlock, a missing hand-over of the value or of a waker as a data race. The header of each
//! model names the `bug_…` switch that makes it fail.

use std::{
    mem::ManuallyDrop,
    sync::Arc,
    task::{Poll, Wake, Waker},
};

use loom::thread;

use super::{
    shared::{ReceiverEnd, SenderEnd, channel},
    state::Look,
};

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn sleeper() -> (Arc<Sleeper>, Waker) {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    (sleeper.clone(), Waker::from(sleeper))
}

fn receive(receiver: &mut ReceiverEnd<u8>) -> Option<u8> {
    let (sleeper, waker) = sleeper();
    loop {
        match receiver.look_or_wait(&waker) {
            Look::Value => return receiver.take(),
            Look::Nothing => return None,
            Look::NotYet => sleeper.0.wait(),
        }
    }
}

/// An end that is forgotten, not dropped, when a model fails: its drop would run into loom's own panic.
struct Kept<E>(ManuallyDrop<E>);

impl<E> Kept<E> {
    fn new(end: E) -> Self {
        Self(ManuallyDrop::new(end))
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

fn explore(model: impl Fn(SenderEnd<u8>, Kept<ReceiverEnd<u8>>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        let (sender, receiver) = channel();
        model(sender, Kept::new(receiver));
    });
}

/// `bug_oneshot_no_second_look`: the value comes between the look and the waker.
/// `bug_oneshot_relaxed_finish`: the value is not handed over with the word.
#[test]
fn a_value_reaches_a_receiver_on_its_way_to_sleep() {
    explore(|sender, mut receiver| {
        let thread = thread::spawn(move || sender.send(7));
        assert_eq!(receive(&mut receiver.0), Some(7));
        assert_eq!(thread.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_receiver_that_waits_learns_that_the_sender_is_gone() {
    explore(|sender, mut receiver| {
        let thread = thread::spawn(move || drop(sender));
        assert_eq!(receive(&mut receiver.0), None);
        thread.join().unwrap();
    });
}

/// `bug_oneshot_send_after_close`: the sender overlooks the close.
#[test]
fn a_value_is_received_or_comes_back_when_the_receiver_closes() {
    explore(|sender, mut receiver| {
        let thread = thread::spawn(move || sender.send(7).is_ok());
        receiver.0.close();
        let first = receiver.0.look();
        let received = if first == Look::Value { receiver.0.take() } else { None };
        let sent = thread.join().unwrap();
        assert_ne!(first, Look::NotYet);
        assert_eq!(sent, received.is_some());
        assert_eq!(receiver.0.look(), first, "after the close, the answer stands");
    });
}

/// The last to go frees the allocation and what is in it, once.
#[test]
fn a_value_is_dropped_once_when_the_receiver_goes_while_it_is_sent() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let (sender, mut receiver) = channel();
        let value = Arc::new(());
        let copy = value.clone();
        let (_sleeper, waker) = sleeper();
        assert_eq!(receiver.look_or_wait(&waker), Look::NotYet);
        let thread = thread::spawn(move || drop(sender.send(copy)));
        drop(receiver);
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

/// A poll with another waker takes the cell back while the sender may be taking the waker out of it.
#[test]
fn a_receiver_may_change_its_waker_while_the_sender_sends() {
    explore(|sender, mut receiver| {
        let (_first, waker) = sleeper();
        assert_eq!(receiver.0.look_or_wait(&waker), Look::NotYet);
        let thread = thread::spawn(move || sender.send(7));
        assert_eq!(receive(&mut receiver.0), Some(7));
        assert_eq!(thread.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_sender_on_its_way_to_sleep_learns_of_the_close() {
    explore(|sender, receiver| {
        let mut sender = Kept::new(sender);
        let thread = thread::spawn(move || drop(receiver));
        let (_other, waker) = sleeper();
        let _ = sender.0.poll_closed(&waker);
        let (sleeper, waker) = sleeper();
        while sender.0.poll_closed(&waker) == Poll::Pending {
            sleeper.0.wait();
        }
        thread.join().unwrap();
    });
}
