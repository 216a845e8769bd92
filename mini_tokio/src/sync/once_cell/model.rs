//! What loom explores: who makes the value, and who sees it.
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

/// `bug_once_cell_open_early`: somebody finds the cell open and nothing in it, or sees it being written.
#[test]
fn all_see_the_value_that_one_of_them_made() {
    explore(|| {
        let cell = Arc::new(OnceCell::new());
        let other = cell.clone();
        let thread = thread::spawn(move || *block_on(other.get_or_init(|| async { 1 })));
        if let Some(value) = cell.get() {
            assert_eq!(*value, 1);
        }
        let mine = *block_on(cell.get_or_init(|| async { 2 }));
        assert_eq!(thread.join().unwrap(), mine);
    });
}

#[test]
fn after_a_failure_somebody_else_makes_the_value() {
    explore(|| {
        let cell = Arc::new(OnceCell::new());
        let other = cell.clone();
        let thread = thread::spawn(move || block_on(other.get_or_try_init(|| async { Err(()) })).copied());
        assert_eq!(*block_on(cell.get_or_init(|| async { 2 })), 2);
        assert_ne!(thread.join().unwrap(), Ok(1));
    });
}
