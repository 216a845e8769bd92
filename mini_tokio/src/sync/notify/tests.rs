//! Notify: who is woken, by which call, how often.

use std::{
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures::task::{ArcWake, noop_waker, waker};

use super::*;

mod oracle;
mod reentrant;

/// Counts its wake-ups.
struct Wakes(AtomicUsize);

impl ArcWake for Wakes {
    fn wake_by_ref(wakes: &Arc<Self>) {
        wakes.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A future on the heap with a task that counts: the smallest harness in which a wake-up can be seen.
struct Spy<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

impl<F: Future<Output = ()>> Spy<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), wakes: Arc::new(Wakes(AtomicUsize::new(0))) }
    }

    fn is_ready(&mut self) -> bool {
        let waker = waker(self.wakes.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// A future that has been polled and waits.
fn waiting(notify: &Notify) -> Spy<Notified<'_>> {
    let mut spy = Spy::new(notify.notified());
    assert!(!spy.is_ready());
    spy
}

fn has_permit(notify: &Notify) -> bool {
    notify.state.snapshot().0
}

#[test]
fn a_permit_left_before_the_wait_ends_it_at_once() {
    let notify = Notify::new();
    notify.notify_one();
    let mut spy = Spy::new(notify.notified());
    assert!(spy.is_ready());
    assert_eq!(spy.wakes(), 0);
    assert!(!has_permit(&notify));
}

#[test]
fn permits_do_not_add_up() {
    let notify = Notify::new();
    for _ in 0..5 {
        notify.notify_one();
        notify.notify_last();
    }
    assert!(Spy::new(notify.notified()).is_ready());
    assert!(!Spy::new(notify.notified()).is_ready());
}

#[test]
fn a_waiter_is_woken_once_and_leaves_no_permit() {
    let notify = Notify::new();
    let mut spy = waiting(&notify);
    notify.notify_one();
    assert_eq!(spy.wakes(), 1);
    assert!(spy.is_ready());
    assert!(!has_permit(&notify));
}

#[test]
fn a_notification_after_the_last_waiter_left_is_stored() {
    let notify = Notify::new();
    drop(waiting(&notify));
    notify.notify_one();
    assert!(has_permit(&notify));
}

#[test]
fn ten_waiters_are_served_in_the_order_of_their_first_poll() {
    let notify = Notify::new();
    let mut spies: Vec<_> = (0..10).map(|_| Spy::new(notify.notified())).collect();
    for spy in spies.iter_mut().rev() {
        assert!(!spy.is_ready());
    }
    for served in 1..=10 {
        notify.notify_one();
        let woken: Vec<_> = spies.iter().map(|spy| spy.wakes()).collect();
        assert_eq!(woken.iter().sum::<usize>(), served);
        assert!(woken[10 - served..].iter().all(|&n| n == 1), "{woken:?}");
    }
    assert!(spies.iter_mut().all(|spy| spy.is_ready()));
}

#[test]
fn notify_last_serves_the_latest_first() {
    let notify = Notify::new();
    let mut spies: Vec<_> = (0..10).map(|_| waiting(&notify)).collect();
    for i in (0..10).rev() {
        notify.notify_last();
        assert_eq!(spies.iter().map(|spy| spy.wakes()).sum::<usize>(), 10 - i);
        assert!(spies[i].is_ready());
    }
}

#[test]
fn both_ends_of_one_queue_can_be_served() {
    let notify = Notify::new();
    let spies: Vec<_> = (0..4).map(|_| waiting(&notify)).collect();
    notify.notify_last();
    notify.notify_one();
    assert_eq!(spies.iter().map(|spy| spy.wakes()).collect::<Vec<_>>(), [1, 0, 0, 1]);
}

#[test]
fn a_waiter_dropped_in_mid_list_is_skipped() {
    for dropped in 0..3 {
        let notify = Notify::new();
        let mut spies: Vec<_> = (0..3).map(|_| waiting(&notify)).collect();
        spies.remove(dropped);
        notify.notify_one();
        assert_eq!((spies[0].wakes(), spies[1].wakes()), (1, 0));
        notify.notify_one();
        assert_eq!((spies[0].wakes(), spies[1].wakes()), (1, 1));
        assert!(spies[0].is_ready() && spies[1].is_ready() && !has_permit(&notify));
    }
}

#[test]
fn a_dropped_waiter_passes_its_notification_to_the_next_of_the_same_end() {
    let notify = Notify::new();
    let mut spies: Vec<_> = (0..4).map(|_| waiting(&notify)).collect();
    notify.notify_one();
    drop(spies.remove(0));
    assert_eq!(spies.iter().map(|spy| spy.wakes()).collect::<Vec<_>>(), [1, 0, 0]);
    notify.notify_last();
    drop(spies.pop());
    assert_eq!(spies.iter().map(|spy| spy.wakes()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn with_nobody_next_the_passed_on_notification_becomes_the_permit() {
    let notify = Notify::new();
    let spy = waiting(&notify);
    notify.notify_last();
    assert!(!has_permit(&notify));
    drop(spy);
    assert!(has_permit(&notify));
}

#[test]
fn a_waiter_that_saw_its_notification_passes_nothing_on() {
    let notify = Notify::new();
    let mut first = waiting(&notify);
    let second = waiting(&notify);
    notify.notify_one();
    assert!(first.is_ready());
    drop(first);
    assert_eq!(second.wakes(), 0);
    assert!(!has_permit(&notify));
}

#[test]
fn a_broadcast_wakes_all_that_wait_and_leaves_no_permit() {
    let notify = Notify::new();
    let mut spies: Vec<_> = (0..100).map(|_| waiting(&notify)).collect();
    notify.notify_waiters();
    assert!(spies.iter().all(|spy| spy.wakes() == 1));
    assert!(spies.iter_mut().all(|spy| spy.is_ready()));
    assert!(!Spy::new(notify.notified()).is_ready());
}

#[test]
fn a_broadcast_reaches_a_future_that_was_never_polled_but_none_made_later() {
    let notify = Notify::new();
    let mut before = Spy::new(notify.notified());
    notify.notify_waiters();
    let mut after = Spy::new(notify.notified());
    assert!(before.is_ready());
    assert!(!after.is_ready());
}

#[test]
fn a_broadcast_keeps_the_permit_and_is_used_up_first() {
    let notify = Notify::new();
    let mut early = Spy::new(notify.notified());
    notify.notify_one();
    notify.notify_waiters();
    assert!(early.is_ready());
    assert!(has_permit(&notify));
    assert!(Spy::new(notify.notified()).is_ready());
    assert!(!has_permit(&notify));
}

#[test]
fn a_dropped_waiter_passes_on_no_broadcast() {
    let notify = Notify::new();
    let spy = waiting(&notify);
    notify.notify_waiters();
    notify.notify_one();
    assert!(has_permit(&notify));
    let late = waiting_after_taking_the_permit(&notify);
    drop(spy);
    assert_eq!(late.wakes(), 0);
    assert!(!has_permit(&notify));
}

fn waiting_after_taking_the_permit(notify: &Notify) -> Spy<Notified<'_>> {
    assert!(Spy::new(notify.notified()).is_ready());
    waiting(notify)
}

#[test]
fn a_waiter_with_both_kinds_passes_on_the_one_that_was_its_alone() {
    let notify = Notify::new();
    let spy = waiting(&notify);
    notify.notify_one();
    notify.notify_waiters();
    assert_eq!(spy.wakes(), 1);
    drop(spy);
    assert!(has_permit(&notify));
}

#[test]
fn a_waiter_with_both_kinds_uses_both_up_when_it_is_polled() {
    let notify = Notify::new();
    let mut spy = waiting(&notify);
    notify.notify_one();
    notify.notify_waiters();
    assert!(spy.is_ready());
    drop(spy);
    assert!(!has_permit(&notify));
}

#[test]
fn a_future_that_was_ready_stays_ready_and_takes_nothing_more() {
    let notify = Notify::new();
    notify.notify_one();
    let mut spy = Spy::new(notify.notified());
    assert!(spy.is_ready());
    notify.notify_one();
    assert!(spy.is_ready());
    assert!(spy.future.as_mut().enable());
    assert!(has_permit(&notify));
}

#[test]
fn an_enabled_future_is_in_the_queue_without_a_waker() {
    let notify = Notify::new();
    let mut first = Spy::new(notify.notified());
    assert!(!first.future.as_mut().enable());
    let second = waiting(&notify);
    notify.notify_one();
    assert_eq!((first.wakes(), second.wakes()), (0, 0));
    assert!(!has_permit(&notify));
    assert!(first.future.as_mut().enable());
    assert!(first.is_ready());
}

#[test]
fn a_poll_after_enable_adds_the_waker_and_keeps_the_place() {
    let notify = Notify::new();
    let mut first = Spy::new(notify.notified());
    assert!(!first.future.as_mut().enable());
    let second = waiting(&notify);
    assert!(!first.is_ready());
    assert!(!first.future.as_mut().enable());
    notify.notify_one();
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
}

#[test]
fn enable_takes_the_permit() {
    let notify = Notify::new();
    notify.notify_one();
    let mut first = pin!(notify.notified());
    assert!(first.as_mut().enable());
    let mut second = pin!(notify.notified());
    assert!(!second.as_mut().enable());
}

#[test]
fn enable_sees_a_broadcast() {
    let notify = Notify::new();
    let mut fresh = pin!(notify.notified());
    let mut enabled = pin!(notify.notified());
    assert!(!enabled.as_mut().enable());
    notify.notify_waiters();
    assert!(fresh.as_mut().enable());
    assert!(enabled.as_mut().enable());
}

#[test]
fn an_enabled_future_that_is_dropped_passes_on() {
    let notify = Notify::new();
    {
        let mut enabled = pin!(notify.notified());
        assert!(!enabled.as_mut().enable());
        notify.notify_one();
        assert!(!has_permit(&notify));
    }
    assert!(has_permit(&notify));
}

#[test]
fn the_waker_of_the_last_poll_is_woken_and_no_other() {
    let notify = Notify::new();
    let mut spy = Spy::new(notify.notified());
    let other = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = waker(other.clone());
    assert!(spy.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(!spy.is_ready());
    notify.notify_one();
    assert_eq!((other.0.load(Ordering::Relaxed), spy.wakes()), (0, 1));
}

#[test]
fn polling_with_the_same_waker_clones_it_once() {
    let notify = Notify::new();
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = waker(wakes.clone());
    let mut future = pin!(notify.notified());
    for _ in 0..3 {
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(Arc::strong_count(&wakes), 3);
    }
    notify.notify_one();
    assert_eq!(Arc::strong_count(&wakes), 2, "a delivered waker is kept by nobody");
}

#[test]
fn a_permit_is_taken_without_cloning_the_waker() {
    let notify = Notify::new();
    notify.notify_one();
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let waker = waker(wakes.clone());
    let mut future = pin!(notify.notified());
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    assert_eq!(Arc::strong_count(&wakes), 2);
}

#[test]
fn owned_futures_keep_the_notify_alive_and_behave_alike() {
    let notify = Arc::new(Notify::new());
    let mut first = Spy::new(notify.clone().notified_owned());
    let mut second = Spy::new(notify.clone().notified_owned());
    let mut third = Spy::new(notify.clone().notified_owned());
    assert!(!first.future.as_mut().enable());
    assert!(!second.is_ready());
    notify.notify_one();
    assert!(first.future.as_mut().enable());
    drop(first);
    notify.notify_one();
    drop(second);
    drop(notify);
    assert!(third.is_ready(), "the second one passed its notification on");
}

#[test]
fn an_owned_future_alone_holds_the_notify() {
    let notify = Arc::new(Notify::new());
    let mut spy = Spy::new(notify.clone().notified_owned());
    assert!(!spy.is_ready());
    let weak = Arc::downgrade(&notify);
    drop(notify);
    assert!(weak.upgrade().is_some());
    drop(spy);
    assert!(weak.upgrade().is_none());
}

#[test]
fn debug_output_tells_the_state() {
    static NOTIFY: Notify = Notify::const_new();
    NOTIFY.notify_one();
    NOTIFY.notify_waiters();
    assert_eq!(format!("{NOTIFY:?}"), "Notify { permit: true, waiting: false, broadcasts: 1 }");
    let notified = format!("{:?}", NOTIFY.notified());
    assert!(notified.ends_with("phase: Fresh } }"), "{notified}");
    assert_eq!(format!("{:?}", Notify::default()), "Notify { permit: false, waiting: false, broadcasts: 0 }");
}

/// Four producers and four consumers on threads: as many wake-ups as it takes to fetch every item, and nobody sleeps
/// on.
#[test]
fn many_consumers_fetch_everything_that_many_producers_leave() {
    const ITEMS: usize = 2_000;
    let notify = Notify::new();
    let items = Mutex::new(0_usize);
    let take = || {
        let mut items = items.lock().unwrap();
        let some = *items > 0;
        *items -= usize::from(some);
        some
    };
    let consume = async || {
        let mut notified = pin!(notify.notified());
        loop {
            notified.as_mut().enable();
            if take() {
                return;
            }
            notified.as_mut().await;
            notified.set(notify.notified());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..ITEMS).for_each(|_| futures::executor::block_on(consume())));
            scope.spawn(|| {
                for _ in 0..ITEMS {
                    *items.lock().unwrap() += 1;
                    notify.notify_one();
                }
            });
        }
    });
    assert_eq!(*items.lock().unwrap(), 0);
}

#[test]
fn auto_traits_are_those_of_tokio() {
    trait NotUnpin<Which> {
        fn holds() {}
    }
    impl<T: ?Sized> NotUnpin<()> for T {}
    struct Ambiguous;
    impl<T: ?Sized + Unpin> NotUnpin<Ambiguous> for T {}

    fn send_sync<T: Send + Sync>() {}
    fn unpin_unwind_safe<T: Unpin + UnwindSafe + RefUnwindSafe>() {}
    send_sync::<Notify>();
    unpin_unwind_safe::<Notify>();
    send_sync::<Notified<'_>>();
    send_sync::<OwnedNotified>();
    // Does not compile, for ambiguity, if the type is Unpin.
    <Notified<'_> as NotUnpin<_>>::holds();
    <OwnedNotified as NotUnpin<_>>::holds();
}

#[test]
fn a_poll_with_a_noop_waker_waits_like_any_other() {
    let notify = Notify::new();
    let mut future = pin!(notify.notified());
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert_eq!(future.as_mut().poll(&mut cx), Poll::Pending);
    notify.notify_waiters();
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(&noop_waker())), Poll::Ready(()));
}
