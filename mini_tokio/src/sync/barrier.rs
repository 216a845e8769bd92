//! `Barrier`: nobody goes on until all are there.
//!
//! Two numbers under a short lock, how many have arrived and which round this is, and a [`Notify`]. The last to arrive
//! begins the next round and wakes the others:
//!
//! ```text
//!   the last                            the others
//!   1. begin the next round             1. make a `Notified` (do not await it yet)
//!   2. notify_waiters                   2. look at the round: another one? go on
//!                                       3. await the `Notified`, and start again
//! ```
//!
//! Invariant `BARRIER-1`: who arrives in a round goes on when the barrier is in another one, and not before. Waking alone
//! says nothing: `notify_waiters` comes after the unlock, and may reach somebody of the next round.

use super::Notify;
use crate::leaf::named;
#[cfg(not(loom))]
use crate::task::coop::cooperative;
#[cfg(loom)]
use std::convert::identity as cooperative;

use crate::shim::Mutex;

#[cfg(all(test, loom))]
mod model;

/// A meeting point for a number of tasks, to be used again and again.
///
/// # Examples
///
/// ```
/// use mini_tokio::sync::Barrier;
/// use std::sync::Arc;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let barrier = Arc::new(Barrier::new(3));
/// let tasks: Vec<_> = (0..3)
///     .map(|_| {
///         let barrier = barrier.clone();
///         mini_tokio::spawn(async move { barrier.wait().await.is_leader() })
///     })
///     .collect();
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += usize::from(task.await.unwrap());
/// }
/// assert_eq!(leaders, 1);
/// # }
/// ```
#[cfg_attr(not(loom), derive(Debug))]
pub struct Barrier {
    size: usize,
    round: Mutex<Round>,
    released: Notify,
}

#[derive(Debug)]
struct Round {
    number: usize,
    arrived: usize,
}

impl Barrier {
    /// A barrier for `n` tasks. One for none lets everybody pass, as does one for one.
    pub fn new(n: usize) -> Barrier {
        Barrier { size: n.max(1), round: Mutex::new(Round { number: 0, arrived: 0 }), released: Notify::new() }
    }

    /// Waits until as many tasks as the barrier is for have called this. The one that came last is the leader.
    ///
    /// # Cancel safety
    /// None: a task that has arrived counts for this round, also if its future is dropped.
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        named(|| "Barrier::wait", self.arrive_and_wait())
    }

    async fn arrive_and_wait(&self) -> BarrierWaitResult {
        let Some(round) = self.arrive() else {
            self.released.notify_waiters();
            return BarrierWaitResult(true);
        };
        cooperative(self.end_of(round)).await;
        BarrierWaitResult(false)
    }

    /// The round in which the caller has to wait. None if it is the last to arrive, and the next round has begun.
    fn arrive(&self) -> Option<usize> {
        let mut round = self.round.lock();
        round.arrived += 1;
        if round.arrived < self.size {
            return Some(round.number);
        }
        *round = Round { number: round.number.wrapping_add(1), arrived: 0 };
        None
    }

    // ANCHOR: barrier-end-of
    async fn end_of(&self, round: usize) {
        loop {
            #[cfg(bug_barrier_look_before_listen)]
            if self.round.lock().number != round {
                return;
            }
            let released = self.released.notified();
            #[cfg(not(bug_barrier_look_before_listen))]
            if self.round.lock().number != round {
                return;
            }
            released.await;
        }
    }
}

/// How a task got past a [`Barrier`].
#[derive(Debug, Clone)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this task was the leader of its round: exactly one is.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}
