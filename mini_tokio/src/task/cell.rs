//! [`Task`]: a spawned future, its output and all that is known of it, in one allocation.
//!
//! ```text
//!   Arc<Task<F, S>>        held as                           by
//!   ┌───────────────┐      Arc<dyn Joinable<T>>              itself, lent to the JoinHandle
//!   │ Header        │      TaskRef, not counted              the registry, one queue, the runner
//!   │   state word  │      Arc<dyn Runnable>                 AbortHandles
//!   │   id, place   │      Waker (through ArcWake)           whatever the future waits for
//!   │ scheduler: S  │
//!   │ join waker    │      The waker *is* the task: a wake needs no look-up and no second allocation.
//!   │ stage: F or T │
//!   └───────────────┘
//! ```
//!
//! # Vocabulary
//!
//! * **stage**: the future, then its output, then nothing, in the same place.
//! * **runner**, **joiner**, **scheduled**: see [`state`](super::state), whose invariants `TASK-1` to `TASK-5` say who may
//!   touch what. This file adds:
//! * `TASK-6` User code (poll, the drop of the future, the drop of the output, wakers) runs under `catch_unwind` where it
//!   could otherwise take a worker down, and never while a lock is held.
//! * `TASK-7` A `!Send` future is spawned only through a scheduler that runs, cancels and drops its tasks on one thread.
//! * `TASK-8` One reference is the task's own, from the spawn on: it keeps a task alive that nobody knows of. It goes the way of
//!   the output (`TASK-3`): to the joiner, or to the runner if there is no joiner any more. The registry, the queue, the runner
//!   and the handle only borrow it while the task is not complete. (Each would cost two locked instructions to count.) So a
//!   runner that has set `COMPLETE` lets go of the task at once, unless the output is its own to drop, or the joiner waits
//!   and is to be woken from inside the task: then it has counted a reference before.
//!
//! # Not here
//!
//! tokio writes its vtable by hand and aligns this cell to 128 bytes against false sharing. Here the compiler writes it,
//! and the alignment is natural: the general allocator serves that several times faster (see the book, "A task's life").

use std::any::Any;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::task::{Context, Poll, Waker};

use futures::task::{ArcWake, waker_ref};

use super::state::{Join, Pause, Start, State, Wake};
use super::{Id, JoinError};
use crate::context;
use crate::shim::UnsafeCell;

/// Which end of the scheduler a task is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Just spawned: as `Next`. (Who records has told the push with the spawn.)
    New,
    /// Woken by another: runs next if the scheduler can arrange it.
    Next,
    /// Woke itself while it ran: goes behind everything that is ready.
    Back,
}

/// What runs a task: the runtime's scheduler, the blocking pool, a `LocalSet`.
pub(crate) trait Schedule: Sized + Send + Sync + 'static {
    /// Puts a task that is scheduled (`TASK-1`) into a queue. From there on it may run, and be gone unless the caller counts.
    fn schedule<F: Future<Output: 'static> + 'static>(task: &Arc<Task<F, Self>>, urgency: Urgency);

    /// The task will not run again: forget it.
    fn release(&self, header: &Header);

    /// The task's code panicked.
    fn task_panicked(&self) {}

    /// Somebody, perhaps the task that runs on this thread, woke a task that was idle.
    fn note_wake(&self, _woken: &Header) {}

    /// Somebody asked for a task's end.
    fn note_abort(&self, _aborted: &Header) {}
}

/// The key of a task that stands in no registry.
const NOT_REGISTERED: u32 = u32::MAX;

/// What there is to know of a task whatever its future.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) state: State,
    /// Where the registry keeps the task; written by the registry before the task enters its first queue.
    pub(crate) registry_key: AtomicU32,
    pub(crate) id: Id,
    /// Where `spawn` was called.
    pub(crate) spawned_at: &'static Location<'static>,
    /// What [`Builder::name`](super::Builder::name) called the task.
    pub(crate) name: Option<Box<str>>,
}

