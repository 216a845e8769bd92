//! A root future that is driven beside the workers: `block_on` of the multi-thread runtime, and `Handle::block_on`.
//!
//! The thread is no worker: a task that blocks a worker never delays the root, and what the root spawns goes to the global
//! queue, where every worker can take it at once.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures::task::waker_ref;

use super::Shared;
use super::park::Parker;
use crate::context;
use crate::shim::core_here;

// ANCHOR: scheduler-block-on
/// Drives `future` on the calling thread, which sleeps while the future waits, with [`Patience`](super::patience): tasks that are
/// awaited one after the other are often done one after the other, and each would wake this thread to see that the next is not
/// yet done.
pub(crate) fn block_on<F: Future>(shared: &Shared, future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new());
    let waker = waker_ref(&parker);
    let mut patience = shared.config.patience();
    loop {
        let (polled, yielded) = context::poll_root(&waker, future.as_mut());
        shared.yields_on.set(yielded.then(core_here).flatten());
        if let Poll::Ready(output) = polled {
            return output;
        }
        if yielded || parker.take_token() {
            continue; // it yielded, or was quick to be woken
        }
        if shared.has_spare_core() && patience.is_due() && patience.look(|| parker.take_token()) {
            patience.paid();
        } else {
            parker.park();
        }
    }
}
