//! [`LocalSet`]: tasks that are not `Send`, driven by a future on one thread.
//!
//! ```text
//!   some runtime's task or root future
//!   └── run_until(f) ── poll ──▶ f
//!                       └──────▶ up to 61 tasks from the inbox ◀── wakers, on any thread
//! ```
//!
//! The set is a scheduler inside a future: whoever polls `run_until`, or the set itself, runs its tasks. So it works on
//! every kind of runtime, and under executors of other libraries, and its tasks make progress only while one of these futures
//! is polled.
//!
//! # Vocabulary
//!
//! * **driver**: a future that runs the tasks: `run_until`, or the set itself.
//! * **current set**: the set whose driver is being polled on this thread, or that was entered; where `spawn_local` spawns.
//!
//! # Invariants
//!
//! `LOCALSET-1` and `-2` are in [`shared`], the sleep of the driver in [`inbox`](super::inbox), and
//!
//! * `LOCALSET-3` While a driver lives that is not being polled, either its waker lies in the inbox, or it was woken since, or
//!   another driver holds its waker as *displaced* and will wake it when it goes away. (The inbox has room for one waker.
//!   tokio forgets the older one, and its tasks stand still if the younger driver ends first.)
//!
//! # Not here
//!
//! tokio keeps a queue for its own thread beside the one for others, to spare it the lock. Here there is one queue.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use self::shared::Shared;
use super::JoinHandle;
use crate::context;
use crate::leaf::all_at;
use crate::runtime::{Id, Runtime, UnhandledPanic};

mod shared;

/// Tasks that a driver runs in one poll, before those of the runtime get their turn. As tokio's.
const TASKS_PER_POLL: usize = 61;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// A set of tasks that all run on the thread that made the set, and so need not be `Send`.
///
/// They make progress while [`run_until`](Self::run_until), [`block_on`](Self::block_on) or the set itself is awaited. In
/// there, [`spawn_local`](super::spawn_local()) spawns into the set. Inside a task of the set,
/// [`block_in_place`](super::block_in_place()) panics: the others could not go to another thread.
///
/// Dropping the set drops its tasks, on its thread.
///
/// ```
/// use mini_tokio::task::{LocalSet, spawn_local};
/// use std::rc::Rc;
///
/// # #[mini_tokio::main]
/// # async fn main() {
/// let not_send = Rc::new(42);
/// let set = LocalSet::new();
/// let answer = set.run_until(async move { spawn_local(async move { *not_send }).await.unwrap() }).await;
/// assert_eq!(answer, 42);
/// # }
/// ```
pub struct LocalSet {
    shared: Arc<Shared>,
    _this_thread: PhantomData<Rc<()>>,
}

/// Keeps a [`LocalSet`] current on this thread; see [`LocalSet::enter`].
#[must_use = "the set is current only as long as the guard lives"]
pub struct LocalEnterGuard {
    previous: Option<Arc<Shared>>,
    _this_thread: PhantomData<Rc<()>>,
}

fn enter(shared: &Arc<Shared>) -> LocalEnterGuard {
    // While the thread is taken down there is no current set, and nobody to ask for one.
    let previous = CURRENT.try_with(|current| current.replace(Some(shared.clone()))).ok().flatten();
    LocalEnterGuard { previous, _this_thread: PhantomData }
}

impl Drop for LocalEnterGuard {
    fn drop(&mut self) {
        let previous = self.previous.take();
        let left = CURRENT.try_with(|current| current.replace(previous));
        drop(left);
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish()
    }
}

/// Spawns `future` into the current set of this thread; gives it back if there is none.
#[track_caller]
pub(super) fn spawn_on_current<F>(future: F, name: Option<&str>) -> Result<JoinHandle<F::Output>, F>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match CURRENT.try_with(|current| current.borrow().clone()).ok().flatten() {
        Some(shared) => Ok(shared.spawn(future, name)),
        None => Err(future),
    }
}

impl LocalSet {
    /// An empty set, bound to this thread.
    pub fn new() -> LocalSet {
        Self { shared: Arc::new(Shared::new()), _this_thread: PhantomData }
    }

