//! A root future that is driven beside the workers: `block_on` of the multi-thread runtime, and `Handle::block_on`.
//!
//! The thread is no worker: a task that blocks a worker never delays the root, and what the root spawns goes to the global
//! queue, where every worker can take it at once.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures::task::waker_ref;

use super::Shared;
use super::park::Parker;
use super::patience::Patience;
use crate::context;
use crate::shim::core_here;

// ANCHOR: root-patience
thread_local! {
    /// What the thread has learnt from one root serves the next: a program that drives many drives the same again and again, and
    /// a few sleeps each. It has no destructor.
    static PATIENCE: RefCell<Patience> = const { RefCell::new(Patience::new()) };
}

// ANCHOR: scheduler-block-on
/// Drives `future` on the calling thread, which sleeps while the future waits, with [`Patience`]: tasks that are awaited one
/// after the other are often done one after the other, and each would wake this thread to see that the next is not yet done.
pub(crate) fn block_on<F: Future>(shared: &Shared, future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new());
    let waker = waker_ref(&parker);
    loop {
        let (polled, yielded) = context::poll_root(&waker, future.as_mut());
        shared.yields_on.set(yielded.then(core_here).flatten());
        if let Poll::Ready(output) = polled {
            return output;
        }
        let look_on = || PATIENCE.with_borrow_mut(|patience| shared.look_on(patience, || parker.take_token()));
        if !(yielded || parker.take_token() || look_on()) {
            parker.park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::Builder;
    use crate::runtime::config::cores;
    use crate::time::sleep;

    #[test]
    fn a_root_rests_from_looking_where_the_one_before_has_looked_in_vain() {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
        let is_due = || PATIENCE.with_borrow_mut(Patience::is_due);
        assert!(is_due(), "the thread has driven none");
        runtime.block_on(async { sleep(Duration::from_millis(100)).await });
        assert_eq!(is_due(), cores() == 1);
    }
}
