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
use crate::runtime::config::Config;

// ANCHOR: scheduler-block-on
/// Drives `future` on the calling thread, which sleeps while the future waits, with [`Patience`](super::patience): tasks that are awaited one
/// after the other are often done one after the other, and each would wake this thread to see that the next is not yet done.
pub(crate) fn block_on<F: Future>(config: &Config, future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new());
    let waker = waker_ref(&parker);
    let mut cx = Context::from_waker(&waker);
    let mut patience = config.patience();
    loop {
        if let Poll::Ready(output) = coop::with_budget(Budget::initial(), || future.as_mut().poll(&mut cx)) {
            return output;
        }
        if parker.take_token() {
            continue; // it yielded, or was quick to be woken
        }
        if patience.is_due() && patience.look(|| parker.take_token()) {
            patience.paid();
        } else {
            parker.park();
        }
    }
}
