//! Wakers that call back into the `Notify`, from every one of their four methods: none may find the lock taken
//! (NOTIFY-8).

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{RawWaker, RawWakerVTable},
};

use super::*;

/// What a [`hooked`] waker does in each of its methods, and how often it did.
struct Hooks {
    on_clone: Box<dyn Fn() + Send + Sync>,
    on_wake: Box<dyn Fn() + Send + Sync>,
    on_drop: Box<dyn Fn() + Send + Sync>,
    clones: AtomicUsize,
    wakes: AtomicUsize,
    drops: AtomicUsize,
}

impl Hooks {
    fn new() -> Self {
        let nothing = || Box::new(|| {});
        let zero = || AtomicUsize::new(0);
        Self {
            on_clone: nothing(),
            on_wake: nothing(),
            on_drop: nothing(),
            clones: zero(),
            wakes: zero(),
            drops: zero(),
        }
    }

    /// A waker that runs the hooks. It is never freed: the tests are short.
    fn waker(self) -> (Waker, &'static Hooks) {
        let hooks: &'static Hooks = Box::leak(Box::new(self));
        // SAFETY: the table's functions take the data for a `&'static Hooks`, which it is, and Hooks is Sync.
        (unsafe { Waker::from_raw(raw(hooks)) }, hooks)
    }

    fn counts(&self) -> [usize; 3] {
        [&self.clones, &self.wakes, &self.drops].map(|count| count.load(Ordering::Relaxed))
    }
}

fn raw(hooks: &'static Hooks) -> RawWaker {
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            let hooks = of(data);
            hooks.clones.fetch_add(1, Ordering::Relaxed);
            (hooks.on_clone)();
            raw(hooks)
        },
        |data| {
            of(data).wakes.fetch_add(1, Ordering::Relaxed);
            (of(data).on_wake)();
            (of(data).on_drop)();
        },
        |data| {
            of(data).wakes.fetch_add(1, Ordering::Relaxed);
            (of(data).on_wake)();
        },
        |data| {
            of(data).drops.fetch_add(1, Ordering::Relaxed);
            (of(data).on_drop)();
        },
    );
    RawWaker::new(std::ptr::from_ref(hooks).cast(), &TABLE)
}

fn of(data: *const ()) -> &'static Hooks {
    // SAFETY: only `raw` makes these wakers, from a `&'static Hooks`.
    unsafe { &*data.cast() }
}

/// Everything that takes the lock or may.
fn call_everything(notify: &Arc<Notify>) -> Box<dyn Fn() + Send + Sync> {
    let notify = notify.clone();
    Box::new(move || {
        notify.notify_one();
        notify.notify_last();
        notify.notify_waiters();
        let mut waiting = Box::pin(notify.notified());
        let _ = waiting.as_mut().enable();
        let _ = waiting.as_mut().enable();
        drop(waiting);
    })
}

#[test]
fn a_waker_may_call_the_notify_while_it_is_cloned() {
    let notify = Arc::new(Notify::new());
    let (waker, hooks) = Hooks { on_clone: call_everything(&notify), ..Hooks::new() }.waker();
    let mut future = pin!(notify.notified());
    // The clone is made on the way to the queue, and it has notified: the future must not miss that.
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    assert_eq!(hooks.counts(), [1, 0, 1]);
}

#[test]
fn a_waker_may_call_the_notify_while_it_replaces_another() {
    let notify = Arc::new(Notify::new());
    let (old, old_hooks) = Hooks { on_drop: call_everything(&notify), ..Hooks::new() }.waker();
    let (new, new_hooks) = Hooks { on_clone: call_everything(&notify), ..Hooks::new() }.waker();
    let mut future = pin!(notify.notified());
    assert!(future.as_mut().poll(&mut Context::from_waker(&old)).is_pending());
    assert!(future.as_mut().poll(&mut Context::from_waker(&new)).is_ready());
    assert_eq!(old_hooks.counts(), [1, 1, 0], "woken by the clone of its successor");
    assert_eq!(new_hooks.counts(), [1, 0, 1]);
}

#[test]
fn a_waker_may_call_the_notify_while_it_wakes() {
    for notify_it in [Notify::notify_one, Notify::notify_last, Notify::notify_waiters] {
        let notify = Arc::new(Notify::new());
        let (waker, hooks) = Hooks { on_wake: call_everything(&notify), ..Hooks::new() }.waker();
        let mut future = pin!(notify.notified());
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        notify_it(&notify);
        assert_eq!(hooks.counts(), [1, 1, 0]);
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    }
}

