//! [`yield_now`]: lets everything else that is ready go first.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::coop;

/// Goes behind every task that is ready now, and behind the drivers, which are polled once before the task goes on.
///
/// A task that yields in a loop does not keep the others from running, nor sockets and timers from being looked after. How
/// many others run in between is not promised. Outside a runtime the caller is woken at once.
///
/// Cancel safe. The task is put on its worker's deferred list (see the scheduler's `core` file) and not into its queue: there
/// it would keep the queue from ever running empty, and an empty queue is what makes a worker look at the drivers. Inside a
/// task that polls futures with wakers of its own (`FuturesUnordered`, a `LocalSet`) it is that task which goes behind, and
/// what else it has to poll it polls before.
pub async fn yield_now() {
    Yield { yielded: false }.await
}

struct Yield {
    yielded: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        coop::defer(cx.waker());
        Poll::Pending
    }
}
