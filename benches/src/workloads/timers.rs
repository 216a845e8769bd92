//! Timers that never fire, as nearly all timeouts do.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

const BATCH: u32 = 1_000;
const FAR: Duration = Duration::from_secs(3_600);

/// Make and drop one that is never polled.
pub(super) fn made<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        runtime.enter(|| {
            for _ in 0..BATCH {
                drop(black_box(R::sleep(black_box(FAR))));
            }
        });
    });
}

fn arm<S: Future<Output = ()>>(sleep: Pin<&mut S>) {
    let poll = sleep.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Pending, "it is far away");
}

/// Make, poll once and drop.
pub(super) fn armed<R: Rt>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(BATCH, || {
        runtime.enter(|| {
            for _ in 0..BATCH {
                arm(std::pin::pin!(R::sleep(black_box(FAR))));
            }
        });
    });
}

/// A million at once, an hour apart at most; then all dropped. The value is for one timer, armed and cancelled.
pub(super) fn million<R: Rt>(meter: &mut Meter, shape: Shape) {
    let timers: u32 = if meter.quick { 100_000 } else { 1_000_000 };
    let runtime = R::build(shape);
    let mut sleeps: Vec<Pin<Box<R::Sleep>>> = Vec::with_capacity(timers as usize);
    meter.repeat(timers, || {
        runtime.enter(|| {
            for i in 0..timers {
                // Spread by a multiplication modulo 2^32: neither in order nor at random.
                let millis = i.wrapping_mul(2_654_435_761) % 3_600_000;
                let mut sleep = Box::pin(R::sleep(FAR + Duration::from_millis(u64::from(millis))));
                arm(sleep.as_mut());
                sleeps.push(sleep);
            }
            sleeps.clear();
        });
    });
}
