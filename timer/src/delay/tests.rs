//! Delays under executors of several kinds.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::Timer;
use crate::testing::{Count, ms, park_on, poll};

fn paused() -> Timer {
    let timer = Timer::new();
    timer.pause().unwrap();
    timer
}

#[test]
fn a_delay_can_be_sent_shared_and_moved() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    check::<Delay>();
    check::<Timer>();
}

#[test]
fn an_unpolled_delay_is_not_armed_and_has_no_record() {
    let timer = paused();
    let delay = timer.delay_until(timer.now() + ms(5));
    assert!(!delay.ticket.is_registered() && !delay.is_armed() && !delay.is_elapsed());
    assert_eq!((timer.armed(), timer.capacity()), (0, 0));
    timer.advance(ms(5)).unwrap();
    assert!(delay.is_elapsed());
}

#[test]
fn a_deadline_that_has_passed_is_ready_at_the_first_poll_without_a_record() {
    let timer = paused();
    for deadline in [timer.now(), timer.now() - ms(1)] {
        let mut delay = timer.delay_until(deadline);
        for _ in 0..2 {
            assert_eq!(poll(&mut delay, &Count::new()), Poll::Ready(Ok(())));
        }
        assert!(!delay.ticket.is_registered() && delay.is_elapsed());
    }
    assert_eq!(timer.capacity(), 0);
}

#[test]
fn an_elapsed_delay_stays_ready() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &count).is_pending());
    timer.advance(ms(1)).unwrap();
    assert!(delay.is_elapsed() && !delay.is_armed());
    assert!(poll(&mut delay, &count).is_ready() && poll(&mut delay, &count).is_ready());
    assert_eq!(count.get(), 1);
}

#[test]
fn a_dropped_delay_never_fires_and_lets_go_of_its_waker_at_once() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &count).is_pending());
    assert_eq!(Arc::strong_count(&count), 2);
    drop(delay);
    assert_eq!((Arc::strong_count(&count), timer.armed()), (1, 0));
    assert_eq!(timer.advance(ms(10)), Ok(0));
    assert_eq!(count.get(), 0);
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken_and_an_equal_one_is_not_cloned_again() {
    let timer = paused();
    let (old, new) = (Count::new(), Count::new());
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &old).is_pending());
    assert!(poll(&mut delay, &new).is_pending());
    assert!(poll(&mut delay, &new).is_pending());
    assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (1, 2));
    timer.advance(ms(1)).unwrap();
    assert_eq!((old.get(), new.get()), (0, 1));
}

#[test]
fn a_later_deadline_fires_at_the_new_time_only() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(5));
    assert!(poll(&mut delay, &count).is_pending());
    delay.reset(timer.now() + ms(700));
    assert!(delay.is_armed());
    assert_eq!((timer.armed(), timer.next_deadline()), (1, Some(delay.deadline())));
    assert_eq!((timer.advance(ms(699)), count.get()), (Ok(0), 0));
    assert_eq!((timer.advance(ms(1)), count.get()), (Ok(1), 1));
}

#[test]
fn an_earlier_deadline_moves_the_entry_and_wakes_the_task_of_the_last_poll() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(700));
    assert!(poll(&mut delay, &count).is_pending());
    delay.reset(timer.now() + ms(5));
    assert_eq!((timer.armed(), timer.next_deadline()), (1, Some(delay.deadline())));
    assert_eq!((timer.advance(ms(5)), count.get()), (Ok(1), 1));
    assert!(poll(&mut delay, &count).is_ready());
    assert_eq!((timer.advance(ms(1000)), count.get()), (Ok(0), 1));
}

#[test]
fn an_armed_delay_that_is_reset_into_the_past_wakes_its_task_at_once() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(700));
    assert!(poll(&mut delay, &count).is_pending());
    delay.reset(timer.now());
    assert_eq!((count.get(), timer.armed(), delay.is_elapsed()), (1, 0, true));
    assert!(poll(&mut delay, &count).is_ready());
}

#[test]
fn an_elapsed_delay_is_pending_again_after_reset() {
    let timer = paused();
    let count = Count::new();
    let mut delay = timer.delay_until(timer.now() + ms(1));
    for round in 1..5 {
        assert!(poll(&mut delay, &count).is_pending());
        assert_eq!(timer.advance(ms(1)), Ok(1));
        assert!(poll(&mut delay, &count).is_ready());
        delay.reset(timer.now() + ms(1));
        assert!(!delay.is_elapsed() && !delay.is_armed(), "armed by the next poll, not by reset");
        assert_eq!(count.get(), round);
    }
    assert_eq!(timer.advance(ms(10)), Ok(0));
}

#[test]
fn a_delay_of_any_odd_length_is_never_early_on_the_real_clock() {
    let timer = Timer::new();
    for micros in [1, 499, 999, 1000, 1001, 1999, 2500, 7321] {
        for _ in 0..8 {
            let deadline = timer.now() + Duration::from_micros(micros);
            park_on(timer.delay_until(deadline));
            assert!(timer.now() >= deadline, "early for {micros} us");
        }
    }
}

