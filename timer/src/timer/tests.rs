//! The timer as a whole: clock, wheel, thread.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Poll, Wake};

use super::*;
use crate::testing::{Call, Count, Log, Random, eventually, ms, poll};

fn paused() -> Timer {
    let timer = Timer::new();
    timer.pause().unwrap();
    timer
}

#[test]
fn advance_fires_in_the_order_of_deadlines_and_equals_in_the_order_of_arming() {
    let timer = paused();
    let log: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let start = timer.now();
    let deadlines = [700, 3, 700, 4_000_000, 3, 65, 64, 700].map(|at| start + ms(at));
    let mut delays: Vec<_> = deadlines.iter().map(|&deadline| timer.delay_until(deadline)).collect();
    for (id, delay) in (0..).zip(&mut delays) {
        assert!(poll(delay, &Arc::new(Log { id, timer: timer.clone(), log: log.clone() })).is_pending());
    }
    assert_eq!(timer.advance(ms(5_000_000)), Ok(8));
    let order: Vec<_> = log.lock().unwrap().iter().map(|&(id, _)| id).collect();
    assert_eq!(order, [1, 4, 6, 5, 0, 2, 7, 3]);
}

#[test]
fn a_waker_reads_its_deadline_on_the_paused_clock_and_may_arm_within_the_span() {
    let timer = paused();
    let start = timer.now();
    let chained: Arc<Mutex<Vec<Delay>>> = Arc::default();
    let wakes = Count::new();
    let waker = Arc::new(Call({
        let (timer, chained, wakes) = (timer.clone(), chained.clone(), wakes.clone());
        move || {
            assert_eq!(timer.now(), start + ms(10));
            let mut next = timer.delay_until(timer.now() + ms(5));
            assert!(poll(&mut next, &wakes).is_pending());
            chained.lock().unwrap().push(next);
        }
    }));
    let mut delay = timer.delay_until(start + ms(10));
    assert!(poll(&mut delay, &waker).is_pending());
    assert_eq!(timer.advance(ms(14)), Ok(1));
    assert_eq!((wakes.get(), timer.armed()), (0, 1));
    assert_eq!(timer.advance(ms(1)), Ok(1));
    assert_eq!(wakes.get(), 1);
    assert_eq!(timer.now(), start + ms(15));
}

#[test]
fn a_paused_clock_fires_nothing_by_itself_and_starts_no_thread() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &count).is_pending());
    std::thread::sleep(ms(5));
    assert!(poll(&mut delay, &count).is_pending());
    assert!(!delay.is_elapsed() && delay.is_armed());
    assert!(timer.shared().bell.lock().state.thread.is_none());
    assert_eq!(timer.advance_to_next(), Some(Fired { at: delay.deadline(), count: 1 }));
    assert_eq!(timer.advance_to_next(), None);
    assert_eq!(count.get(), 1);
}

#[test]
fn resume_starts_the_thread_for_what_was_armed_while_paused() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(2));
    assert!(poll(&mut delay, &count).is_pending());
    timer.resume().unwrap();
    count.wait_for(1);
    assert_eq!(poll(&mut delay, &count), Poll::Ready(Ok(())));
}

#[test]
fn a_thread_that_slept_through_a_pause_fires_after_resume_by_the_moved_clock() {
    let timer = Timer::new();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + Duration::from_secs(3600));
    assert!(poll(&mut delay, &count).is_pending());
    timer.pause().unwrap();
    assert_eq!(timer.advance(delay.deadline() - timer.now() - ms(3)), Ok(0));
    timer.resume().unwrap();
    count.wait_for(1);
    assert!(timer.now() >= delay.deadline());
}

#[test]
fn clock_errors_say_what_is_wrong_and_change_nothing() {
    let timer = Timer::new();
    assert_eq!(timer.resume(), Err(ClockError::NotPaused));
    assert_eq!(timer.advance(ms(1)), Err(ClockError::NotPaused));
    assert_eq!(timer.advance_to_next(), None);
    timer.pause().unwrap();
    assert_eq!(timer.pause(), Err(ClockError::AlreadyPaused));
    let now = timer.now();
    assert_eq!(timer.advance(Duration::MAX), Err(ClockError::TooFar));
    assert_eq!(timer.advance(Duration::from_secs(251 * 365 * 86_400)), Err(ClockError::TooFar));
    assert_eq!((timer.now(), timer.is_paused()), (now, true));
    assert_eq!(timer.advance(Duration::from_secs(249 * 365 * 86_400)), Ok(0));
}

