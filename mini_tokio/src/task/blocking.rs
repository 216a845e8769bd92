//! [`spawn_blocking`] and [`block_in_place`]: two ways to block without holding other tasks up.

use super::JoinHandle;
use crate::context::{self, Entered};
use crate::coop;
use crate::runtime::Handle;
use crate::scheduler::{Core, multi_thread};

/// Runs `f` on a thread where blocking is allowed, and returns a handle to its value.
///
/// Threads are started as they are needed, up to `Builder::max_blocking_threads`; beyond that closures queue. A closure that
/// has started cannot be aborted: aborting the handle helps only before. The runtime's shutdown waits for closures that
/// run, and cancels those that are queued.
///
/// # Panics
///
/// Outside a runtime; and if no thread can be started and none is running. A panic of `f` is the handle's error.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    Handle::current().spawn_blocking(f)
}

// ANCHOR: task-block-in-place
/// Runs `f` on this thread, after handing the other tasks of this worker to another thread.
///
/// The task itself waits for `f`: code that runs concurrently in the same task, such as the other branches of a `join!`, does
/// not. Inside `f`, `block_on` is allowed. Outside a runtime, `f` is simply called.
///
/// # Panics
///
/// On a current-thread runtime, where nobody could take over the other tasks.
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    match context::entered() {
        Entered::No => return f(),
        Entered::Yes { may_block_in_place: true } => {}
        Entered::Yes { may_block_in_place: false } => {
            panic!("can call blocking only when running on the multi-threaded runtime")
        }
    }
    // If no thread is to be had the other tasks wait until `f` is done, which is late, but nothing is lost. Meanwhile the core
    // must not lie where a wake inside `f` would find it: nobody would look at its queues.
    let mut core = context::take_core();
    let _ = multi_thread::launch_worker(&mut core);
    let _kept = Kept(core);
    let _blocking = context::leave_runtime();
    coop::with_budget(coop::Budget::unconstrained(), f)
}

/// A core that found no other thread; it returns to this one's worker when `f` is done, also by unwinding.
struct Kept(Option<Box<Core>>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(core) = self.0.take() {
            context::put_core_back(core);
        }
    }
}
