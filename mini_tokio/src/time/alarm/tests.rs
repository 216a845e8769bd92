//! Alarms and the runtimes that they know by number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{RawWaker, RawWakerVTable};

use super::*;
use crate::runtime::{Builder, Runtime};

const HOUR: Duration = Duration::from_secs(3600);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn alarm_in(runtime: &Runtime) -> Alarm {
    let _entered = runtime.enter();
    Alarm::after(HOUR)
}

fn poll(alarm: &mut Alarm, waker: &Waker) -> Poll<()> {
    alarm.poll(&mut Context::from_waker(waker))
}

fn armed(runtime: &Runtime) -> usize {
    timer_of(runtime.handle()).armed()
}

#[test]
fn an_alarm_waits_in_its_own_runtime_whoever_polls_resets_or_drops_it() {
    let (home, other) = (runtime(), runtime());
    let mut alarms: Vec<_> = (0..4).map(|_| alarm_in(&home)).collect();
    let entered = other.enter();
    assert!(poll(&mut alarms[0], Waker::noop()).is_pending());
    drop(entered);
    assert!(poll(&mut alarms[1], Waker::noop()).is_pending());
    assert!(
        std::thread::scope(|scope| scope.spawn(|| poll(&mut alarms[2], Waker::noop())).join().unwrap()).is_pending()
    );
    assert_eq!((armed(&home), armed(&other)), (3, 0));
    alarms[0].reset(Instant::now() + 2 * HOUR);
    assert_eq!((armed(&home), armed(&other)), (3, 0));
    drop(alarms.remove(0));
    let entered = other.enter();
    drop(alarms.remove(0));
    drop(entered);
    assert_eq!(armed(&home), 1);
    std::thread::scope(|scope| scope.spawn(|| drop(alarms)).join().unwrap());
    assert_eq!(armed(&home), 0);
}

#[test]
fn a_runtime_without_a_timer_hides_the_one_outside_as_long_as_it_is_entered() {
    let (with, without) = (runtime(), Builder::new_current_thread().build().unwrap());
    let _with = with.enter();
    let without = without.enter();
    assert!(catch_unwind(|| Alarm::after(HOUR)).is_err());
    drop(without);
    assert_eq!(Alarm::after(HOUR).runtime, with.handle().id());
}

#[test]
fn an_alarm_whose_runtime_is_gone_panics_when_polled_and_can_be_reset_and_dropped() {
    let home = runtime();
    let mut alarms = [alarm_in(&home), alarm_in(&home)];
    assert!(poll(&mut alarms[0], Waker::noop()).is_pending());
    drop(home);
    for alarm in &mut alarms {
        let panic = catch_unwind(AssertUnwindSafe(|| poll(alarm, Waker::noop()))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some(context::SHUTTING_DOWN));
        alarm.reset(Instant::now());
        assert!(!alarm.is_elapsed());
    }
}

/// Enters a runtime in its clone, wake and drop.
struct Meddler {
    other: Handle,
    calls: AtomicUsize,
}

impl Meddler {
    fn meddle(&self) {
        self.calls.fetch_add(1, SeqCst);
        drop(self.other.enter());
    }

    fn of(data: *const ()) -> Arc<Self> {
        // SAFETY: every raw waker below is made of `Arc::into_raw`, and each reference is given up once.
        unsafe { Arc::from_raw(data.cast()) }
    }

    fn raw(self: &Arc<Self>) -> RawWaker {
        fn clone(data: *const ()) -> RawWaker {
            let meddler = std::mem::ManuallyDrop::new(Meddler::of(data));
            meddler.meddle();
            meddler.raw()
        }
        fn end(data: *const ()) {
            Meddler::of(data).meddle();
        }
        fn wake_by_ref(data: *const ()) {
            std::mem::ManuallyDrop::new(Meddler::of(data)).meddle();
        }
        static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, end, wake_by_ref, end);
        RawWaker::new(Arc::into_raw(self.clone()).cast(), &VTABLE)
    }
}

/// Reliability class 10, and `TIME-4`.
#[test]
fn a_waker_may_enter_a_runtime_as_it_is_cloned_woken_and_dropped() {
    let (home, other) = (runtime(), runtime());
    let meddler = Arc::new(Meddler { other: other.handle().clone(), calls: AtomicUsize::new(0) });
    // SAFETY: the table keeps the contract of `RawWaker`, over the counts of an `Arc` that is Send and Sync.
    let waker = || unsafe { Waker::from_raw(meddler.raw()) };
    let _home = home.enter();
    let mut alarms: Vec<_> = (0..3).map(|_| Alarm::after(HOUR)).collect();
    for alarm in &mut alarms {
        assert!(poll(alarm, &waker()).is_pending()); // cloned; the original is dropped
        assert!(poll(alarm, Waker::noop()).is_pending()); // the clone is dropped
        assert!(poll(alarm, &waker()).is_pending()); // as the first time
    }
    alarms[0].reset(Instant::now()); // the clone is woken
    alarms[1].reset(Instant::now() + 2 * HOUR);
    assert!(poll(&mut alarms[1], Waker::noop()).is_pending()); // the clone is dropped
    drop(alarms); // the third clone is dropped
    assert_eq!(Arc::strong_count(&meddler), 1, "a waker leaked");
    assert_eq!(meddler.calls.load(SeqCst), 3 * 5 + 3, "one of the meddlings was not tried");
}
