//! `TaskTracker`: waits until a group of tasks has ended, without keeping anything of them.
//!
//! ```text
//!   tracker.spawn(task)   count + 1        wait().await
//!        |                                 1. make a `Notified`
//!        v                                 2. closed, and the count is 0? done
//!   TrackedFuture {task, token}            3. else await the `Notified`
//!        |
//!        v                                 close(), or the drop of a token
//!   drop: first the task, then the token   1. change the word
//!         count - 1                        2. closed now, and the count is 0? notify_waiters
//! ```
//!
//! Vocabulary. A *token* stands for one task, and counts as long as it lives. The tracker is *closed* when its user says
//! that no more tasks are to come; without this, `wait` would end in each moment in which the group happens to be empty.
//!
//! Invariants:
//! - `TRACKER-1`: closed and count are one word, so "closed and empty" is one look, and exactly one change makes it true:
//!   the one who makes that change notifies.
//! - `TRACKER-2`: the word first, then notify; the `Notified` first, then the look.
//! - `TRACKER-3`: a token is dropped after the future that it stands for. Who has waited knows that all destructors of the
//!   tasks have run.
//!
//! Where a `JoinSet` keeps a handle and the output of each task until somebody asks for it, a tracker keeps a number: the
//! right thing for a server that runs for months.

#[cfg(not(loom))]
use std::future::Future;
use std::{fmt, sync::Arc};

use self::state::{Became, State};
use crate::sync::Notify;
#[cfg(not(loom))]
use crate::{
    runtime::Handle,
    task::{self, JoinHandle},
};

#[cfg(all(test, loom))]
mod model;
mod state;
mod token;
mod wait;

#[cfg(not(loom))]
pub use self::token::TrackedFuture;
pub use self::{token::TaskTrackerToken, wait::TaskTrackerWaitFuture};

/// Waits for tasks.
///
/// Spawn tasks with it, [`close`](TaskTracker::close) it when no more are to come, and [`wait`](TaskTracker::wait) for the
/// end of all. It does not stop them: a [`CancellationToken`](super::CancellationToken) does that. Clones are handles of
/// the same tracker.
///
/// The interface is that of `tokio_util::task::TaskTracker`.
///
/// # Examples
///
/// ```
/// use mini_tokio::util::{CancellationToken, TaskTracker};
///
/// # #[mini_tokio::main]
/// # async fn main() {
/// let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
/// for _ in 0..10 {
///     let token = token.clone();
///     tracker.spawn(async move { token.cancelled().await });
/// }
/// tracker.close();
/// token.cancel();
/// tracker.wait().await;
/// assert!(tracker.is_empty());
/// # }
/// ```
pub struct TaskTracker {
    shared: Arc<Shared>,
}

struct Shared {
    /// Its own rules: `state`.
    state: State,
    /// Told when the tracker becomes closed and empty.
    finished: Notify,
}

impl Shared {
    fn announce(&self, became: Became) {
        if became == Became::Finished {
            self.finished.notify_waiters();
        }
    }
}

impl TaskTracker {
    /// An open tracker without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self { shared: Arc::new(Shared { state: State::new(), finished: Notify::new() }) }
    }

    /// Waits until the tracker is closed and empty at the same time. If that comes true once after this call, and the
    /// tracker is then opened again, the future is ready all the same.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        TaskTrackerWaitFuture::new(&self.shared)
    }

    /// Says that no more tasks are to come, which [`wait`](TaskTracker::wait) needs to end. (They may come nevertheless.)
    /// Returns whether the tracker was open.
    pub fn close(&self) -> bool {
        let (was_open, became) = self.shared.state.close();
        self.shared.announce(became);
        was_open
    }

    /// Undoes [`close`](TaskTracker::close). Returns whether the tracker was closed.
    pub fn reopen(&self) -> bool {
        self.shared.state.reopen()
    }

    /// Whether the tracker is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.load().is_closed()
    }

    /// How many tasks have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.load().tasks()
    }

    /// Whether all tasks have ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A token that counts as a task as long as it lives.
    #[must_use]
    pub fn token(&self) -> TaskTrackerToken {
        TaskTrackerToken::new(self)
    }

    /// Whether both are handles of one tracker.
    #[must_use]
    pub fn ptr_eq(left: &TaskTracker, right: &TaskTracker) -> bool {
        Arc::ptr_eq(&left.shared, &right.shared)
    }
}

#[cfg(not(loom))]
impl TaskTracker {
    /// Spawns `task` on the current runtime, and tracks it.
    ///
    /// # Panics
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn(self.track_future(task))
    }

    /// Spawns `task` on the runtime of `handle`, and tracks it.
    #[track_caller]
    pub fn spawn_on<F>(&self, task: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(task))
    }

    /// Spawns `task` on this thread, and tracks it; see [`task::spawn_local`].
    ///
    /// # Panics
    /// Where `spawn_local` does.
    #[track_caller]
    pub fn spawn_local<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        task::spawn_local(self.track_future(task))
    }

    /// Runs `task` on the blocking pool of the current runtime, and tracks it.
    ///
    /// # Panics
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, task: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_on(task, &Handle::current())
    }

    /// Runs `task` on the blocking pool of the runtime of `handle`, and tracks it.
    #[track_caller]
    pub fn spawn_blocking_on<F, T>(&self, task: F, handle: &Handle) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // A pair, so that also if it is dropped without being run, `task` goes before its token: TRACKER-3.
        let tracked = (task, self.token());
        handle.spawn_blocking(move || {
            let tracked = tracked;
            (tracked.0)()
        })
    }

    /// Tracks `future` wherever it runs, until it is dropped.
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture::new(future, self.token())
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for TaskTracker {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe("TaskTracker", &self.shared, f)
    }
}

/// What a tracker and its tokens say of themselves. The address tells trackers apart.
fn describe(name: &str, shared: &Arc<Shared>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let state = shared.state.load();
    f.debug_struct(name)
        .field("len", &state.tasks())
        .field("is_closed", &state.is_closed())
        .field("inner", &Arc::as_ptr(shared))
        .finish()
}
