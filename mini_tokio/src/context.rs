//! What a thread knows of the runtime it works for.
//!
//! Free functions (`spawn`, `sleep`, `TcpStream::connect`) find their runtime here, and a wake finds here whether it happens
//! on a worker of the task's own runtime, whose local queue it may then use. This is the one interface through which
//! `time`, `net` and the others reach the runtime.
//!
//! # Vocabulary
//!
//! * **current**: the handle that `Handle::enter` or a runtime put here for free functions to find. Guards nest.
//! * **entered**: the thread drives futures, so nothing on it may block; `block_on` in such a place panics.
//! * **lent core**: while a worker polls a task or the drivers, its [`Core`] lies here, so that code deep inside the poll can
//!   push to the local queue, and `block_in_place` can take the whole core away and give it to another thread.
//!
//! # Invariants
//!
//! * `CTX-1` A look at the lent core never spans user code: it is for one push, one take or one defer.
//! * `CTX-2` What was set is put back when its guard is dropped, also by unwinding.
//! * `CTX-3` `root` is null unless a root is polled that has not yielded in this poll: its waker is alive then, and no other has
//!   its address.
//! * `CTX-4` `timed` follows `current`: it is set wherever that is.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr;
use std::sync::{Arc, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Instant;

use timer::Timer;

use crate::coop::{self, Budget};
use crate::runtime::{self, Handle};
use crate::scheduler::{Core, Shared, rand::FastRand};
use crate::task::Id;

// ANCHOR: context-thread
struct Context {
    current: RefCell<Option<Handle>>,
    /// How many `Handle::enter` guards are alive: they must be dropped in reverse order.
    depth: Cell<usize>,
    entered: Cell<Entered>,
}

/// What a poll sets up and takes down, and what it asks for most. It has no destructor (`ManuallyDrop` says that a thread
/// never ends inside a poll), so that an access is a plain load or store, and works to the very end of the thread.
struct Turn {
    /// The lent core.
    core: Cell<ManuallyDrop<Option<Box<Core>>>>,
    task: Cell<Option<Id>>,
    /// What the waker of the root future points to that this thread polls beside the workers (`CTX-3`).
    root: Cell<*const ()>,
    /// The number of the current runtime, if that has a timer. To make a sleep, which is done far more often than to await
    /// one, takes no more of it; to go there by `current` would take four loads, each waiting for the one before.
    timed: Cell<Option<runtime::Id>>,
    /// For random choices where no core is lent. None until the first one outside a runtime.
    rng: Cell<Option<FastRand>>,
}

/// Whether this thread drives futures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    No,
    Yes {
        /// False where nobody else could take the other tasks over.
        may_block_in_place: bool,
    },
}

thread_local! {
    static CONTEXT: Context = const {
        Context {
            current: RefCell::new(None),
            depth: Cell::new(0),
            entered: Cell::new(Entered::No),
        }
    };

    static TURN: Turn = const {
        Turn {
            core: Cell::new(ManuallyDrop::new(None)),
            task: Cell::new(None),
            root: Cell::new(ptr::null()),
            timed: Cell::new(None),
            rng: Cell::new(None),
        }
    };
}

/// What is said where a runtime is needed and none is current.
pub(crate) const NO_RUNTIME: &str =
    "there is no reactor running, must be called from the context of a Tokio 1.x runtime";

/// What is said where sockets are needed and the runtime was built without them.
pub(crate) const IO_DISABLED: &str =
    "A Tokio 1.x context was found, but IO is disabled. Call `enable_io` on the runtime builder to enable IO.";

/// What operations on sockets and timers answer when their runtime is gone.
pub(crate) const SHUTTING_DOWN: &str = "A Tokio 1.x context was found, but it is being shutdown.";

/// What is said where a runtime is needed by a destructor of a thread-local.
pub(crate) const THREAD_ENDS: &str = "The Tokio context thread-local variable has been destroyed.";

/// What is said where a timer is needed and the runtime was built without.
pub(crate) const TIME_DISABLED: &str = "A Tokio 1.x context was found, but timers are disabled. Call `enable_time` on the \
     runtime builder to enable timers.";

/// Whether this thread is being taken down, and its context is gone.
pub(crate) fn is_destroyed() -> bool {
    CONTEXT.try_with(|_| ()).is_err()
}

/// The runtime that free functions use on this thread.
pub(crate) fn current() -> Option<Handle> {
    CONTEXT.try_with(|context| context.current.borrow().clone()).ok().flatten()
}

/// Lets `look` see the runtime of this thread, without a reference to count. It must not enter another, nor call user code.
#[inline(always)]
pub(crate) fn with_current<R>(look: impl FnOnce(&Handle) -> R) -> Option<R> {
    CONTEXT.try_with(|context| context.current.borrow().as_ref().map(look)).ok().flatten()
}

/// The number of this thread's runtime, which has a timer.
///
/// # Panics
///
/// If there is no runtime, or it was built without a timer.
#[inline(always)]
#[track_caller]
pub(crate) fn timed() -> runtime::Id {
    match TURN.with(|turn| turn.timed.get()) {
        Some(id) => id,
        None => no_timer(),
    }
}

