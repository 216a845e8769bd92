//! Two pushers and a consumer that sleeps: nothing stays behind in the queue. A lost wake-up shows as a deadlock.

use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::thread;

use super::Inbox;

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

impl<T> Inbox<T> {
    fn pop_blocking(&self, sleeper: &Arc<Sleeper>) -> T {
        let waker = Waker::from(sleeper.clone());
        loop {
            match self.pop_or_sleep(&waker) {
                Some(item) => return item,
                None => sleeper.0.wait(),
            }
        }
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Fails with `bug_inbox_sleep_unlocked`.
#[test]
fn a_push_is_seen_or_wakes() {
    explore(|| {
        let inbox = Arc::new(Inbox::new());
        let pushers: Vec<_> = (0..2)
            .map(|item| {
                let inbox = inbox.clone();
                thread::spawn(move || inbox.push(item))
            })
            .collect();
        let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
        let sum: u8 = (0..2).map(|_| inbox.pop_blocking(&sleeper)).sum();
        assert_eq!(sum, 1);
        pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
    });
}

/// The consumer moves to another task, whose waker is another; the old one need not be woken any more.
#[test]
fn a_push_wakes_the_waker_that_came_last() {
    explore(|| {
        let inbox = Arc::new(Inbox::new());
        let pusher = {
            let inbox = inbox.clone();
            thread::spawn(move || inbox.push(7))
        };
        let first = Waker::from(Arc::new(Sleeper(loom::sync::Notify::new())));
        let item = inbox
            .pop_or_sleep(&first)
            .unwrap_or_else(|| inbox.pop_blocking(&Arc::new(Sleeper(loom::sync::Notify::new()))));
        assert_eq!(item, 7);
        pusher.join().unwrap();
    });
}