#[test]
fn a_refused_thread_panics_in_the_poll_and_loses_nothing() {
    let timer = Timer::new();
    timer.shared().bell.lock().state.refuse_thread = true;
    let mut delay = timer.delay_until(timer.now() + ms(20));
    let count = Count::new();
    let panic = catch_unwind(AssertUnwindSafe(|| poll(&mut delay, &count))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("timer thread could not be started"), "{message}");
    assert_eq!((timer.armed(), Arc::strong_count(&count)), (0, 1));
    timer.pause().unwrap();
    assert!(poll(&mut delay, &count).is_pending());
    assert_eq!(timer.resume(), Err(ClockError::NoThread));
    assert!(timer.is_paused());
    timer.shared().bell.lock().state.refuse_thread = false;
    timer.resume().unwrap();
    count.wait_for(1);
}

#[test]
fn the_thread_starts_with_the_first_armed_delay_and_later_deadlines_do_not_ring_for_it() {
    let timer = Timer::with_thread_name("my-timer");
    let count = Count::new();
    let start = timer.now();
    let started = |timer: &Timer| timer.shared().bell.lock().state.thread.is_some();
    drop(timer.delay_until(start + Duration::from_secs(1000)));
    let mut passed = timer.delay_until(start);
    assert!(poll(&mut passed, &count).is_ready());
    assert!(!started(&timer));
    let mut first = timer.delay_until(start + Duration::from_secs(1000));
    assert!(poll(&mut first, &count).is_pending());
    assert!(started(&timer));
    let name = timer.shared().bell.lock().state.thread.as_ref().unwrap().thread().name().map(str::to_owned);
    assert_eq!(name.as_deref(), Some("my-timer"));

    eventually("the thread sleeps towards the first", || timer.shared().bell.lock().asleep_until() > 0);
    let rings = timer.rings();
    let mut later: Vec<_> = (1..500).map(|i| timer.delay_until(start + Duration::from_secs(1000 + i))).collect();
    later.iter_mut().for_each(|delay| assert!(poll(delay, &count).is_pending()));
    assert_eq!(timer.rings(), rings, "rung for a later deadline");
    drop(later);
    first.reset(start + Duration::from_secs(5000));
    assert_eq!(timer.rings(), rings, "rung for a postponed, or dropped, deadline");
    let mut earlier = timer.delay_until(start + Duration::from_secs(10));
    assert!(poll(&mut earlier, &count).is_pending());
    assert_eq!(timer.rings(), rings + 1, "not rung for an earlier deadline");
}