#[test]
fn a_delay_works_under_another_executor() {
    let timer = Timer::new();
    let deadline = timer.now() + ms(3);
    futures::executor::block_on(async {
        futures::join!(timer.delay_until(deadline), timer.delay_until(deadline - ms(2)));
    });
    assert!(timer.now() >= deadline);
}

#[test]
fn far_deadlines_do_not_panic_come_at_the_end_of_time_and_hold_up_no_others() {
    let timer = paused();
    let count = Count::new();
    let century = Duration::from_secs(100 * 365 * 86_400);
    let far = [timer.now() + century * 12 / 5, timer.now() + century * 13 / 5, timer.now() + century * 900_000];
    let mut delays = far.map(|deadline| timer.delay_until(deadline));
    delays.iter_mut().for_each(|delay| assert!(poll(delay, &count).is_pending()));
    let mut near = timer.delay_until(timer.now() + Duration::from_secs(29 * 365 * 86_400));
    assert!(poll(&mut near, &count).is_pending());
    assert_eq!(timer.advance_to_next().map(|fired| (fired.at, fired.count)), Some((near.deadline(), 1)));
    assert_eq!(timer.advance_to_next().map(|fired| fired.at), Some(far[0]));
    assert_eq!((timer.armed(), count.get()), (2, 2));
    delays[2].reset(timer.now() + ms(1));
    assert_eq!((timer.advance(ms(1)), count.get()), (Ok(1), 3));
    // CLOCK-2: the last one's deadline is beyond the end of time.
    assert_eq!(timer.advance_to_next().map(|fired| (fired.at < far[1], fired.count)), Some((true, 1)));
    assert_eq!((timer.advance_to_next(), timer.next_deadline(), count.get()), (None, None, 4));
    let mut late = timer.delay_until(far[2]);
    assert!(late.is_elapsed());
    assert_eq!(poll(&mut late, &count), Poll::Ready(Ok(())));
    assert_eq!((timer.advance(Duration::ZERO), timer.advance(ms(1))), (Ok(0), Err(crate::ClockError::TooFar)));

    let real = Timer::new();
    let mut delay = real.delay_until(far[2]);
    assert!(poll(&mut delay, &count).is_pending());
    park_on(real.delay_until(real.now() + ms(2)));
    assert!(poll(&mut delay, &count).is_pending());
}

#[test]
fn eight_sleeps_of_thirty_years_end_one_after_the_other() {
    let timer = paused();
    for _ in 0..8 {
        let mut delay = timer.delay_until(timer.now() + Duration::from_secs(30 * 365 * 86_400));
        assert!(poll(&mut delay, &Count::new()).is_pending());
        assert_eq!(timer.advance_to_next(), Some(crate::Fired { at: delay.deadline(), count: 1 }));
    }
    let end = timer.now();
    timer.resume().unwrap();
    assert!(timer.now() >= end && timer.now() < end + Duration::from_secs(3600), "the clock goes on from there");
}

#[test]
#[should_panic(expected = "polled after its timer was shut down")]
fn the_future_of_a_stopped_timer_panics() {
    let timer = Timer::new();
    let delay = timer.delay_until(timer.now() + ms(1));
    timer.shutdown();
    park_on(delay);
}

#[test]
fn a_delay_that_fired_before_the_shutdown_is_ready_after_it() {
    let timer = paused();
    let mut delay = timer.delay_until(timer.now() + ms(1));
    assert!(poll(&mut delay, &Count::new()).is_pending());
    timer.advance(ms(1)).unwrap();
    timer.shutdown();
    assert_eq!(poll(&mut delay, &Count::new()), Poll::Ready(Ok(())));
}

#[test]
fn a_waker_whose_clone_panics_leaves_a_delay_that_can_be_polled_and_dropped() {
    use std::task::{RawWaker, RawWakerVTable};
    fn clone(_: *const ()) -> RawWaker {
        std::panic::resume_unwind(Box::new("clone"))
    }
    fn nothing(_: *const ()) {}
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, nothing, nothing, nothing);
    // SAFETY: the waker has no data; a `clone` that never returns breaks no contract.
    let bad = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &VTABLE)) };

    let timer = paused();
    let count = Count::new();
    for then_poll in [true, false] {
        let mut delay = timer.delay_until(timer.now() + ms(1));
        assert!(poll(&mut delay, &count).is_pending());
        let poll_bad = std::panic::AssertUnwindSafe(|| delay.poll_elapsed(&mut Context::from_waker(&bad)));
        assert!(std::panic::catch_unwind(poll_bad).is_err());
        if then_poll {
            assert!(poll(&mut delay, &count).is_pending());
            assert_eq!((timer.advance(ms(1)), count.get()), (Ok(1), 1));
        } else {
            drop(delay);
            assert_eq!(timer.advance(ms(1)), Ok(0));
        }
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
