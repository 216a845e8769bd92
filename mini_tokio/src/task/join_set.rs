//! [`JoinSet`]: tasks that are joined in the order in which they complete.
//!
//! ```text
//!   JoinSet                        a task of the set
//!   ┌────────────────────┐         ┌────────────┐
//!   │ tasks: key → handle│◀────────│ join waker │──▶ Ticket { key, ready }
//!   │ ready: Inbox<key>  │         └────────────┘
//!   └────────────────────┘             completes: pushes its key, and wakes who waits for the set
//! ```
//!
//! Each task has a ticket as its join waker from the moment it enters the set. So a wake-up of the set costs what became
//! ready, and not a look at each task. A task that was joined leaves the set at once, and with it go its cell and its ticket.
//!
//! * `JOINSET-1` The key of a task is pushed once: by its ticket when it completes, or when it enters the set complete.
//! * `JOINSET-2` The handles belong to the set alone (`&mut self`), without a lock; only the keys are shared.
//!
//! Rejected: polling handles in turn (a look at each of n tasks for one that is ready), and two intrusive lists as in tokio,
//! which save the key's indirection and need unsafe code.
//!
//! The protocol of the ready keys, its model and its bug switch: `inbox`, in the file of that name.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::task::{ArcWake, waker};
use slab::Slab;

use super::inbox::Inbox;
use super::{AbortHandle, Id, JoinError, JoinHandle, LocalSet};
use crate::coop;
use crate::leaf;
use crate::runtime::Handle;

mod builder;

pub use builder::Builder;

/// A collection of tasks with outputs of one type, joined as they complete.
///
/// Dropping the set aborts all tasks in it. To let them run on, [`detach_all`](Self::detach_all) first.
///
/// ```
/// use mini_tokio::task::JoinSet;
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut set = JoinSet::new();
/// for i in 0..10 {
///     set.spawn(async move { i });
/// }
/// let mut sum = 0;
/// while let Some(joined) = set.join_next().await {
///     sum += joined.unwrap();
/// }
/// assert_eq!(sum, 45);
/// # }
/// ```
pub struct JoinSet<T> {
    tasks: Slab<JoinHandle<T>>,
    ready: Arc<Inbox<usize>>,
}

/// Tells the set that the task with this key is complete.
struct Ticket {
    key: usize,
    ready: Arc<Inbox<usize>>,
}

impl ArcWake for Ticket {
    fn wake_by_ref(ticket: &Arc<Self>) {
        ticket.ready.push(ticket.key);
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self { tasks: Slab::new(), ready: Arc::new(Inbox::new()) }
    }

    /// How many tasks are in the set: those that were not joined yet, complete or not.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no task is in the set.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Settings for a task of this set, such as its name.
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder::new(self)
    }

    /// Spawns `task` on the current runtime, into the set.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn(task))
    }

    /// Spawns `task` on the runtime of `handle`, into the set.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Spawns `task` on the current [`LocalSet`] or [`LocalRuntime`](crate::runtime::LocalRuntime), into the set.
    ///
    /// # Panics
    ///
    /// Outside of both.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(super::spawn_local(task))
    }

    /// Spawns `task` on `local_set`, into the set. It runs when the `LocalSet` is driven.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(task))
    }

    /// Runs `f` on the blocking pool of the current runtime, as a task of the set.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn_blocking(f))
    }

    /// Runs `f` on the blocking pool of the runtime of `handle`, as a task of the set.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    // ANCHOR: joinset-insert
    fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        let entry = self.tasks.vacant_entry();
        let key = entry.key();
        let ticket = waker(Arc::new(Ticket { key, ready: self.ready.clone() }));
        if entry.insert(handle).watch(&ticket) {
            self.ready.push(key);
        }
        abort
    }

    /// Takes the complete task with this key out.
    fn take(&mut self, key: usize) -> Result<(Id, T), JoinError> {
        let handle = self.tasks.remove(key);
        let id = handle.id();
        handle.take_output().map(|output| (id, output))
    }

    /// Waits until a task of the set is complete, and returns its output; `None` if the set is empty.
    ///
    /// Cancel safe: a call that is dropped before it is ready has taken no task out.
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        leaf::at(poll_fn(|cx| self.poll_join_next(cx)))
    }

    /// As [`join_next`](Self::join_next), with the task's id. That of a task which failed is in the error.
    pub fn join_next_with_id(&mut self) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> {
        leaf::at(poll_fn(|cx| self.poll_join_next_with_id(cx)))
    }

    /// The output of a task that is complete; `None` if there is none, or the set is empty.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join_next_with_id().map(without_id)
    }

    /// As [`try_join_next`](Self::try_join_next), with the task's id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.ready.pop().map(|key| self.take(key))
    }

    /// Aborts all tasks and waits until they are complete. Their outputs, and their panics, are dropped.
    ///
    /// When this is dropped before it is ready the tasks are aborted, and still in the set.
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        leaf::named(|| "JoinSet::shutdown", async move {
            self.abort_all();
            while self.join_next().await.is_some() {}
        })
    }

    /// Waits for all tasks, and returns their outputs in the order in which they completed.
    ///
    /// # Panics
    ///
    /// With the panic of the first task that panicked, or if one was cancelled. The others are aborted then, as they are
    /// when this is dropped before it is ready.
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        leaf::named(|| "JoinSet::join_all", async move {
            let mut outputs = Vec::with_capacity(self.len());
            while let Some(joined) = self.join_next().await {
                match joined.map_err(JoinError::try_into_panic) {
                    Ok(output) => outputs.push(output),
                    Err(Ok(payload)) => resume_unwind(payload),
                    Err(Err(cancelled)) => panic!("{cancelled}"),
                }
            }
            outputs
        })
    }

    /// Aborts all tasks. They stay in the set, and can be joined.
    pub fn abort_all(&mut self) {
        self.tasks.iter().for_each(|(_, handle)| handle.abort());
    }

    /// Empties the set and lets its tasks run on.
    pub fn detach_all(&mut self) {
        // A task that completes just now holds a ticket of the old list, and its key may soon be another task's.
        self.ready = Arc::new(Inbox::new());
        self.tasks = Slab::new();
    }

    /// Polls for the output of a task: `Ready(None)` if the set is empty. Of several tasks that poll, the last is woken.
    ///
    /// `Pending` also means that the task's budget is used up; then it has been woken already.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx).map(|joined| joined.map(without_id))
    }

    // ANCHOR: joinset-poll
    /// As [`poll_join_next`](Self::poll_join_next), with the task's id.
    pub fn poll_join_next_with_id(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(Id, T), JoinError>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let budget = ready!(coop::proceed(cx, || "JoinSet::join_next".into()));
        let Some(key) = self.ready.pop_or_sleep(cx.waker()) else { return Poll::Pending };
        budget.made_progress();
        Poll::Ready(Some(self.take(key)))
    }
}

fn without_id<T>(joined: Result<(Id, T), JoinError>) -> Result<T, JoinError> {
    joined.map(|(_, output)| output)
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.tasks.iter().for_each(|(_, handle)| handle.abort());
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Spawns each future on the current runtime.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(iter: I) -> Self {
        let mut set = Self::new();
        set.extend(iter);
        set
    }
}

/// Spawns each future on the current runtime.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, iter: I) {
        iter.into_iter().for_each(|task| drop(self.spawn(task)));
    }
}
