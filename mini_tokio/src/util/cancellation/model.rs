//! What loom explores of cancellation. A lost wake-up shows as a deadlock.

use std::{
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Wake, Waker},
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
fn block_on<F: Future>(future: Pin<Box<F>>) -> F::Output {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut future = ManuallyDrop::new(future);
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

/// `bug_cancel_notify_before_flag`: the future is ready, and the token says that it is not cancelled.
#[test]
fn a_cancellation_reaches_a_task_that_goes_to_sleep() {
    explore(3, || {
        let token = CancellationToken::new();
        let canceller = token.clone();
        let thread = thread::spawn(move || canceller.cancel());
        block_on(Box::pin(token.cancelled()));
        assert!(token.is_cancelled());
        thread.join().unwrap();
    });
}

/// `bug_cancel_unlocked_birth`.
#[test]
fn a_child_born_during_a_cancellation_is_cancelled() {
    explore(3, || {
        let token = CancellationToken::new();
        let canceller = token.clone();
        let thread = thread::spawn(move || canceller.cancel());
        let child = token.child_token();
        block_on(Box::pin(child.cancelled()));
        thread.join().unwrap();
    });
}

/// `bug_cancel_forgotten_grandchild`.
#[test]
fn a_cancellation_reaches_a_grandchild_whose_parent_is_being_dropped() {
    explore(3, || {
        let root = CancellationToken::new();
        let middle = root.child_token();
        let leaf = middle.child_token();
        let threads = [thread::spawn(move || drop(middle)), thread::spawn(move || root.cancel())];
        block_on(Box::pin(leaf.clone().cancelled_owned()));
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Two cancellations, of a parent and of its child, against a drop of the child's other handle.
#[test]
fn parent_and_child_are_cancelled_at_once() {
    explore(2, || {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let other = child.clone();
        let threads = [thread::spawn(move || child.cancel()), thread::spawn(move || parent.cancel())];
        block_on(Box::pin(other.cancelled()));
        drop(other);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A task that is woken by its child's cancellation finds the parent's done as well.
#[test]
fn flags_are_up_before_anybody_is_woken() {
    explore(2, || {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let canceller = parent.clone();
        let thread = thread::spawn(move || canceller.cancel());
        block_on(Box::pin(child.cancelled()));
        let seen = child.is_cancelled();
        thread.join().unwrap();
        assert!(seen && parent.is_cancelled());
    });
}