#[test]
fn a_waker_may_call_the_notify_while_its_future_is_dropped() {
    let notify = Arc::new(Notify::new());
    let (waker, hooks) = Hooks { on_drop: call_everything(&notify), ..Hooks::new() }.waker();
    {
        let mut future = pin!(notify.notified());
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(hooks.counts(), [1, 0, 1]);
}

/// The first of a hundred drops all the others as it is woken, in the middle of the broadcast that also wakes them.
#[test]
fn a_woken_task_may_drop_waiters_that_are_about_to_be_woken() {
    thread_local!(static VICTIMS: RefCell<Vec<Spy<OwnedNotified>>> = const { RefCell::new(Vec::new()) });
    let notify = Arc::new(Notify::new());
    let (waker, _) = Hooks { on_wake: Box::new(|| VICTIMS.take().clear()), ..Hooks::new() }.waker();
    let mut first = pin!(notify.notified());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut wakes = Vec::new();
    for _ in 0..100 {
        let mut spy = Spy::new(notify.clone().notified_owned());
        assert!(!spy.is_ready());
        wakes.push(spy.wakes.clone());
        VICTIMS.with_borrow_mut(|victims| victims.push(spy));
    }
    notify.notify_waiters();
    let woken: Vec<_> = wakes.iter().map(|wakes| wakes.0.load(Ordering::Relaxed)).collect();
    // All were notified before the first was woken; a waker of a future that has gone is woken in vain.
    assert!(woken.iter().all(|wakes| *wakes == 1));
    assert!(wakes.iter().all(|wakes| Arc::strong_count(wakes) == 1), "every waker was released");
    assert!(!has_permit(&notify) && !notify.state.snapshot().1);
}

#[test]
fn a_woken_task_may_poll_a_waiter_that_is_about_to_be_woken() {
    thread_local!(static LAST: RefCell<Option<Spy<OwnedNotified>>> = const { RefCell::new(None) });
    let notify = Arc::new(Notify::new());
    let again = notify.clone();
    let on_wake = move || {
        let mut spy = LAST.take().unwrap();
        // A permit given in the middle of a broadcast is not for those that the broadcast has called.
        again.notify_one();
        assert!(spy.is_ready());
        drop(spy);
        assert!(has_permit(&again));
    };
    let (waker, hooks) = Hooks { on_wake: Box::new(on_wake), ..Hooks::new() }.waker();
    let mut first = pin!(notify.notified());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let middle: Vec<_> = (0..40).map(|_| waiting(&notify)).collect();
    let mut last = Spy::new(notify.clone().notified_owned());
    assert!(!last.is_ready());
    LAST.set(Some(last));
    notify.notify_waiters();
    assert_eq!(hooks.counts()[1], 1);
    assert!(middle.iter().all(|spy| spy.wakes() == 1));
}

/// Fifty tasks wait again as soon as they are woken. A broadcast that woke until nobody waits would never return.
#[test]
fn a_broadcast_ends_although_every_woken_task_waits_again() {
    thread_local!(static AGAIN: RefCell<Vec<Spy<OwnedNotified>>> = const { RefCell::new(Vec::new()) });
    let notify = Arc::new(Notify::new());
    let mut sleepers = Vec::new();
    for _ in 0..50 {
        let again = notify.clone();
        let on_wake = move || {
            let mut spy = Spy::new(again.clone().notified_owned());
            assert!(!spy.is_ready(), "made after the broadcast began");
            AGAIN.with_borrow_mut(|list| list.push(spy));
        };
        let (waker, hooks) = Hooks { on_wake: Box::new(on_wake), ..Hooks::new() }.waker();
        let mut future = Box::pin(notify.notified());
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        sleepers.push((future, hooks));
    }
    notify.notify_waiters();
    assert!(sleepers.iter().all(|(_, hooks)| hooks.counts()[1] == 1));
    AGAIN.with_borrow(|list| {
        assert_eq!(list.len(), 50);
        assert!(list.iter().all(|spy| spy.wakes() == 0));
    });
    notify.notify_waiters();
    AGAIN.with_borrow_mut(|list| assert!(list.iter_mut().all(|spy| spy.wakes() == 1 && spy.is_ready())));
    AGAIN.take();
}

/// A broadcast inside a broadcast: the inner one finds nobody, and each waiter is woken once.
#[test]
fn a_woken_task_may_broadcast() {
    let notify = Arc::new(Notify::new());
    let again = notify.clone();
    let (waker, _) = Hooks { on_wake: Box::new(move || again.notify_waiters()), ..Hooks::new() }.waker();
    let mut first = pin!(notify.notified());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut rest: Vec<_> = (0..100).map(|_| waiting(&notify)).collect();
    notify.notify_waiters();
    assert!(rest.iter_mut().all(|spy| spy.wakes() == 1 && spy.is_ready()));
}

#[test]
fn a_panicking_waker_does_not_stop_the_broadcast() {
    let notify = Arc::new(Notify::new());
    let (waker, _) = Hooks { on_wake: Box::new(|| panic!("a waker that panics")), ..Hooks::new() }.waker();
    let mut bad = pin!(notify.notified());
    assert!(bad.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut rest: Vec<_> = (0..100).map(|_| waiting(&notify)).collect();
    assert!(catch_unwind(AssertUnwindSafe(|| notify.notify_waiters())).is_err());
    assert!(rest.iter_mut().all(|spy| spy.wakes() == 1 && spy.is_ready()));
    assert!(bad.as_mut().enable());
}

/// The drop of a waker panics as its future leaves the queue. The node has left its list by then.
#[test]
fn a_waker_that_panics_when_dropped_leaves_the_queue_intact() {
    let notify = Arc::new(Notify::new());
    let (fragile, _) = Hooks { on_drop: Box::new(|| panic!("a waker that panics")), ..Hooks::new() }.waker();
    let fragile = std::mem::ManuallyDrop::new(fragile);
    let before = waiting(&notify);
    let mut leaver = Spy::new(notify.clone().notified_owned());
    assert!(leaver.future.as_mut().poll(&mut Context::from_waker(&fragile)).is_pending());
    let behind = waiting(&notify);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(leaver))).is_err());
    let late = waiting(&notify);
    (0..3).for_each(|_| notify.notify_one());
    let left = [before, behind, late];
    assert!(left.iter().all(|spy| spy.wakes() == 1));
    assert!(!has_permit(&notify) && !notify.state.snapshot().1);
}