impl Header {
    #[inline] // else its words are written one by one, and read again as wider ones, which stalls the processor
    #[track_caller]
    pub(crate) fn new(name: Option<&str>) -> Self {
        Self {
            state: State::new(),
            registry_key: AtomicU32::new(NOT_REGISTERED),
            id: Id::next(),
            spawned_at: Location::caller(),
            name: name.map(Into::into),
        }
    }
}

/// How one turn of a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for a wake.
    Pending,
    /// It was woken while it ran and stands in a queue again.
    Requeued,
    /// Its future is finished.
    Completed,
    /// Its code panicked.
    Panicked,
    /// It was cancelled, and its future dropped unpolled.
    Cancelled,
}

/// A task as queues see it.
pub(crate) trait Runnable: Send + Sync {
    fn header(&self) -> &Header;

    /// Polls the task once, or drops its future if it is cancelled. `self` is [`uncounted`].
    fn run(self: Arc<Self>) -> Outcome;

    /// Asks for the task's end; see [`State::abort`].
    fn abort(self: Arc<Self>);
}

/// A reference that must not be dropped: it is not counted. It is good until the task is complete (`TASK-8`).
pub(crate) fn uncounted<T: ?Sized>(task: &Arc<T>) -> Arc<T> {
    // SAFETY: TASK-8, the task's own reference is counted, and there.
    unsafe { Arc::from_raw(Arc::as_ptr(task)) }
}

// ANCHOR: task-ref
/// A task that is not complete, in the registry, or scheduled and in a queue.
pub(crate) struct TaskRef(ManuallyDrop<Arc<dyn Runnable>>);

impl TaskRef {
    pub(crate) fn new<T: Runnable + 'static>(task: &Arc<T>) -> Self {
        Self(ManuallyDrop::new(uncounted::<T>(task)))
    }

    /// By who took the task from a queue: is now the runner.
    pub(crate) fn run(self) -> Outcome {
        ManuallyDrop::into_inner(self.0).run()
    }
}

impl Deref for TaskRef {
    type Target = Arc<dyn Runnable>;

    fn deref(&self) -> &Arc<dyn Runnable> {
        &self.0
    }
}

/// A task as its `JoinHandle` sees it.
pub(crate) trait Joinable<T>: Runnable {
    /// Has `waker` woken when the task completes, unless it is complete.
    fn watch(&self, waker: &Waker) -> Join;

    /// The output of a complete task; once.
    fn take_output(&self) -> Result<T, JoinError>;

    /// The handle goes. True if it was left the task's own reference, and is to drop it (`TASK-8`).
    #[must_use]
    fn drop_join_handle(&self) -> bool;

    /// The same task as queues see it. The compiler would convert the `Arc`, but asks for `T: 'static`, which a handle
    /// need not know.
    fn into_runnable(self: Arc<Self>) -> Arc<dyn Runnable>;
}

enum Stage<F: Future> {
    Future(F),
    Output(Result<F::Output, JoinError>),
    Consumed,
}

// ANCHOR: task-cell
pub(crate) struct Task<F: Future, S> {
    header: Header,
    pub(crate) scheduler: S,
    /// Guarded by the state word: `TASK-4`.
    join_waker: UnsafeCell<Option<Waker>>,
    /// Guarded by the state word: `TASK-2` while it is the future, `TASK-3` once it is the output.
    stage: UnsafeCell<Stage<F>>,
}

// SAFETY: TASK-2 and TASK-3 let one thread at a time touch the stage, TASK-4 the join waker. A future that is not `Send`
// stays on its thread by TASK-7, an output that is not `Send` with it (its handle is not `Send`).
unsafe impl<F: Future, S: Sync> Sync for Task<F, S> {}
// SAFETY: as for `Sync`; the last reference may go on any thread, but a task that is dropped without having been run to
// its end exists only where its scheduler was leaked.
unsafe impl<F: Future, S: Send> Send for Task<F, S> {}

impl<F: Future<Output: 'static> + 'static, S: Schedule> Task<F, S> {
    /// Returns the task's own reference (`TASK-8`), for its handle.
    pub(crate) fn new(future: F, header: Header, scheduler: S) -> ManuallyDrop<Arc<Self>> {
        let stage = UnsafeCell::new(Stage::Future(future));
        ManuallyDrop::new(Arc::new(Self { header, scheduler, join_waker: UnsafeCell::new(None), stage }))
    }

