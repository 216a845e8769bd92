//! How a runtime ends.
//!
//! 1. The registry closes: whatever is spawned from now on is cancelled at once, unpolled.
//! 2. Every task that stands in it is aborted. Idle ones go to a queue by this, as by any abort.
//! 3. The shutdown flag goes up and every worker is called. Each ends the poll it is in, cancels what it holds and leaves.
//! 4. The last worker to leave closes the global queue and empties it: each task there is cancelled, which drops its future.
//!    Tasks that are pushed later are cancelled by their pusher (`GLOBAL-2`).
//!    A local runtime first waits until its registry is empty: only its own thread may drop what another is just queueing.
//! 5. Then it closes the drivers. What still waits for a socket or a timer, on other threads, is woken and finds an error.
//! 6. The blocking pool closes: queued closures are cancelled, running ones go on.
//! 7. The caller waits until all threads are gone, as long as it wants to.
//!
//! Futures are dropped in steps 3 and 4, with no lock held and the runtime still current: their drops may lock, wake, spawn.
//! A task that a foreign thread is polling, behind `block_in_place`, is cancelled by that thread when the poll ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::context;
use crate::scheduler::event::Event;
use crate::scheduler::shared::Shared;

// ANCHOR: runtime-shutdown
/// Ends the runtime. `retire` lets those workers leave that have no thread, in step 3. Waits at most `wait` for the threads,
/// without a bound if there is none. Calling it again is harmless.
pub(crate) fn shut_down(shared: &Arc<Shared>, retire: impl FnOnce(), wait: Option<Duration>) {
    let handle = shared.handle();
    let _current = context::set_current(&handle);
    if !shared.is_shutting_down() {
        shared.record(None, || Event::ShutdownBegan { alive: shared.registry.len() });
    }
    shared.registry.close();
    shared.registry.snapshot().into_iter().for_each(|task| task.abort());
    // Release; pairs with the Acquire in `Shared::is_shutting_down` and in the worker's loop.
    shared.shutdown.store(true, Ordering::Release);
    shared.unpark_all();
    retire();
    shared.blocking.begin_shutdown();
    shared.blocking.wait(wait);
    if let Some(recorder) = &shared.recorder {
        recorder.flush(); // whoever waited for the end may read the file
    }
}
