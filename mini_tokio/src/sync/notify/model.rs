//! What loom explores: every order of the steps of two or three threads, and every value that a relaxed load may see.
//!
//! A lost wake-up shows as a deadlock, a missing hand-over of data as a data race. The header of each model names the
//! `bug_…` switch that makes it fail.

use std::{
    future::Future,
    mem::ManuallyDrop,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use loom::{cell::UnsafeCell, thread};

use super::*;

/// A thread as a task: it sleeps until its waker is called.
struct Sleeper(loom::sync::Notify);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// A future that is forgotten, not dropped, when a model fails: its drop takes a lock, and loom answers that with a
/// second panic, which would end the process and the report.
struct Waiting(ManuallyDrop<Pin<Box<OwnedNotified>>>);

impl Waiting {
    fn new(notify: &Arc<Notify>) -> Self {
        Self(ManuallyDrop::new(Box::pin(notify.clone().notified_owned())))
    }

    fn enabled(notify: &Arc<Notify>) -> Self {
        let mut waiting = Self::new(notify);
        assert!(!waiting.0.as_mut().enable());
        waiting
    }

    fn poll_once(&mut self) -> Poll<()> {
        self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    fn polled(notify: &Arc<Notify>) -> Self {
        let mut waiting = Self::new(notify);
        assert!(waiting.poll_once().is_pending());
        waiting
    }

    fn block_on(mut self) {
        let sleeper = Arc::new(Sleeper(loom::sync::Notify::new()));
        let waker = Waker::from(sleeper.clone());
        while self.0.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            sleeper.0.wait();
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: this is the only place that drops it, and a drop runs once.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        }
    }
}

fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// Data without a lock: loom reports any access that the notification does not order.
struct Shared {
    notify: Arc<Notify>,
    data: [UnsafeCell<usize>; 2],
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self { notify: Arc::new(Notify::new()), data: [UnsafeCell::new(0), UnsafeCell::new(0)] })
    }

    fn write(&self, i: usize) {
        // SAFETY: what the model checks.
        self.data[i].with_mut(|data| unsafe { *data = 1 });
    }

    fn read(&self, i: usize) -> usize {
        // SAFETY: what the model checks.
        self.data[i].with(|data| unsafe { *data })
    }
}

// SAFETY: the cells are loom's, which checks every access.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// `bug_notify_stale_check`: the permit comes between the look without the lock and the mark under it.
#[test]
fn a_notification_is_not_lost_to_a_future_on_its_way_to_the_queue() {
    explore(3, || {
        let shared = Shared::new();
        let notifier = shared.clone();
        let thread = thread::spawn(move || {
            notifier.write(0);
            notifier.notify.notify_one();
        });
        Waiting::new(&shared.notify).block_on();
        assert_eq!(shared.read(0), 1);
        thread.join().unwrap();
        assert!(!shared.notify.state.snapshot().0);
    });
}

/// `bug_notify_relaxed_delivery`: no waker is involved, so the delivery alone orders the data.
#[test]
fn a_delivery_carries_what_the_notifier_wrote() {
    explore(3, || {
        let shared = Shared::new();
        let mut notified = Waiting::enabled(&shared.notify);
        let notifier = shared.clone();
        let thread = thread::spawn(move || {
            notifier.write(0);
            notifier.notify.notify_one();
        });
        if notified.poll_once().is_ready() {
            assert_eq!(shared.read(0), 1);
        }
        thread.join().unwrap();
    });
}

