//! A root future that is driven beside the workers: `block_on` of the multi-thread runtime, and `Handle::block_on`.
//!
//! The thread is no worker: a task that blocks a worker never delays the root, and what the root spawns goes to the global
//! queue, where every worker can take it at once.
//!
//! * `ROOT-1` While a root is polled, [`PRESENT`] tells its waker from all others, and at no other time: a root whose thread
//!   drives another one inside `block_in_place` is not confused with it, nor is one that is gone with one that came in its place.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::task::waker_ref;

use super::Shared;
use super::park::Parker;
use crate::coop::{self, Budget};

thread_local! {
    /// What the waker of the root points to that this thread polls; null if it has yielded in the present poll.
    static PRESENT: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

// ANCHOR: scheduler-root-yields
/// If `waker` is that of the root which this thread polls, the root is polled again without a wake. A token would do the same for
/// two locked instructions.
pub(crate) fn yields(waker: &Waker) -> bool {
    let present = PRESENT.get();
    let yields = !present.is_null() && present == waker.data();
    if yields {
        PRESENT.set(ptr::null());
    }
    yields
}

/// Puts back the root around this one, also if a poll panics.
struct Outer(*const ());

impl Drop for Outer {
    fn drop(&mut self) {
        PRESENT.set(self.0);
    }
}

// ANCHOR: scheduler-block-on
/// Drives `future` on the calling thread, which sleeps while the future waits, with [`Patience`](super::patience): tasks that are
/// awaited one after the other are often done one after the other, and each would wake this thread to see that the next is not
/// yet done.
pub(crate) fn block_on<F: Future>(shared: &Shared, future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new());
    let waker = waker_ref(&parker);
    let mut cx = Context::from_waker(&waker);
    let mut patience = shared.config.patience();
    let _outer = Outer(PRESENT.get());
    loop {
        PRESENT.set(waker.data());
        if let Poll::Ready(output) = coop::with_budget(Budget::initial(), || future.as_mut().poll(&mut cx)) {
            return output;
        }
        if PRESENT.get().is_null() || parker.take_token() {
            continue; // it yielded, or was quick to be woken
        }
        if shared.has_spare_core() && patience.is_due() && patience.look(|| parker.take_token()) {
            patience.paid();
        } else {
            parker.park();
        }
    }
}
