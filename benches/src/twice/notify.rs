//! Tasks that wait on one `Notify`, until there were 500 wakes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::adapter::build;
use super::tokio::sync::Notify;
use super::tokio::task;
use crate::meter::Meter;
use crate::rt::Shape;
use crate::workloads::{List, multi};

const WAKES: usize = 500;

pub(super) fn list(list: &mut List) {
    list.add("ct/notify_in_turns", in_turns);
    for waiters in [10, 50, 100, 200, 500] {
        list.add(format!("mt4/notify_one_{waiters}"), move |meter| wakes(meter, waiters, Notify::notify_one));
        list.add(format!("mt4/notify_waiters_{waiters}"), move |meter| wakes(meter, waiters, Notify::notify_waiters));
    }
}

fn wakes(meter: &mut Meter, waiters: usize, wake: fn(&Notify)) {
    let runtime = build(multi()[0]);
    let notify = Arc::new(Notify::new());
    let woken = Arc::new(AtomicUsize::new(0));
    for _ in 0..waiters {
        let (notify, woken) = (notify.clone(), woken.clone());
        runtime.spawn(async move {
            loop {
                notify.notified().await;
                woken.fetch_add(1, Relaxed);
            }
        });
    }
    meter.repeat(WAKES as u32, || {
        woken.store(0, Relaxed);
        runtime.block_on(async {
            while woken.load(Relaxed) < WAKES {
                wake(&notify);
                task::yield_now().await;
            }
        });
    });
}

/// Two tasks that wake each other, 1,000 times each. The value is for one wake, and the poll that follows it.
fn in_turns(meter: &mut Meter) {
    const TURNS: u32 = 1_000;
    let runtime = build(Shape::CURRENT_THREAD);
    meter.repeat(2 * TURNS, || {
        let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (theirs, ours) = (pong.clone(), ping.clone());
        let other = runtime.spawn(async move {
            for _ in 0..TURNS {
                ours.notified().await;
                theirs.notify_one();
            }
        });
        let one = runtime.spawn(async move {
            for _ in 0..TURNS {
                ping.notify_one();
                pong.notified().await;
            }
        });
        runtime.block_on(async {
            one.await.expect("the task does not fail");
            other.await.expect("the task does not fail");
        });
    });
}
