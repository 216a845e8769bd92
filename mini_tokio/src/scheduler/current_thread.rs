//! The current-thread driver: one worker, its root future and its drivers, on the thread that calls `block_on`.
//!
//! # Vocabulary
//!
//! * **seat**: where the worker waits between two calls of `block_on`. Whoever takes it drives the runtime; others that
//!   call `block_on` at the same time drive their own root future alone, and take the seat when it becomes free.
//!
//! # The loop
//!
//! 1. poll the root future if it was woken;
//! 2. run tasks until an event interval is over or nothing is left;
//! 3. poll the drivers, or sleep in them.
//!
//! With a paused clock, step 3 moves time on to the next deadline when nothing else is left to do.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures::task::{ArcWake, waker_ref};
use parking_lot::Mutex;

use super::event::Event;
use super::park::Parker;
use super::shared::Shared;
use super::worker::{Step, Worker};
use crate::context;
use crate::coop::{self, Budget};

#[cfg(test)]
mod tests;

/// The worker of a current-thread runtime while nobody drives it, and those who wait for it.
pub(crate) struct Seat(Mutex<SeatInner>);

struct SeatInner {
    free: Option<Driver>,
    /// Roots that wait on other threads; each is told when the seat becomes free.
    waiting: Vec<Arc<Root>>,
}

/// What one needs to drive the runtime.
struct Driver {
    worker: Worker,
    /// The waker of whichever root future is driven with this worker. A wake that is left over from an earlier one costs a
    /// poll; a new waker for each `block_on` would cost an allocation.
    root: Arc<Root>,
}

/// A root future's waker.
struct Root {
    /// Release when set, Acquire when taken: the poll sees what was written before the wake.
    woken: AtomicBool,
    /// Where the thread sleeps while it does not sit on the seat.
    parker: Parker,
    shared: Arc<Shared>,
}

impl Root {
    fn new(shared: &Arc<Shared>) -> Arc<Self> {
        Arc::new(Root { woken: AtomicBool::new(true), parker: Parker::new(), shared: shared.clone() })
    }

    /// Looks first: most turns of the loop find nothing, and a look costs less than a swap.
    fn take_woken(&self) -> bool {
        self.is_woken() && self.woken.swap(false, Ordering::AcqRel)
    }

    fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }
}

impl ArcWake for Root {
    /// Wakes the thread wherever it sleeps: on the seat, in the worker's parker, or beside it, in its own. Whoever has the
    /// core on this thread is awake, and looks at `woken` before it sleeps: no interruption of the reactor for him.
    fn wake_by_ref(root: &Arc<Self>) {
        root.woken.store(true, Ordering::Release);
        root.parker.unpark(|| {});
        if !context::with_core(|core| core.is_some_and(|core| Arc::ptr_eq(&core.home, &root.shared))) {
            root.shared.unpark(0);
        }
    }
}

impl Seat {
    pub(crate) fn new(worker: Worker) -> Self {
        let root = Root::new(&worker.shared);
        Self(Mutex::new(SeatInner { free: Some(Driver { worker, root }), waiting: Vec::new() }))
    }

    fn take(&self) -> Option<Seated<'_>> {
        let driver = self.0.lock().free.take()?;
        Some(Seated { seat: self, driver: Some(driver) })
    }

    /// Takes the seat, or enrols `root` with those who want it.
    fn take_or_wait(&self, root: &Arc<Root>) -> Option<Seated<'_>> {
        let mut inner = self.0.lock();
        inner.waiting.retain(|waiting| !Arc::ptr_eq(waiting, root));
        let Some(driver) = inner.free.take() else {
            inner.waiting.push(root.clone());
            return None;
        };
        Some(Seated { seat: self, driver: Some(driver) })
    }

    /// Takes the worker for good, at shutdown; nobody is in `block_on` then.
    pub(crate) fn take_for_shutdown(&self) -> Option<Worker> {
        self.0.lock().free.take().map(|driver| driver.worker)
    }

    fn leave(&self, root: &Arc<Root>) {
        self.0.lock().waiting.retain(|waiting| !Arc::ptr_eq(waiting, root));
    }
}

/// Who sits on the seat. Gives it back also if the root future panics.
struct Seated<'a> {
    seat: &'a Seat,
    driver: Option<Driver>,
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        let Some(driver) = self.driver.take() else { return };
        driver.worker.shared.stats(0).stop_clock();
        let mut inner = self.seat.0.lock();
        inner.free = Some(driver);
        let waiting = std::mem::take(&mut inner.waiting);
        drop(inner);
        waiting.into_iter().for_each(|root| root.parker.unpark(|| {}));
    }
}

