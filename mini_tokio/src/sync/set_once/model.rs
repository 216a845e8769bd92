//! What loom explores: who sets, who waits, and who sees the value.
//!
//! A lost wake-up shows as a deadlock, a missing hand-over of the value as a data race. The header of each model names the
//! `bug_…` switch that makes it fail.

use std::{
    future::Future,
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

fn block_on<F: Future>(future: F) -> F::Output {
    let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
    let waker = Waker::from(sleeper.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => sleeper.0.wait(),
        }
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// `bug_set_once_look_before_listen`: the value comes between the look and the birth of the `Notified`.
#[test]
fn who_waits_sees_the_value() {
    explore(|| {
        let cell = Arc::new(SetOnce::new());
        let other = cell.clone();
        let thread = thread::spawn(move || assert_eq!(other.set(7), Ok(())));
        assert_eq!(*block_on(cell.wait()), 7);
        thread.join().unwrap();
    });
}

#[test]
fn one_of_two_sets_and_the_other_finds_the_value() {
    explore(|| {
        let cell = Arc::new(SetOnce::new());
        let other = cell.clone();
        let thread = thread::spawn(move || other.set(1).is_ok());
        let mine = cell.set(2).is_ok();
        assert_eq!(cell.get(), Some(&if mine { 2 } else { 1 }), "there, whoever set it");
        assert_ne!(thread.join().unwrap(), mine);
    });
}