/// Two notifiers and maybe one permit: who has used up both notifications has the data of both.
#[test]
fn a_merged_permit_carries_what_both_notifiers_wrote() {
    explore(3, || {
        let shared = Shared::new();
        let threads = [0, 1].map(|i| {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.write(i);
                shared.notify.notify_one();
            })
        });
        Waiting::new(&shared.notify).block_on();
        if Waiting::new(&shared.notify).poll_once().is_ready() {
            assert_eq!(shared.read(0) + shared.read(1), 2);
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// `bug_notify_silent_merge`, as its victims meet it: the second notification is swallowed by a permit that is being
/// taken.
#[test]
fn a_consumer_that_looks_after_each_wake_up_finds_everything() {
    explore(3, || {
        let notify = Arc::new(Notify::new());
        let items = Arc::new(crate::shim::AtomicUsize::new(0));
        let threads = [0, 1].map(|_| {
            let (notify, items) = (notify.clone(), items.clone());
            thread::spawn(move || {
                items.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                notify.notify_one();
            })
        });
        while items.load(std::sync::atomic::Ordering::Relaxed) < 2 {
            Waiting::new(&notify).block_on();
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// `bug_notify_drop_keeps`: a future that was chosen is dropped meanwhile; the next one must be woken in its stead.
#[test]
fn a_dropped_waiter_passes_its_notification_on() {
    explore(3, || {
        let notify = Arc::new(Notify::new());
        let leaver = Waiting::polled(&notify);
        let stayer = Waiting::enabled(&notify);
        let notifier = notify.clone();
        let threads = [thread::spawn(move || notifier.notify_one()), thread::spawn(move || drop(leaver))];
        stayer.block_on();
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!notify.state.snapshot().0);
    });
}

/// With nobody next in the queue, the notification of the dropped future is the permit in the end.
#[test]
fn a_notification_that_meets_a_drop_becomes_the_permit() {
    explore(3, || {
        let notify = Arc::new(Notify::new());
        let leaver = Waiting::polled(&notify);
        let notifier = notify.clone();
        let thread = thread::spawn(move || notifier.notify_last());
        drop(leaver);
        thread.join().unwrap();
        assert!(Waiting::new(&notify).poll_once().is_ready());
    });
}

/// `bug_notify_deaf_registration`: the broadcast comes between the birth of the future and its entry into the queue.
#[test]
fn a_broadcast_reaches_every_future_that_was_there() {
    explore(3, || {
        let shared = Shared::new();
        let notified = Waiting::new(&shared.notify);
        let notifier = shared.clone();
        let thread = thread::spawn(move || {
            notifier.write(0);
            notifier.notify.notify_waiters();
        });
        notified.block_on();
        assert_eq!(shared.read(0), 1);
        thread.join().unwrap();
    });
}

/// Three waiters, one of whom leaves the middle of the queue meanwhile.
#[test]
fn a_broadcast_survives_drops_on_its_way() {
    explore(2, || {
        let notify = Arc::new(Notify::new());
        let mut waiters: Vec<_> = (0..3).map(|_| Waiting::polled(&notify)).collect();
        let notifier = notify.clone();
        let thread = thread::spawn(move || notifier.notify_waiters());
        drop(waiters.remove(1));
        waiters.pop().unwrap().block_on();
        waiters.pop().unwrap().block_on();
        thread.join().unwrap();
        assert!(Waiting::new(&notify).poll_once().is_pending());
    });
}

/// A broadcast and a single notification at once: the single one is either the waiter's or the permit, the broadcast is
/// everybody's, and neither breaks the lists for the other.
#[test]
fn a_broadcast_and_a_notification_do_not_disturb_each_other() {
    explore(2, || {
        let notify = Arc::new(Notify::new());
        let (first, second) = (Waiting::enabled(&notify), Waiting::enabled(&notify));
        let (one, all) = (notify.clone(), notify.clone());
        let threads = [thread::spawn(move || one.notify_one()), thread::spawn(move || all.notify_waiters())];
        first.block_on();
        second.block_on();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Two notifications, two waiters that enter the queue before they look: nobody is left asleep.
#[test]
fn two_notifications_wake_two_waiters() {
    explore(2, || {
        let notify = Arc::new(Notify::new());
        let enabled = Waiting::enabled(&notify);
        let second = notify.clone();
        let waiter = thread::spawn(move || enabled.block_on());
        let notifier = thread::spawn(move || {
            second.notify_one();
            second.notify_last();
        });
        Waiting::new(&notify).block_on();
        waiter.join().unwrap();
        notifier.join().unwrap();
    });
}

/// The waker changes while the notification is under way: whichever is stored is the one that is woken.
#[test]
fn a_replaced_waker_loses_no_wake_up() {
    explore(3, || {
        let notify = Arc::new(Notify::new());
        let notified = Waiting::polled(&notify);
        let notifier = notify.clone();
        let thread = thread::spawn(move || notifier.notify_one());
        notified.block_on();
        thread.join().unwrap();
    });
}
