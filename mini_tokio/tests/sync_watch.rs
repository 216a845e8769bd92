//! `watch`: what the random comparison with tokio (`sync_watch_oracle`) does not reach. User code that calls back into
//! the channel, many receivers, the budget, errors.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::executor::block_on;
use mini_tokio::sync::watch::{self, Receiver, Sender};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A waker that runs a closure when it is woken.
struct Calls<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// A future that waits for the next change and keeps its receiver.
fn waiting(mut receiver: Receiver<u32>) -> Pin<Box<dyn Future<Output = bool> + Send>> {
    Box::pin(async move { receiver.changed().await.is_ok() })
}

#[test]
fn one_send_wakes_a_thousand_receivers_once_each() {
    let (sender, receiver) = watch::channel(0);
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut all: Vec<_> = (0..1000).map(|_| waiting(receiver.clone())).collect();
    for future in &mut all {
        assert!(poll(future.as_mut(), &waker).is_pending());
    }
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert_eq!(wakes.count(), 1000);
    for future in &mut all {
        assert_eq!(poll(future.as_mut(), &waker), Poll::Ready(true));
    }
}

#[test]
fn a_receiver_that_leaves_the_middle_of_the_queue_disturbs_nobody() {
    let (sender, receiver) = watch::channel(0);
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut all: Vec<_> = (0..5).map(|_| waiting(receiver.clone())).collect();
    for future in &mut all {
        assert!(poll(future.as_mut(), &waker).is_pending());
    }
    drop(all.remove(2));
    sender.send(1).unwrap();
    assert_eq!(wakes.count(), 4);
    assert_eq!(sender.receiver_count(), 5);
}

#[test]
fn a_waker_may_use_the_channel() {
    let (sender, mut receiver) = watch::channel(0);
    let (sender, other) = (Arc::new(sender), receiver.clone());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let waker = {
        let (sender, seen) = (Arc::downgrade(&sender), seen.clone());
        Waker::from(Arc::new(Calls(move || {
            let sender = sender.upgrade().unwrap();
            let before = *sender.borrow();
            seen.lock().unwrap().push(before);
            if before < 3 {
                sender.send_modify(|value| *value += 1);
            }
            drop(sender.subscribe());
            drop(other.clone());
        })))
    };
    let mut changed = Box::pin(receiver.changed());
    assert!(poll(changed.as_mut(), &waker).is_pending());
    sender.send(1).unwrap();
    assert_eq!(*seen.lock().unwrap(), [1]);
    assert!(poll(changed.as_mut(), &waker).is_ready());
    drop(changed);
    assert_eq!(*receiver.borrow(), 2);
}

#[test]
fn a_waker_that_panics_silences_nobody() {
    let (sender, receiver) = watch::channel(0);
    let wakes = Arc::new(Wakes::default());
    let panics = Waker::from(Arc::new(Calls(|| panic!("a waker that panics"))));
    let mut first = waiting(receiver.clone());
    let mut second = waiting(receiver.clone());
    assert!(poll(first.as_mut(), &panics).is_pending());
    assert!(poll(second.as_mut(), &Waker::from(wakes.clone())).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(1))).is_err());
    assert_eq!((wakes.count(), *receiver.borrow()), (1, 1));
    sender.send(2).unwrap();
    assert_eq!(*receiver.borrow(), 2);
}

/// A value whose drop looks at the channel that it lay in, and sends to it once.
struct Echo {
    name: u32,
    channel: Option<Arc<Sender<Echo>>>,
    log: Arc<Mutex<Vec<(u32, u32)>>>,
}

impl Drop for Echo {
    fn drop(&mut self) {
        let Some(channel) = self.channel.take() else { return };
        let present = channel.borrow().name;
        self.log.lock().unwrap().push((self.name, present));
        let echo = Echo { name: 100 + self.name, channel: None, log: self.log.clone() };
        channel.send_replace(echo);
    }
}

#[test]
fn an_old_value_is_dropped_after_the_lock() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let sender = Arc::new(Sender::new(Echo { name: 1, channel: None, log: log.clone() }));
    let receiver = sender.subscribe();
    sender.send_modify(|echo| echo.channel = Some(sender.clone()));
    assert!(sender.send(Echo { name: 2, channel: None, log: log.clone() }).is_ok());
    assert_eq!(*log.lock().unwrap(), [(1, 2)]);
    assert_eq!(receiver.borrow().name, 101);
}

#[test]
fn a_value_that_panics_in_its_drop_leaves_the_channel_usable() {
    struct Panics(bool);
    impl Drop for Panics {
        fn drop(&mut self) {
            assert!(!self.0, "a value that panics");
        }
    }
    let (sender, mut receiver) = watch::channel(Panics(true));
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(Panics(false)))).is_err());
    assert!(block_on(receiver.changed()).is_ok());
    assert!(sender.send(Panics(false)).is_ok());
    assert!(!receiver.borrow_and_update().0);
}