    /// A future that panics is dropped while the panic unwinds, as a local variable would be: its destructor may ask
    /// [`panicking`](std::thread::panicking).
    fn poll_future(&self, cx: &mut Context<'_>) -> Poll<F::Output> {
        struct Unwinding<'a, F: Future<Output: 'static> + 'static, S: Schedule>(&'a Task<F, S>);
        impl<F: Future<Output: 'static> + 'static, S: Schedule> Drop for Unwinding<'_, F, S> {
            fn drop(&mut self) {
                // SAFETY: TASK-2, as for the poll that unwinds. A second panic, of this drop, is caught, and forgotten.
                let _ = unsafe { self.0.set_stage(Stage::Consumed) };
            }
        }
        let unwinding = Unwinding(self);
        let polled = self.stage.with_mut(|stage| {
            // SAFETY: TASK-2, the caller is the runner.
            let Stage::Future(future) = (unsafe { &mut *stage }) else {
                unreachable!("TASK-2: a task was run after it had completed");
            };
            // SAFETY: the future stands in an `Arc` and is dropped in place: it never moves.
            unsafe { Pin::new_unchecked(future) }.poll(cx)
        });
        std::mem::forget(unwinding);
        polled
    }

    /// Replaces the stage. The old one is dropped in place (a future is pinned), which may panic (`TASK-6`).
    ///
    /// # Safety
    ///
    /// The caller owns the stage by `TASK-2` or `TASK-3`.
    unsafe fn set_stage(&self, next: Stage<F>) -> Result<(), Box<dyn Any + Send>> {
        self.stage.with_mut(|stage| {
            // The assignment must happen even if the drop unwinds, and it does: assigning drops first, and writes the new
            // value on the way out in either case.
            // SAFETY: the caller's promise.
            catch_unwind(AssertUnwindSafe(|| unsafe { *stage = next }))
        })
    }

    // ANCHOR: task-complete
    /// The runner's last steps: drop the future, leave the output, leave the registry, tell the joiner.
    fn finish(self: &Arc<Self>, mut output: Result<F::Output, JoinError>) {
        let id = self.header.id;
        // SAFETY: TASK-2, the caller is the runner.
        if let Err(payload) = unsafe { self.set_stage(Stage::Consumed) } {
            // The value is lost either way; whoever joins should hear of the panic.
            let lost = std::mem::replace(&mut output, Err(JoinError::panic(id, payload)));
            let _ = catch_unwind(AssertUnwindSafe(move || drop(lost)));
        }
        // SAFETY: TASK-3, COMPLETE is not set yet.
        let _ = unsafe { self.set_stage(Stage::Output(output)) };
        // Before the joiner hears of it: whoever joined the last task finds the registry empty.
        self.scheduler.release(&self.header);
        let mut counted = None;
        let is_alone = || Arc::strong_count(self) == 1;
        let completion = self.header.state.complete(&is_alone, &mut || counted = Some(self.clone()));
        if completion.drop_output {
            self.drop_output();
            // SAFETY: TASK-8, there is no joiner: the task's own reference is the runner's. (Its drop acquires, by `Arc`'s own
            // ordering, whatever was done by references that are gone.)
            unsafe { Arc::decrement_strong_count(Arc::as_ptr(self)) };
        }
        if completion.wake_joiner {
            // SAFETY: TASK-4, JOIN_WAKER was set when the task completed: the cell is the runner's.
            let waker = self.join_waker.with_mut(|cell| unsafe { (*cell).take() });
            // A foreign waker's code is user code (TASK-6).
            let _ = catch_unwind(AssertUnwindSafe(|| waker.map(Waker::wake)));
        }
    }

    /// Whoever calls owns the output by `TASK-3`. A panic in its drop has nobody left to hear of it.
    fn drop_output(&self) {
        context::with_current_task(self.header.id, || {
            // SAFETY: TASK-3.
            let _ = unsafe { self.set_stage(Stage::Consumed) };
        });
    }

    /// Puts `waker` into the cell, which is the joiner's until the waker is lent.
    fn store_join_waker(&self, waker: &Waker) -> Join {
        // SAFETY: TASK-4, JOIN_WAKER is clear: the cell is the joiner's.
        let same = self.join_waker.with(|cell| unsafe { (*cell).as_ref().is_some_and(|old| old.will_wake(waker)) });
        if !same {
            let new = Some(waker.clone());
            // SAFETY: as above.
            let old = self.join_waker.with_mut(|cell| std::mem::replace(unsafe { &mut *cell }, new));
            drop(old);
        }
        self.header.state.lend_join_waker()
    }
}

