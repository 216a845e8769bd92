//! Who wakes a root future from its own thread interrupts nobody; who does from another ends its sleep.

use std::future::poll_fn;
use std::task::Poll;

use crate::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Whether somebody told the worker not to sleep.
fn has_token(runtime: &Runtime) -> bool {
    let parker = &runtime.handle().shared.remotes[0].parker;
    let token = !parker.prepare_driver_park();
    token || parker.finish_driver_park()
}

#[test]
fn a_task_that_wakes_the_root_does_not_interrupt_the_reactor() {
    let runtime = runtime();
    runtime.block_on(async { crate::spawn(async {}).await.unwrap() });
    assert!(!has_token(&runtime));
}

#[test]
fn another_thread_that_wakes_the_root_ends_its_sleep() {
    let runtime = runtime();
    let mut woken = false;
    runtime.block_on(poll_fn(|cx| {
        if std::mem::replace(&mut woken, true) {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        std::thread::spawn(move || waker.wake());
        Poll::Pending
    }));
}