#[test]
fn a_million_delays_are_armed_at_once_and_all_fire() {
    const MILLION: u64 = 1_000_000;
    let timer = paused();
    let count = Count::new();
    let start = timer.now();
    let waker = Waker::from(count.clone());
    let mut delays: Vec<_> = (0..MILLION).map(|i| timer.delay_until(start + ms(1 + i * 7 % 100_000))).collect();
    for delay in &mut delays {
        assert!(delay.poll_elapsed(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(timer.armed(), MILLION as usize);
    assert_eq!(timer.advance(Duration::from_secs(50)), Ok(500_000));
    assert_eq!(timer.advance(Duration::from_secs(50)), Ok(500_000));
    assert_eq!((count.get(), timer.armed()), (MILLION as usize, 0));
}

#[test]
fn many_delays_of_one_tick_fire_on_the_real_clock_in_batches() {
    let timer = Timer::new();
    let count = Count::new();
    let deadline = timer.now() + ms(30);
    let mut delays: Vec<_> = (0..5_000).map(|_| timer.delay_until(deadline)).collect();
    let armed = delays.iter_mut().filter_map(|delay| poll(delay, &count).is_pending().then_some(())).count();
    count.wait_for(armed);
    assert!(timer.now() >= deadline);
    assert!(delays.iter_mut().all(|delay| poll(delay, &count).is_ready()));
}

#[test]
fn memory_follows_the_delays_that_are_armed() {
    let timer = paused();
    let count = Count::new();
    let start = timer.now();
    let arm = |i: u64| {
        let mut delay = timer.delay_until(start + Duration::from_secs(3600 + i));
        assert!(poll(&mut delay, &count).is_pending());
        delay
    };
    let mut kept: Vec<_> = (0..1000).map(arm).collect();
    let room = timer.capacity();
    assert!(room < 1100, "{room} places for 1000 records");
    (0..100_000).for_each(|i| drop(arm(i % 7000)));
    assert_eq!((timer.armed(), timer.capacity()), (1000, room), "TIMER-4: those that were dropped left something");
    assert_eq!(Arc::strong_count(&count), 1001, "a dropped delay kept its waker");

    let many: Vec<_> = (0..100_000).map(arm).collect();
    kept.push(arm(0)); // the last one of a crowd does not keep the place of all the others
    drop(many);
    assert!(timer.capacity() < 1100, "TIMER-4: {} places for 1001 records", timer.capacity());
    drop(kept);
    assert_eq!((timer.armed(), Arc::strong_count(&count)), (0, 1));
    assert!(timer.capacity() <= 64, "TIMER-4: {} places for nothing", timer.capacity());
}

#[test]
fn shutdown_wakes_every_armed_delay_and_polls_say_stopped() {
    for timer in [Timer::new(), paused()] {
        let count = Count::new();
        let mut delays: Vec<_> =
            (1..100).map(|i| timer.delay_until(timer.now() + Duration::from_secs(i * i * i))).collect();
        delays.iter_mut().for_each(|delay| assert!(poll(delay, &count).is_pending()));
        timer.shutdown();
        assert_eq!((count.get(), timer.armed()), (99, 0));
        assert!(delays.iter_mut().all(|delay| poll(delay, &count) == Poll::Ready(Err(crate::Stopped))));
        delays[0].reset(timer.now() + ms(1));
        assert_eq!(poll(&mut delays[0], &count), Poll::Ready(Err(crate::Stopped)));
        let mut late = timer.delay_until(timer.now() + ms(1));
        assert_eq!(poll(&mut late, &count), Poll::Ready(Err(crate::Stopped)));
        timer.shutdown();
        drop(delays);
        assert_eq!((count.get(), Arc::strong_count(&count)), (99, 1));
    }
}

#[test]
fn shutdown_from_a_waker_on_the_timer_thread_does_not_wait_for_itself() {
    let timer = Timer::new();
    let done = Count::new();
    let waker = Arc::new(Call({
        let (timer, done) = (timer.clone(), done.clone());
        move || {
            timer.shutdown();
            done.clone().wake();
        }
    }));
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &waker).is_pending());
    done.wait_for(1);
}

#[test]
fn the_thread_ends_when_the_last_handle_or_delay_is_gone() {
    let timer = Timer::new();
    let count = Count::new();
    let shared = Arc::downgrade(timer.shared());
    let mut delay = timer.delay_until(timer.now() + Duration::from_secs(3600));
    assert!(poll(&mut delay, &count).is_pending());
    drop(timer);
    assert!(poll(&mut delay, &count).is_pending(), "the delay is a handle, too");
    drop(delay);
    eventually("the thread has let go of the timer", || shared.strong_count() == 0);
}

#[test]
fn a_panicking_waker_keeps_neither_the_thread_nor_advance_from_waking_the_others() {
    let bad = || Arc::new(Call(|| std::panic::resume_unwind(Box::new("bad waker")))); // does not run the panic hook
    for real in [true, false] {
        let timer = if real { Timer::new() } else { paused() };
        let count = Count::new();
        let deadline = timer.now() + ms(20);
        let mut delays: Vec<_> = (0..3).map(|_| timer.delay_until(deadline)).collect();
        let _ = poll(&mut delays[0], &bad());
        let _ = poll(&mut delays[1], &count);
        let mut later = timer.delay_until(deadline + ms(2));
        let _ = poll(&mut later, &count);
        if real {
            count.wait_for(2);
        } else {
            let panic = catch_unwind(AssertUnwindSafe(|| timer.advance(ms(50)))).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"bad waker"));
            assert_eq!((count.get(), timer.now()), (2, deadline + ms(30)));
        }
    }
}

