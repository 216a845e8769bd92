//! Wakers that call back into the reactor on clone, wake and drop (classic bug 10).

use super::*;
use std::future::Future;
use std::sync::{Mutex, OnceLock};
use std::task::{RawWaker, RawWakerVTable};

type Hook = Box<dyn Fn() + Send + Sync>;

/// What a waker runs on each occasion.
#[derive(Default)]
struct Hooks {
    on_clone: OnceLock<Hook>,
    on_wake: OnceLock<Hook>,
    on_drop: OnceLock<Hook>,
}

fn run(hook: &OnceLock<Hook>) {
    if let Some(hook) = hook.get() {
        hook();
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone_hooked, wake_hooked, wake_hooked_by_ref, drop_hooked);

// In all four, `data` came from `Arc::into_raw` in `hooked` or `clone_hooked` and stands for one share of the `Hooks`.

unsafe fn clone_hooked(data: *const ()) -> RawWaker {
    // SAFETY: `data` is a live share; it is borrowed, not consumed.
    let hooks = unsafe { &*data.cast::<Hooks>() };
    run(&hooks.on_clone);
    // SAFETY: as above; the new waker gets a share of its own.
    unsafe { Arc::increment_strong_count(data.cast::<Hooks>()) };
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake_hooked(data: *const ()) {
    // SAFETY: the caller gives up its waker and with it the share.
    unsafe {
        wake_hooked_by_ref(data);
        drop_hooked(data);
    }
}

unsafe fn wake_hooked_by_ref(data: *const ()) {
    // SAFETY: `data` is a live share.
    run(unsafe { &(*data.cast::<Hooks>()).on_wake });
}

unsafe fn drop_hooked(data: *const ()) {
    // SAFETY: the caller's share is turned back into the `Arc` it was, once.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    run(&hooks.on_drop);
}

fn hooked(hooks: &Arc<Hooks>) -> Waker {
    // SAFETY: the vtable's functions keep the count of shares, and `Hooks` is Send and Sync.
    unsafe { Waker::from_raw(RawWaker::new(Arc::into_raw(hooks.clone()).cast(), &VTABLE)) }
}

/// A waker that runs `hook` when it is woken.
pub(super) fn on_wake(hook: impl Fn() + Send + Sync + 'static) -> Waker {
    let hooks = Arc::new(Hooks::default());
    let _ = hooks.on_wake.set(Box::new(hook));
    hooked(&hooks)
}

/// Takes both locks of the reactor, and counts.
fn nosy(registration: &Arc<Registration>, calls: &Arc<AtomicUsize>) -> Hook {
    let (registration, calls) = (Arc::downgrade(registration), calls.clone());
    Box::new(move || {
        calls.fetch_add(1, Ordering::SeqCst);
        let Some(registration) = registration.upgrade() else { return };
        registration.clear(registration.ready_now(Interest::READABLE));
        registration.waiter_count();
        let (mut ours, _peer) = connection();
        let other = registration.handle().register(&mut ours, Interest::READABLE).unwrap();
        other.deregister(&mut ours).unwrap();
    })
}

#[test]
fn a_waker_may_use_the_reactor_on_clone_wake_and_drop() {
    within_ten_seconds(|| {
        let mut rig = rig();
        let [clones, wakes, drops] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
        let hooks = Arc::new(Hooks::default());
        let _ = hooks.on_clone.set(nosy(&rig.registration, &clones));
        let _ = hooks.on_wake.set(nosy(&rig.registration, &wakes));
        let _ = hooks.on_drop.set(nosy(&rig.registration, &drops));
        let waker = hooked(&hooks);
        let seen = || [&clones, &wakes, &drops].map(|count| count.load(Ordering::SeqCst));

        let poll = |waker: &Waker| {
            let mut cx = Context::from_waker(waker);
            assert!(rig.registration.poll_ready(&mut cx, Direction::Read).is_pending());
        };
        poll(&waker);
        assert_eq!(seen(), [1, 0, 0]);
        poll(Waker::noop()); // replaces it: dropped
        assert_eq!(seen(), [1, 0, 1]);
        poll(&waker);
        assert_eq!(rig.deliver(Ready::READABLE), 1);
        assert_eq!(seen(), [2, 1, 2]);
    });
}

#[test]
fn waiting_again_with_the_same_waker_clones_nothing() {
    let rig = rig();
    let clones = Arc::new(AtomicUsize::new(0));
    let hooks = Arc::new(Hooks::default());
    let count = clones.clone();
    let _ = hooks.on_clone.set(Box::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    let waker = hooked(&hooks);
    let mut cx = Context::from_waker(&waker);
    let mut listed = Box::pin(rig.registration.readiness(Interest::READABLE));
    for _ in 0..3 {
        assert!(rig.registration.poll_ready(&mut cx, Direction::Read).is_pending());
        assert!(listed.as_mut().poll(&mut cx).is_pending());
        assert_eq!(clones.load(Ordering::SeqCst), 2, "one for each seat");
    }
}

#[test]
fn readiness_that_comes_while_the_waker_is_cloned_is_found() {
    within_ten_seconds(|| {
        let mut rig = rig();
        let hooks = Arc::new(Hooks::default());
        let (handle, token) = (rig.handle.clone(), rig.registration.token().pack());
        let _ = hooks.on_clone.set(Box::new(move || {
            handle.dispatch(&mut Wakers::default(), [(token, Ready::READABLE)].into_iter());
        }));
        let waker = hooked(&hooks);
        assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_ready());
        assert_eq!(rig.registration.waiter_count(), 0);
        assert_eq!(rig.deliver(Ready::READABLE), 0);
    });
}

#[test]
fn a_waker_may_drop_the_registration_that_wakes_it() {
    within_ten_seconds(|| {
        let mut rig = rig();
        let registration = Arc::new(Mutex::new(None));
        let held = registration.clone();
        let waker = on_wake(move || drop(held.lock().unwrap().take()));
        assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_pending());
        let token = rig.registration.token().pack();
        // The rig's share becomes the one that the waker drops.
        let (mut spare, _peer) = connection();
        let spare = Arc::new(rig.handle.register(&mut spare, Interest::READABLE).unwrap());
        *registration.lock().unwrap() = Some(std::mem::replace(&mut rig.registration, spare));
        assert_eq!(rig.handle.registration_totals().1, 2);
        let done = rig.handle.dispatch(&mut Wakers::default(), [(token, Ready::READABLE); 2].into_iter());
        assert_eq!(done, Turn { events: 2, woken: 1, interrupted: false });
        assert_eq!(rig.handle.registration_totals().1, 1);
    });
}

#[test]
fn a_waker_that_waits_again_when_woken_is_woken_once_an_event() {
    within_ten_seconds(|| {
        let mut rig = rig();
        let wakes = Arc::new(AtomicUsize::new(0));
        let registration = rig.registration.clone();
        // Futures that wait on; each wake-up seats another at the end of the list.
        let seated = Arc::new(Mutex::new(Vec::new()));
        let hooks = Arc::new(Hooks::default());
        let waker = hooked(&hooks);
        let sit = {
            let (registration, seated) = (registration.clone(), seated.clone());
            move |waker: &Waker| {
                let registration = registration.clone();
                let mut future = Box::pin(async move { registration.readiness(Interest::READABLE).await });
                assert!(future.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
                seated.lock().unwrap().push(future);
            }
        };
        let seats = 3;
        (0..seats).for_each(|_| sit(&waker));
        let (again, count) = (waker.clone(), wakes.clone());
        let _ = hooks.on_wake.set(Box::new(move || {
            assert!(count.fetch_add(1, Ordering::SeqCst) < 1000, "the sweep does not end");
            registration.clear(registration.ready_now(Interest::READABLE));
            sit(&again);
        }));
        assert_eq!(rig.deliver(Ready::READABLE), seats);
        assert_eq!(wakes.load(Ordering::SeqCst), seats);
        seated.lock().unwrap().clear();
    });
}

#[test]
fn a_waker_that_panics_does_not_rob_the_others() {
    let mut rig = rig();
    let (count, waker) = Count::new();
    let panics = on_wake(|| panic!("a waker's panic"));
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&panics), Direction::Read).is_pending());
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Write).is_pending());
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.deliver(Ready::ALL)));
    assert_eq!(*outcome.unwrap_err().downcast::<&str>().unwrap(), "a waker's panic");
    assert_eq!(count.wakes(), 1);
}