#[test]
fn a_panic_in_a_closure_tells_nobody_and_the_channel_works_on() {
    let (sender, receiver) = watch::channel(0);
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut waits = waiting(receiver.clone());
    assert!(poll(waits.as_mut(), &waker).is_pending());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        sender.send_if_modified(|value| {
            *value = 1;
            panic!("a closure that panics")
        })
    }));
    assert!(outcome.is_err());
    assert_eq!((wakes.count(), *receiver.borrow(), receiver.has_changed().unwrap()), (0, 1, false));
    sender.send(2).unwrap();
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(waits.as_mut(), &waker), Poll::Ready(true));
}

#[test]
fn wait_for_asks_once_for_each_value() {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap();
    let asked = Mutex::new(Vec::new());
    let mut wait = Box::pin(receiver.wait_for(|value| {
        asked.lock().unwrap().push(*value);
        *value == 3
    }));
    for value in 2..=3 {
        assert!(poll(wait.as_mut(), Waker::noop()).is_pending());
        sender.send(value).unwrap();
    }
    assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
    drop(wait);
    assert_eq!(asked.into_inner().unwrap(), [1, 2, 3]);
    assert!(!receiver.has_changed().unwrap());
}

#[test]
fn wait_for_ends_with_the_last_sender_unless_the_last_value_suits() {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap();
    drop(sender);
    assert_eq!(*block_on(receiver.wait_for(|value| *value == 1)).unwrap(), 1);
    assert!(block_on(receiver.wait_for(|value| *value == 2)).is_err());
}

#[test]
fn a_channel_without_receivers_gives_the_value_back_and_opens_again() {
    let sender = Sender::<u32>::default();
    assert!(sender.is_closed());
    block_on(sender.closed());
    assert_eq!(sender.send(5), Err(watch::error::SendError(5)));
    assert_eq!(sender.send_replace(6), 0);
    let receiver = sender.subscribe();
    assert_eq!((*receiver.borrow(), receiver.has_changed().unwrap()), (6, false));
    let mut closed = pin!(sender.closed());
    assert!(poll(closed.as_mut(), Waker::noop()).is_pending());
    drop(receiver);
    assert!(poll(closed.as_mut(), Waker::noop()).is_ready());
}

#[test]
fn handles_of_one_channel_know_one_another() {
    let ((sender, receiver), (stranger, strange)) = (watch::channel(0), watch::channel(0));
    assert!(sender.same_channel(&sender.clone()) && receiver.same_channel(&sender.subscribe()));
    assert!(!sender.same_channel(&stranger) && !receiver.same_channel(&strange));
}

#[mini_tokio::test]
async fn what_is_ready_costs_budget() {
    use mini_tokio::task::coop::has_budget_remaining;
    async fn spends<F: Future>(mut operation: impl FnMut() -> F) {
        mini_tokio::task::yield_now().await;
        let mut done = 0;
        while has_budget_remaining() {
            operation().await;
            done += 1;
        }
        assert_eq!(done, 128);
    }
    let (sender, receiver) = watch::channel(0);
    let (sender, receiver) = (&sender, &receiver);
    mini_tokio::task::yield_now().await;
    spends(|| async move {
        let mut receiver = receiver.clone();
        receiver.mark_changed();
        receiver.changed().await.unwrap()
    })
    .await;
    spends(|| async move { receiver.clone().wait_for(|_| true).await.map(|value| *value).unwrap() }).await;
    let lonely = &Sender::new(0);
    spends(|| lonely.closed()).await;
    assert!(!sender.is_closed());
}

#[test]
fn errors_say_that_the_channel_is_closed() {
    struct NotDebug;
    let error = Sender::new(NotDebug).send(NotDebug).unwrap_err();
    assert_eq!((format!("{error}"), format!("{error:?}")), ("channel closed".into(), "SendError { .. }".into()));
    let (sender, receiver) = watch::channel(0);
    drop(sender);
    assert_eq!(format!("{}", receiver.has_changed().unwrap_err()), "channel closed");
}

#[test]
fn threads_that_send_and_threads_that_wait_meet_in_the_last_value() {
    let (sender, receiver) = watch::channel(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let mut receiver = receiver.clone();
            scope.spawn(move || {
                let mut last = 0;
                while block_on(receiver.changed()).is_ok() {
                    let value = *receiver.borrow_and_update();
                    assert!(value > last || value == 2000, "values come in order");
                    last = value;
                }
                assert_eq!(last, 2000);
            });
        }
        let senders = [sender.clone(), sender];
        for sender in senders {
            scope.spawn(move || (0..1000).for_each(|_| sender.send_modify(|value| *value += 1)));
        }
    });
}
