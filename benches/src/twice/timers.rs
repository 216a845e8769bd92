//! Timers that never fire, as nearly all timeouts do; and asking what time it is.

use std::future::{Future, pending};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::adapter::build;
use super::tokio::time::{Duration, Instant, Sleep, sleep, timeout};
use crate::meter::Meter;
use crate::rt::Shape;
use crate::workloads::{List, cores};

const BATCH: u32 = 1_000;
const FAR: Duration = Duration::from_secs(3_600);

pub(super) fn list(list: &mut List) {
    // tokio's own parameter is 8 workers.
    for shape in [Shape::CURRENT_THREAD, cores(), Shape::multi_thread(8)] {
        if shape == Shape::multi_thread(8) && shape == cores() {
            continue;
        }
        list.add(format!("{shape}/sleep_made"), move |meter| each(meter, shape, || drop(black_box(sleep(FAR)))));
        list.add(format!("{shape}/timeout_made"), move |meter| {
            each(meter, shape, || drop(black_box(timeout(FAR, pending::<()>()))));
        });
        list.add(format!("{shape}/sleep_armed"), move |meter| {
            each(meter, shape, || arm(std::pin::pin!(sleep(black_box(FAR)))));
        });
    }
    for shape in [Shape::CURRENT_THREAD, cores()] {
        list.add(format!("{shape}/sleep_million"), move |meter| million(meter, shape)).few_rounds().long();
    }
    for exponent in 2..=6 {
        let timers = 10_u32.pow(exponent);
        list.add(format!("scale/timers_{timers}"), move |meter| at_once(meter, cores(), timers)).scale();
    }
    list.add("ct/time_now", |meter| {
        let runtime = build(Shape::CURRENT_THREAD);
        meter.repeat(BATCH, || {
            for _ in 0..BATCH {
                black_box(runtime.block_on(async { Instant::now() }));
            }
        });
    });
}

fn each(meter: &mut Meter, shape: Shape, make: impl Fn()) {
    let runtime = build(shape);
    let _entered = runtime.enter();
    meter.repeat(BATCH, || (0..BATCH).for_each(|_| make()));
}

/// Polls it once.
fn arm<S: Future<Output = ()>>(sleep: Pin<&mut S>) {
    let poll = sleep.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Pending, "it is far away");
}

/// A million at once, an hour apart at most; then all dropped. The value is for one timer, armed and cancelled.
fn million(meter: &mut Meter, shape: Shape) {
    let timers: u32 = if meter.quick { 100_000 } else { 1_000_000 };
    at_once(meter, shape, timers);
}

fn at_once(meter: &mut Meter, shape: Shape, timers: u32) {
    let runtime = build(shape);
    let _entered = runtime.enter();
    let mut sleeps: Vec<Pin<Box<Sleep>>> = Vec::with_capacity(timers as usize);
    meter.repeat(timers, || {
        for i in 0..timers {
            // Spread by a multiplication modulo 2^32: neither in order nor at random.
            let millis = i.wrapping_mul(2_654_435_761) % 3_600_000;
            let mut sleep = Box::pin(sleep(FAR + Duration::from_millis(u64::from(millis))));
            arm(sleep.as_mut());
            sleeps.push(sleep);
        }
        sleeps.clear();
    });
}