/// Reliability class 10: whatever a waker does, it does not happen under the lock.
#[test]
fn wakers_may_use_the_timer_as_they_are_cloned_woken_and_dropped() {
    use std::task::{RawWaker, RawWakerVTable};

    struct Inner {
        timer: Timer,
        calls: AtomicUsize,
    }
    impl Inner {
        /// Takes the lock in every way there is: arms, resets both ways, drops, sweeps, looks.
        fn meddle(&self) {
            self.calls.fetch_add(1, SeqCst);
            let now = self.timer.now();
            let mut delay = self.timer.delay_until(now + ms(500));
            assert!(poll(&mut delay, &Count::new()).is_pending());
            delay.reset(now + ms(900));
            delay.reset(now + ms(100));
            let _ = (self.timer.next_deadline(), self.timer.armed());
        }
    }
    fn of(data: *const ()) -> Arc<Inner> {
        // SAFETY: every raw waker below is made of `Arc::into_raw`, and each reference is given up once.
        unsafe { Arc::from_raw(data.cast()) }
    }
    fn clone(data: *const ()) -> RawWaker {
        let inner = of(data);
        inner.meddle();
        let copy = inner.clone();
        let _ = Arc::into_raw(inner);
        RawWaker::new(Arc::into_raw(copy).cast(), &VTABLE)
    }
    fn wake(data: *const ()) {
        of(data).meddle();
    }
    fn wake_by_ref(data: *const ()) {
        let inner = of(data);
        inner.meddle();
        let _ = Arc::into_raw(inner);
    }
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, wake);

    let timer = paused();
    let inner = Arc::new(Inner { timer: timer.clone(), calls: AtomicUsize::new(0) });
    let waker = || {
        let raw = RawWaker::new(Arc::into_raw(inner.clone()).cast(), &VTABLE);
        // SAFETY: the table keeps the contract of `RawWaker`, over the counts of an `Arc` that is Send and Sync.
        unsafe { Waker::from_raw(raw) }
    };
    let start = timer.now();
    for i in 0..600 {
        let mut delay = timer.delay_until(start + ms(2000 + i));
        let mut poll_with = |waker: &Waker| delay.poll_elapsed(&mut std::task::Context::from_waker(waker));
        assert!(poll_with(&waker()).is_pending());
        assert!(poll_with(Waker::noop()).is_pending()); // drops the old one
        assert!(poll_with(&waker()).is_pending());
        match i % 4 {
            0 => delay.reset(start + ms(100)),
            1 => drop(delay),
            2 => delay.reset(start), // in the past: wakes at once
            _ => std::mem::forget(delay),
        }
    }
    timer.advance(ms(3000)).unwrap();
    timer.shutdown();
    assert!(inner.calls.load(SeqCst) > 2000);
}

#[test]
fn threads_that_arm_drop_and_reset_together_lose_no_delay() {
    let timer = Timer::new();
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let timer = &timer;
            scope.spawn(move || {
                let mut random = Random(seed * 0x9E37_79B9);
                for _ in 0..60 {
                    let mut batch: Vec<_> = (0..20)
                        .map(|_| {
                            let wakes = Count::new();
                            let mut delay = timer.delay_until(timer.now() + Duration::from_micros(random.below(4000)));
                            let mut woken = poll(&mut delay, &wakes).is_ready();
                            if random.below(3) == 0 {
                                delay.reset(timer.now() + Duration::from_micros(random.below(3000)));
                                woken = poll(&mut delay, &wakes).is_ready();
                            }
                            (delay, wakes, woken)
                        })
                        .collect();
                    batch.retain(|_| random.below(4) > 0);
                    for (delay, wakes, woken) in &mut batch {
                        if !*woken {
                            wakes.wait_for(1);
                        }
                        // A wake for a deadline that was reset in time may come first; the last poll arms it again.
                        while poll(delay, wakes).is_pending() {
                            wakes.wait_for(wakes.get() + 1);
                        }
                        assert!(timer.now() >= delay.deadline(), "early");
                    }
                }
            });
        }
    });
    eventually("nothing is left armed", || timer.armed() == 0);
}