#[cold]
#[track_caller]
fn no_timer() -> ! {
    match Handle::try_current() {
        Ok(_) => panic!("{TIME_DISABLED}"),
        Err(error) => panic!("{error}"),
    }
}

/// The present by the clock of this thread's runtime, which may be paused, and by the machine's where there is none.
///
/// In a process where nobody ever paused one, that is the same, and the thread is not asked.
#[inline(always)]
pub(crate) fn now() -> Instant {
    if timer::was_any_clock_paused() { now_by_runtime() } else { Instant::now() }
}

#[cold]
fn now_by_runtime() -> Instant {
    let by_runtime = with_current(|handle| handle.shared.driver.timer.as_ref().map(Timer::now));
    by_runtime.flatten().unwrap_or_else(Instant::now)
}

/// The reactor of this thread's runtime, which sockets register with.
///
/// # Panics
///
/// If there is no runtime, or it was built without I/O.
#[track_caller]
pub(crate) fn io() -> reactor::Handle {
    match Handle::current().shared.driver.io() {
        Some(reactor) => reactor.clone(),
        None => panic!("{IO_DISABLED}"),
    }
}

/// Counts, for the current runtime, that the future which is being polled used its budget up.
pub(crate) fn note_spent_budget() {
    let _ = CONTEXT.try_with(|context| {
        if let Some(handle) = &*context.current.borrow() {
            handle.shared.spent_budgets.add_shared(1);
        }
    });
}

/// Makes `handle` current until the guard is dropped. On a thread that is being taken down nothing happens.
pub(crate) fn set_current(handle: &Handle) -> CurrentGuard {
    let set = CONTEXT.try_with(|context| {
        let previous = replace_current(context, Some(handle.clone()));
        let depth = context.depth.get() + 1;
        context.depth.set(depth);
        (previous, depth)
    });
    let (previous, depth) = set.unwrap_or((None, 0));
    CurrentGuard { previous, depth, _thread: PhantomData }
}

fn replace_current(context: &Context, next: Option<Handle>) -> Option<Handle> {
    let timed = next.as_ref().filter(|handle| handle.shared.driver.timer.is_some()).map(Handle::id);
    TURN.with(|turn| turn.timed.set(timed)); // CTX-4
    context.current.replace(next)
}

/// Puts the previous current handle back.
#[derive(Debug)]
pub(crate) struct CurrentGuard {
    previous: Option<Handle>,
    depth: usize,
    /// Belongs to the thread that made it: not `Send`, but `Sync`.
    _thread: PhantomData<MutexGuard<'static, ()>>,
}

impl Drop for CurrentGuard {
    fn drop(&mut self) {
        let replaced = CONTEXT.try_with(|context| {
            if context.depth.get() != self.depth {
                assert!(
                    std::thread::panicking(),
                    "`EnterGuard` values dropped out of order. Guards returned by `Handle::enter()` must be dropped in the \
                     reverse order as they were acquired."
                );
                return None;
            }
            context.depth.set(self.depth - 1);
            replace_current(context, self.previous.take())
        });
        // Perhaps the last reference to a runtime: dropped when the cell is not borrowed.
        drop(replaced);
    }
}

/// No on a thread that is being taken down: a runtime in a thread-local is dropped there.
pub(crate) fn entered() -> Entered {
    CONTEXT.try_with(|context| context.entered.get()).unwrap_or(Entered::No)
}

/// Marks the thread as one that drives futures of `handle`.
///
/// # Panics
///
/// If it already drives some.
#[track_caller]
pub(crate) fn enter_runtime(handle: &Handle, may_block_in_place: bool) -> EnteredGuard {
    assert!(
        entered() == Entered::No,
        "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) attempted to block \
         the current thread while the thread is being used to drive asynchronous tasks. If you are in an async function, use \
         `.await` on the future instead of blocking on it."
    );
    let current = set_current(handle);
    let rng = TURN.with(|turn| turn.rng.replace(Some(FastRand::new(handle.shared.config.seed))));
    let previous = replace_entered(Entered::Yes { may_block_in_place });
    EnteredGuard { previous, rng, _current: Some(current) }
}

/// Marks the thread as one that may block, although it drove futures a moment ago: inside `block_in_place`.
pub(crate) fn leave_runtime() -> EnteredGuard {
    EnteredGuard { previous: replace_entered(Entered::No), rng: None, _current: None }
}

/// Marks the thread as one that must not give its core away although the runtime would let it: the tasks of a `LocalSet`
/// could not follow. Nothing happens outside a runtime.
pub(crate) fn disallow_block_in_place() -> EnteredGuard {
    let inside = match entered() {
        Entered::Yes { .. } => Entered::Yes { may_block_in_place: false },
        Entered::No => Entered::No,
    };
    EnteredGuard { previous: replace_entered(inside), rng: None, _current: None }
}

/// On a thread that is being taken down nothing is entered.
fn replace_entered(next: Entered) -> Entered {
    CONTEXT.try_with(|context| context.entered.replace(next)).unwrap_or(Entered::No)
}

