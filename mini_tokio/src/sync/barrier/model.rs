//! What loom explores: the last arrival against those on their way to sleep.
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

/// `bug_barrier_look_before_listen`: the round ends between the look and the birth of the `Notified`.
#[test]
fn each_round_has_one_leader_and_loses_nobody() {
    explore(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = barrier.clone();
        let rounds = |barrier: &Barrier| [(), ()].map(|()| block_on(barrier.wait()).is_leader());
        let thread = thread::spawn(move || rounds(&other));
        let mine = rounds(&barrier);
        let others = thread.join().unwrap();
        assert!(mine.iter().zip(&others).all(|(mine, other)| mine != other));
    });
}

#[test]
fn three_meet() {
    explore(|| {
        let barrier = Arc::new(Barrier::new(3));
        let threads = [(), ()].map(|()| {
            let barrier = barrier.clone();
            thread::spawn(move || usize::from(block_on(barrier.wait()).is_leader()))
        });
        let mine = usize::from(block_on(barrier.wait()).is_leader());
        assert_eq!(mine + threads.map(|thread| thread.join().unwrap()).iter().sum::<usize>(), 1);
    });
}
