//! A root future that is driven beside the workers: `block_on` of the multi-thread runtime, and `Handle::block_on`.
//!
//! The thread is no worker: a task that blocks a worker never delays the root, and what the root spawns goes to the global
//! queue, where every worker can take it at once.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::task::waker_ref;

use super::park::Parker;
use crate::coop::{self, Budget};

// ANCHOR: scheduler-block-on
/// Drives `future` on the calling thread, which sleeps while the future waits.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new(0));
    let waker = waker_ref(&parker);
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = coop::with_budget(Budget::initial(), || future.as_mut().poll(&mut cx)) {
            return output;
        }
        parker.park();
    }
}