pub(crate) fn block_on<F: Future>(shared: &Arc<Shared>, seat: &Seat, future: F) -> F::Output {
    let mut future = pin!(future);
    if let Some(seated) = seat.take() {
        return drive(seated, future);
    }
    let root = Root::new(shared);
    loop {
        if let Some(seated) = seat.take_or_wait(&root) {
            return drive(seated, future);
        }
        if root.take_woken()
            && let Poll::Ready(output) = poll_root(&root, future.as_mut())
        {
            seat.leave(&root);
            return output;
        }
        if !root.is_woken() {
            root.parker.park();
        }
    }
}

fn poll_root<F: Future>(root: &Arc<Root>, future: Pin<&mut F>) -> Poll<F::Output> {
    let waker = waker_ref(root);
    let mut cx = Context::from_waker(&waker);
    coop::with_budget(Budget::initial(), || future.poll(&mut cx))
}

// ANCHOR: scheduler-current-thread
fn drive<F: Future>(mut seated: Seated<'_>, mut future: Pin<&mut F>) -> F::Output {
    let Driver { worker, root } = seated.driver.as_mut().expect("just taken");
    let shared = &root.shared;
    shared.stats(0).took_over();
    let mut clock_runs = false;
    let step = shared.way_to_step();
    root.woken.store(true, Ordering::Release);
    loop {
        if root.take_woken()
            && let Poll::Ready(output) = worker.with_lent_core(|| poll_root(root, future.as_mut()))
        {
            return output;
        }
        let yields = worker.core().is_some_and(|core| std::mem::take(&mut core.yields));
        if !std::mem::replace(&mut clock_runs, true) {
            shared.stats(0).start_clock(); // a root that is ready at once costs no look at the clock
        }
        for _ in 0..shared.config.event_interval {
            assert!(
                !shared.unhandled_panic.load(Ordering::Acquire),
                "a spawned task panicked and the runtime is configured to shut down on unhandled panic"
            );
            match step(worker) {
                Step::Polled { .. } => {}
                Step::PollDrivers => {
                    worker.poll_drivers();
                    break;
                }
                Step::Idle if root.is_woken() => {
                    if yields {
                        worker.poll_drivers();
                    }
                    break;
                }
                Step::Idle => {
                    if !advance_clock(shared, worker, root) && !awaits_closure(shared, worker, root) {
                        // Under a paused clock every call deserves another look: a blocking closure may have ended, or
                        // another thread have armed a timer. Neither puts a task into a queue.
                        let slept = Cell::new(false);
                        let look_again = || slept.replace(true) && shared.driver.paused_timer().is_some();
                        let panicked = || shared.unhandled_panic.load(Ordering::Acquire);
                        worker.sleep(|| look_again() || root.is_woken() || panicked());
                    }
                    break;
                }
                Step::HandedOff => unreachable!("a current-thread core is never given away"),
            }
        }
    }
}

/// While a blocking closure is in flight, looks on before the sleep: most closures are shorter than the way to sleep and back.
/// Whether there is work.
fn awaits_closure(shared: &Shared, worker: &mut Worker, root: &Root) -> bool {
    let Some(core) = worker.core().filter(|_| shared.blocking.in_flight() > 0) else { return false };
    shared.look_on(&mut core.patience, || root.is_woken() || shared.has_work())
}

// ANCHOR: scheduler-advance-clock
/// With a paused clock: lets sockets speak first, and if they are silent moves time on to the next deadline. Not while a
/// blocking closure runs: its end is an event of the real world, for which a test wants to wait.
fn advance_clock(shared: &Arc<Shared>, worker: &mut Worker, root: &Root) -> bool {
    let Some(timer) = shared.driver.paused_timer() else { return false };
    worker.poll_drivers();
    // Read before the look for work: zero means that whatever the closures woke can be seen there.
    let in_flight = shared.blocking.in_flight();
    if root.is_woken() || worker.core().is_some_and(|core| core.ready() > 0) || shared.global.len() > 0 {
        return true;
    }
    if in_flight > 0 {
        return false;
    }
    let before = timer.now();
    let fired = worker.with_lent_core(|| timer.advance_to_next());
    if let Some(fired) = &fired {
        let by = fired.at.saturating_duration_since(before);
        shared.record(Some(0), || Event::ClockAdvanced { by, fired: fired.count });
    }
    fired.is_some()
}