    /// Makes this the set into which [`spawn_local`](super::spawn_local()) spawns, until the guard is dropped.
    pub fn enter(&self) -> LocalEnterGuard {
        enter(&self.shared)
    }

    /// Spawns `future` into the set. It runs when the set is driven. No runtime needs to be current.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_named(future, None)
    }

    #[track_caller]
    pub(super) fn spawn_named<F>(&self, future: F, name: Option<&str>) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.shared.spawn(future, name)
    }

    /// Drives `future` and the tasks of the set on `rt`, until `future` is ready. Tasks that are not finished then stay in
    /// the set.
    ///
    /// # Panics
    ///
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F>(&self, rt: &Runtime, future: F) -> F::Output
    where
        F: Future,
    {
        rt.block_on(self.run_until(future))
    }

    /// Drives `future` and the tasks of the set, until `future` is ready. `future` shares the budget of the task in which it
    /// runs; each task of the set has its own.
    ///
    /// Cancel safe if `future` is: the tasks stay in the set.
    pub fn run_until<F>(&self, future: F) -> impl Future<Output = F::Output>
    where
        F: Future,
    {
        all_at(async move { RunUntil { set: self, displaced: Vec::new(), future }.await })
    }

    /// Decides what a panic of a task does to the others; by default nothing. With `ShutdownRuntime`, the future that drives
    /// the set panics too.
    ///
    /// # Panics
    ///
    /// If tasks were spawned, or the set entered.
    #[track_caller]
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut Self {
        let shared = Arc::get_mut(&mut self.shared).expect("Unhandled Panic behavior modified after starting LocalSet");
        shared.shutdown_on_panic = matches!(behavior, UnhandledPanic::ShutdownRuntime);
        self
    }

    /// A number that no other set, and no runtime, of this process has.
    pub fn id(&self) -> Id {
        self.shared.id
    }

    // ANCHOR: localset-poll-tasks
    /// Runs tasks until none is ready, or this poll has run enough of them. Either way `cx` is woken when there are more.
    fn poll_tasks(&self, cx: &mut Context<'_>) {
        self.shared.check_panicked();
        for _ in 0..TASKS_PER_POLL {
            match self.shared.inbox.pop_or_sleep(cx.waker()) {
                Some(task) => self.shared.run(task),
                None => return,
            }
        }
        cx.waker().wake_by_ref();
    }
}

/// Awaits all tasks, those included that are spawned meanwhile.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let _current = self.enter();
        let _no_hand_over = context::disallow_block_in_place();
        // The set is borrowed mutably, so no other driver is alive whose waker this could be.
        drop(self.shared.inbox.rouse());
        self.poll_tasks(cx);
        if self.shared.registry.len() == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        let _current = self.enter();
        let _no_hand_over = context::disallow_block_in_place();
        self.shared.close();
    }
}

impl Default for LocalSet {
    fn default() -> LocalSet {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish()
    }
}

pin_project! {
    /// The driver that [`LocalSet::run_until`] awaits.
    struct RunUntil<'a, F> {
        set: &'a LocalSet,
        // The wakers of other drivers that lay in the inbox (LOCALSET-3).
        displaced: Vec<Waker>,
        #[pin]
        future: F,
    }

    impl<F> PinnedDrop for RunUntil<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().displaced.drain(..).for_each(Waker::wake);
        }
    }
}

impl<F: Future> Future for RunUntil<'_, F> {
    type Output = F::Output;

    // ANCHOR: localset-run-until
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _current = this.set.enter();
        let _no_hand_over = context::disallow_block_in_place();
        // They are not woken now: they would displace us in turn, for ever.
        let is_known =
            |left: &Waker| left.will_wake(cx.waker()) || this.displaced.iter().any(|old| old.will_wake(left));
        if let Some(left) = this.set.shared.inbox.rouse().filter(|left| !is_known(left)) {
            this.displaced.push(left);
        }
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(output);
        }
        this.set.poll_tasks(cx);
        Poll::Pending
    }
}