impl<F: Future<Output: 'static> + 'static, S: Schedule> Runnable for Task<F, S> {
    fn header(&self) -> &Header {
        &self.header
    }

    // ANCHOR: task-run
    fn run(self: Arc<Self>) -> Outcome {
        let (id, task) = (self.header.id, ManuallyDrop::new(self));
        let ended = context::with_current_task(id, || match task.header.state.start() {
            Start::Cancel => {
                task.finish(Err(JoinError::cancelled(id)));
                Some(Outcome::Cancelled)
            }
            Start::Poll => {
                let waker = waker_ref(&task);
                let mut cx = Context::from_waker(&waker);
                match catch_unwind(AssertUnwindSafe(|| task.poll_future(&mut cx))) {
                    Ok(Poll::Pending) => None,
                    Ok(Poll::Ready(output)) => {
                        task.finish(Ok(output));
                        Some(Outcome::Completed)
                    }
                    Err(payload) => {
                        task.scheduler.task_panicked();
                        task.finish(Err(JoinError::panic(id, payload)));
                        Some(Outcome::Panicked)
                    }
                }
            }
        });
        ended.unwrap_or_else(|| match task.header.state.pause() {
            Pause::Idle => Outcome::Pending,
            Pause::Requeue => {
                S::schedule(&task, Urgency::Back);
                Outcome::Requeued
            }
        })
    }

    fn abort(self: Arc<Self>) {
        self.scheduler.note_abort(&self.header);
        if self.header.state.abort() == Wake::Submit {
            S::schedule(&self, Urgency::Next);
        }
    }
}

impl<F: Future<Output: 'static> + 'static, S: Schedule> ArcWake for Task<F, S> {
    // ANCHOR: task-wake-by-ref
    fn wake_by_ref(task: &Arc<Self>) {
        if task.header.state.wake() == Wake::Submit {
            task.scheduler.note_wake(&task.header);
            S::schedule(task, Urgency::Next);
        }
    }
}

impl<F: Future<Output: 'static> + 'static, S: Schedule> Joinable<F::Output> for Task<F, S> {
    // ANCHOR: task-join
    fn watch(&self, waker: &Waker) -> Join {
        match self.header.state.reclaim_join_waker() {
            Join::Complete => Join::Complete,
            Join::Wait => self.store_join_waker(waker),
        }
    }

    fn take_output(&self) -> Result<F::Output, JoinError> {
        self.stage.with_mut(|stage| {
            // SAFETY: TASK-3, complete: the output is the joiner's. An output is not pinned.
            match std::mem::replace(unsafe { &mut *stage }, Stage::Consumed) {
                Stage::Output(output) => output,
                _ => panic!("JoinHandle polled after completion"),
            }
        })
    }

    // ANCHOR: task-detach
    fn drop_join_handle(&self) -> bool {
        // Before the claim is given up: after that the task may be gone at any moment, unless it was left to us (TASK-8).
        if self.header.state.reclaim_join_waker() == Join::Wait {
            // SAFETY: TASK-4, JOIN_WAKER is clear: the cell is the joiner's.
            drop(self.join_waker.with_mut(|cell| unsafe { (*cell).take() }));
        }
        let dropped = self.header.state.drop_join_handle();
        if dropped.drop_waker {
            // SAFETY: TASK-4, the word said that the cell is the joiner's; TASK-8, so is the task.
            drop(self.join_waker.with_mut(|cell| unsafe { (*cell).take() }));
        }
        if dropped.drop_output {
            self.drop_output();
        }
        dropped.drop_output
    }

    fn into_runnable(self: Arc<Self>) -> Arc<dyn Runnable> {
        self
    }
}