/// Puts the previous answer of [`entered`] back.
pub(crate) struct EnteredGuard {
    previous: Entered,
    /// The random numbers of whoever was here before, if a runtime was entered.
    rng: Option<FastRand>,
    _current: Option<CurrentGuard>,
}

impl Drop for EnteredGuard {
    fn drop(&mut self) {
        replace_entered(self.previous);
        if self._current.is_some() {
            TURN.with(|turn| turn.rng.set(self.rng.take()));
        }
    }
}

pub(crate) fn current_task() -> Option<Id> {
    TURN.with(|turn| turn.task.get())
}

/// Runs `f` as part of task `id`.
#[inline(always)]
pub(crate) fn with_current_task<R>(id: Id, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Id>);
    impl Drop for Restore {
        fn drop(&mut self) {
            TURN.with(|turn| turn.task.set(self.0));
        }
    }
    let _restore = Restore(TURN.with(|turn| turn.task.replace(Some(id))));
    f()
}

// ANCHOR: context-random
/// A number below `n`. On a worker from the worker's own generator, in a root future from one seeded like the runtime: with
/// `Builder::rng_seed`, and on the stepper, the choices repeat from run to run.
pub(crate) fn random_below(n: usize) -> usize {
    let by_worker = with_core(|core| core.map(|core| core.random_below(n)));
    by_worker.unwrap_or_else(|| {
        TURN.with(|turn| {
            let mut rng = turn.rng.take().unwrap_or_else(FastRand::unpredictable);
            let below = rng.below(n);
            turn.rng.set(Some(rng));
            below
        })
    })
}

// ANCHOR: context-lend
/// Lends the core on `seat` to this thread while `f` runs, and puts it back, unless `f` gave it away.
///
/// Cores nest: a stepper may be driven from inside a task of another runtime. The outer core waits on the seat meanwhile.
#[inline(always)]
pub(crate) fn lend<R>(seat: &mut Option<Box<Core>>, f: impl FnOnce() -> R) -> R {
    let outer = replace_core(seat.take());
    put(seat, outer);
    let result = f();
    let outer = seat.take();
    put(seat, replace_core(outer));
    result
}

/// Fills an empty place. An assignment would look for an old value to drop, at every poll.
#[inline(always)]
fn put(place: &mut Option<Box<Core>>, core: Option<Box<Core>>) {
    std::mem::forget(std::mem::replace(place, core));
}

#[inline(always)]
fn replace_core(core: Option<Box<Core>>) -> Option<Box<Core>> {
    ManuallyDrop::into_inner(TURN.with(|turn| turn.core.replace(ManuallyDrop::new(core))))
}

/// Takes the lent core away from this thread's worker, for good unless it is put back with [`put_core_back`].
pub(crate) fn take_core() -> Option<Box<Core>> {
    replace_core(None)
}

pub(crate) fn put_core_back(core: Box<Core>) {
    replace_core(Some(core));
}

/// Calls `f` with the lent core, if there is one.
#[inline(always)]
pub(crate) fn with_core<R>(f: impl FnOnce(Option<&mut Core>) -> R) -> R {
    let mut core = take_core();
    let result = f(core.as_deref_mut());
    std::mem::forget(replace_core(core)); // nothing, for as long as `f` had it
    result
}

/// The same, if that core is one of `home`'s.
#[inline]
pub(crate) fn with_core_of<R>(home: &Arc<Shared>, f: impl FnOnce(Option<&mut Core>) -> R) -> R {
    with_core(|core| f(core.filter(|core| Arc::ptr_eq(&core.home, home))))
}

// ANCHOR: context-defer
/// Wakes `waker`, and has what is being polled on this thread go behind everything that is ready, and behind the drivers.
///
/// A task that is woken while it runs is put into a queue when the poll is over, by its worker. So a yield says no more than
/// which: nothing is cloned, counted or called. On a thread without a core nobody else waits, and a root future needs no wake
/// to be polled again.
pub(crate) fn defer(waker: &Waker) {
    let on_worker = with_core(|core| core.map(|core| core.yields = true)).is_some();
    if on_worker || !root_yields(waker) {
        waker.wake_by_ref();
    }
}

/// Polls a root future that is driven beside the workers. Whether it yielded comes back too.
pub(crate) fn poll_root<F: Future>(waker: &Waker, root: Pin<&mut F>) -> (Poll<F::Output>, bool) {
    struct Restore(*const ());
    impl Drop for Restore {
        fn drop(&mut self) {
            TURN.with(|turn| turn.root.set(self.0));
        }
    }
    let _restore = Restore(TURN.with(|turn| turn.root.replace(waker.data())));
    let polled = coop::with_budget(Budget::initial(), || root.poll(&mut std::task::Context::from_waker(waker)));
    (polled, TURN.with(|turn| turn.root.get().is_null()))
}

// ANCHOR: context-root-yields
/// If `waker` is that of the root which this thread polls, the root is polled again without a wake. A token would do the same
/// for two locked instructions.
fn root_yields(waker: &Waker) -> bool {
    TURN.with(|turn| {
        let yields = !turn.root.get().is_null() && turn.root.get() == waker.data();
        if yields {
            turn.root.set(ptr::null());
        }
        yields
    })
}
