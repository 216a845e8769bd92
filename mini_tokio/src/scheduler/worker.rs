//! [`Worker`]: a value that can take one step.
//!
//! A step is one decision of the scheduler. Three drivers call the same [`Worker::step`]: the worker thread's loop
//! ([`run`]), the current-thread runtime (`current_thread`), and the stepper, where the caller says which of N workers moves
//! next. What a reader steps through is therefore what production threads run.
//!
//! # Vocabulary
//!
//! * **seat**: the place where a worker's [`Core`] lies between steps. During a poll the core is lent to the thread
//!   ([`context`]); the seat stays empty if the task gave the core to another thread (`block_in_place`).
//!
//! # The worker's side of the sleep handshake
//!
//! The numbers are those of the two columns in [`idle`](super::idle); the other side is [`Shared::call_worker`].
//!
//! 0. find nothing: LIFO slot, local queue, global queue, deferred, every victim;
//! 1. look on for a moment, if that has paid before; then announce the sleep: enter the idle set;
//! 2. fence;
//! 3. if nobody searches any more, look at all queues once more;
//! 4. call a worker if there was a task after all; then park, in the reactor if nobody else is there;
//! 5. on waking, leave the idle set, or sleep again if the wake was for nothing.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Core;
use super::event::{Event, Source};
use super::idle::Recheck;
use super::shared::Shared;
use crate::context;
use crate::coop;
use crate::runtime::TaskMeta;
use crate::task::{Id, Outcome, TaskRef};

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ran one task.
    Polled {
        /// The task.
        task: Id,
        /// Where it was found.
        from: Source,
        /// How its turn ended.
        outcome: Outcome,
    },
    /// It is time to look at sockets and timers, and to let those go on that yielded.
    PollDrivers,
    /// There is nothing to do.
    Idle,
    /// The task that ran gave the worker's core to another thread.
    HandedOff,
}

pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    core: Option<Box<Core>>,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, mut core: Box<Core>) -> Self {
        core.running = None; // it may come from a thread that polls on without it
        shared.remotes[core.index].core.store(&raw mut *core, Ordering::Relaxed);
        Self { shared, core: Some(core) }
    }

    pub(crate) fn core(&mut self) -> Option<&mut Core> {
        self.core.as_deref_mut()
    }

    // ANCHOR: scheduler-step
    /// Takes one step: polls one task, or says why not.
    ///
    /// `TOLD`: whether there is a recorder.
    #[inline(always)]
    pub(super) fn step<const TOLD: bool>(&mut self) -> Step {
        let Some(core) = self.core.as_deref_mut() else { return Step::HandedOff };
        if core.until_drivers == 0 {
            core.until_drivers = self.shared.config.event_interval;
            return Step::PollDrivers;
        }
        (core.tick, core.until_drivers) = (core.tick.wrapping_add(1), core.until_drivers - 1);
        let found = match core.next_task(&self.shared) {
            None if !core.deferred.is_empty() => return Step::PollDrivers,
            None => core.steal(&self.shared),
            found => found,
        };
        let Some((task, from)) = found else { return Step::Idle };
        self.stop_searching();
        self.poll::<TOLD>(task, from)
    }

    // ANCHOR: scheduler-stop-searching
    /// A searcher that found work goes to work. The last one calls the next if there is more where this came from.
    fn stop_searching(&mut self) {
        let Some(core) = self.core.as_deref_mut() else { return };
        if !std::mem::take(&mut core.searching) {
            return;
        }
        core.patience.paid();
        if self.shared.idle.end_search() == Recheck::Needed && self.shared.has_work() {
            self.shared.call_worker();
        }
    }

    // ANCHOR: scheduler-poll
    #[inline(always)]
    fn poll<const TOLD: bool>(&mut self, task: TaskRef, from: Source) -> Step {
        let Some(core) = self.core.as_deref_mut() else { return Step::HandedOff };
        let (worker, budget) = (core.index, core.budget);
        let header = task.header();
        let (id, meta) = (header.id, TaskMeta::of(header));
        self.shared.note_poll_start::<TOLD>(core, id, from);
        (core.yields, core.running) = (false, Some(id));
        let began = core.stats.begin_poll(from);
        let hooks = &self.shared.config.hooks;
        let (outcome, budget) = context::lend(&mut self.core, || {
            hooks.before_poll(&meta);
            let polled = coop::with_budget(budget, || (task.run(), coop::current()));
            hooks.after_poll(&meta);
            polled
        });
        // Without its core, this thread is no longer the one writer of the worker's counts and of its lane (`LANE-1`).
        self.shared.note_poll_end::<TOLD>(self.core.as_deref(), worker, id, outcome);
        let Some(core) = self.core.as_deref_mut() else { return Step::HandedOff };
        (core.budget, core.running) = (budget, None);
        core.stats.end_poll(began);
        Step::Polled { task: id, from, outcome }
    }

    /// Lends the core to this thread while `f` runs: what `f` wakes lands in this worker's queue.
    pub(crate) fn with_lent_core<R>(&mut self, f: impl FnOnce() -> R) -> R {
        self.core.iter().for_each(|core| core.home.note_other_work(core.index));
        lend(&mut self.core, f)
    }

    // ANCHOR: scheduler-poll-drivers
    /// Looks at the drivers without waiting, then lets those go on that yielded.
    pub(crate) fn poll_drivers(&mut self) {
        let Some(core) = self.core.as_deref_mut() else { return };
        let (shared, worker, mut events) = (&self.shared, core.index, 0);
        shared.note_drivers(core);
        in_driver(&mut self.core, || {
            events = shared.driver.turn();
            shared.note_io(worker, events);
        });
        let Some(core) = self.core.as_deref_mut() else { return };
        core.sockets_speak |= events > 0;
        core.recall_deferred();
        core.call_for_the_rest();
    }

    /// Looks on for a moment as one that searches, whom nobody needs to call; see [`patience`](super::patience). Whether there
    /// is work.
    fn look_on(&mut self) -> bool {
        let (shared, Some(core)) = (&self.shared, self.core.as_deref_mut()) else { return true };
        if !core.patience.is_due() || !shared.has_spare_core() || !core.searching && !shared.idle.try_begin_search() {
            return false;
        }
        core.searching = true;
        core.patience.look(|| shared.has_work())
    }

    // ANCHOR: scheduler-sleep
    /// Sleeps until there may be something to do, or `interrupted` says that the driver of this worker has other business.
    ///
    /// While sockets speak they have most likely more to say: one look then costs less than the way to sleep and back.
    pub(crate) fn sleep(&mut self, interrupted: impl Fn() -> bool) {
        if self.core().is_some_and(|core| std::mem::take(&mut core.sockets_speak)) {
            self.poll_drivers();
            if self.core().is_some_and(|core| core.sockets_speak) {
                return;
            }
        }
        let Some(worker) = self.announce_sleep() else { return };
        self.shared.stats(worker).fell_asleep();
        self.shared.config.hooks.before_park();
        while !interrupted() && !self.shared.is_shutting_down() {
            self.park(worker);
            if self.awake() {
                break;
            }
        }
        self.leave_idle_set();
        self.shared.config.hooks.after_unpark();
        self.shared.stats(worker).woke();
    }

    /// Steps 1 to 3 of the handshake, and the call of step 4. Returns the worker's index.
    pub(crate) fn announce_sleep(&mut self) -> Option<usize> {
        let core = self.core.as_deref_mut()?;
        let (worker, searching) = (core.index, std::mem::take(&mut core.searching));
        self.shared.record(Some(worker), || Event::Parked { worker });
        if self.shared.idle.announce_sleep(worker, searching) == Recheck::Needed && self.shared.has_work() {
            self.shared.call_worker();
        }
        Some(worker)
    }

    // ANCHOR: scheduler-park
    /// The park of step 4. In the reactor the core is lent, so that what sockets wake goes to this worker's queue.
    fn park(&mut self, worker: usize) {
        let shared = &self.shared;
        let parker = &shared.remotes[worker].parker;
        let Some(mut turner) = shared.driver.try_lock() else { return parker.park() };
        if parker.prepare_driver_park() {
            in_driver(&mut self.core, || shared.note_io(worker, turner.turn(None)));
        }
        parker.finish_driver_park();
    }

    /// Step 5: whether there is a reason to be awake.
    pub(crate) fn awake(&mut self) -> bool {
        let Some(core) = self.core.as_deref_mut() else { return true };
        core.ready() > 0 || !self.shared.idle.is_sleeping(core.index)
    }

    /// Leaves the idle set. A worker that was called is counted as a searcher already; one that found work of its own, or
    /// was interrupted, is not.
    pub(crate) fn leave_idle_set(&mut self) {
        let Some(core) = self.core.as_deref_mut() else { return };
        core.searching = !self.shared.idle.remove(core.index);
        self.shared.record(Some(core.index), || Event::Unparked { worker: core.index });
        core.call_for_the_rest();
    }

    /// Cancels what the worker holds; the runtime shuts down, and its registry is closed. The last worker closes the rest.
    pub(crate) fn retire(mut self) {
        let Some(mut core) = self.core.take() else { return };
        if std::mem::take(&mut core.searching) {
            let _ = self.shared.idle.end_search();
        }
        let worker = core.index;
        self.shared.stats(worker).stop_clock();
        core.take_all().into_iter().for_each(|task| self.shared.cancel(task, Some(worker)));
        self.shared.remotes[worker].core.store(std::ptr::null_mut(), Ordering::Relaxed);
        drop(core);
        self.shared.record(Some(worker), || Event::Retired { worker });
        self.shared.worker_left();
    }
}

/// Lends the core to this thread while `f` runs, which may be a root future: it may panic, and the core must come back all
/// the same.
fn lend<R>(core: &mut Option<Box<Core>>, f: impl FnOnce() -> R) -> R {
    let result = context::lend(core, || catch_unwind(AssertUnwindSafe(f)));
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

/// Lends the core to the drivers: what they wake goes to the back of this worker's queue and calls nobody yet.
fn in_driver(core: &mut Option<Box<Core>>, f: impl FnOnce()) {
    let mark = |core: &mut Option<Box<Core>>, within| core.iter_mut().for_each(|core| core.in_driver = within);
    mark(core, true);
    lend(core, f);
    mark(core, false);
}

// ANCHOR: scheduler-run
/// The loop of a worker thread.
pub(crate) fn run(mut worker: Worker) {
    let shared = worker.shared.clone();
    if let Some(core) = worker.core() {
        shared.stats(core.index).took_over();
        shared.stats(core.index).start_clock();
    }
    let step = shared.way_to_step();
    while !shared.shutdown.load(Ordering::Acquire) {
        match step(&mut worker) {
            Step::Polled { .. } => {}
            Step::PollDrivers => worker.poll_drivers(),
            Step::Idle if worker.look_on() => {}
            Step::Idle => worker.sleep(|| false),
            Step::HandedOff => return,
        }
    }
    worker.retire();
}
