//! The state word of a task: who may touch its future, its output and its join waker.
//!
//! ```text
//!            wake                 start                pause (not woken meanwhile)
//!   idle ───────────▶ scheduled ─────────▶ running ───────────────▶ idle
//!    │  abort             ▲                  │  │ complete
//!    └────────────────────┘  pause (woken)   │  └──────────▶ complete
//!                         ▲──────────────────┘
//! ```
//!
//! # Vocabulary
//!
//! * **runner**: the thread that made the step from scheduled to running.
//! * **scheduled**: exactly one reference stands in exactly one queue (or in the hand that carries it there or from there).
//! * **joiner**: the one `JoinHandle`.
//!
//! # Invariants
//!
//! * `TASK-1` Whoever turns the word from idle to scheduled puts the task into a queue; nobody else does. So a task is never
//!   queued twice, and a wake of an idle task is never lost.
//! * `TASK-2` While `RUNNING` is set, the runner alone touches the future. A wake then only sets `SCHEDULED`, and the runner,
//!   who sees it when it pauses, puts a reference back.
//! * `TASK-3` `COMPLETE` is set once and never cleared; the output was written before it. From then on the output belongs to
//!   the joiner, or to the runner if `JOIN_INTEREST` was already gone when `COMPLETE` was set. (Or was not set, because nobody
//!   would have seen it.)
//! * `TASK-4` `JOIN_WAKER` says who owns the join waker's cell: clear, the joiner; set, the runner that completes the task.
//!   When `COMPLETE` is set the answer is frozen: the value returned by that one operation decides.
//! * `TASK-5` `CANCELLED` is sticky. A task started with it is not polled: the runner drops the future instead.
//!
//! # Orderings
//!
//! Every transition is one atomic change with `AcqRel`, also where the bit was already set: a waker that finds the task
//! scheduled must still publish what it wrote before the wake, because the coming poll has to see it. (tokio shipped that
//! bug as issue 7632; `--cfg bug_task_wake_skips_release` brings it back.) A read-modify-write joins the release sequence of
//! its predecessors, so `start`'s Acquire synchronises with every wake before it, and `complete`'s Release with the
//! joiner's Acquire in [`State::is_complete`], [`State::lend_join_waker`], [`State::reclaim_join_waker`] and
//! [`State::drop_join_handle`].
//!
//! # Not here
//!
//! tokio also counts references in this word; here that is `Arc`'s work, which costs one allocation header and buys safe
//! code everywhere else.

use crate::shim::{AtomicU32, Ordering::*};

#[cfg(not(loom))]
mod look;

// ANCHOR: task-bits
const SCHEDULED: u32 = 1;
const RUNNING: u32 = 1 << 1;
const COMPLETE: u32 = 1 << 2;
const CANCELLED: u32 = 1 << 3;
const JOIN_INTEREST: u32 = 1 << 4;
const JOIN_WAKER: u32 = 1 << 5;

/// What a wake or an abort asks of its caller.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The task was idle: the caller puts it into a queue (`TASK-1`).
    Submit,
    /// It is queued, running or complete: nothing to do.
    Handled,
}

/// What the runner does with a task that it took from a queue.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Poll,
    Cancel,
}

/// What the runner does after a poll that returned `Pending`.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The task is idle: the runner lets go of its reference.
    Idle,
    /// It was woken or aborted while it ran: the runner puts its reference into a queue.
    Requeue,
}

/// What the runner does after it set `COMPLETE`.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Nobody will fetch the output: the runner drops it.
    pub(crate) drop_output: bool,
    /// The join waker is the runner's: take and wake it.
    pub(crate) wake_joiner: bool,
}

/// Whether the joiner may wait.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Join {
    Wait,
    /// The output is there, and is the joiner's.
    Complete,
}

/// What a dropped `JoinHandle` leaves to its dropper.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HandleDrop {
    pub(crate) drop_output: bool,
    pub(crate) drop_waker: bool,
}

/// The word. Nothing outside this file reads or writes it.
#[derive(Debug)]
pub(crate) struct State(AtomicU32);

impl State {
    /// A task on its way into its first queue, with a joiner.
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(SCHEDULED | JOIN_INTEREST))
    }

    // ANCHOR: task-wake
    pub(crate) fn wake(&self) -> Wake {
        #[cfg(bug_task_wake_skips_release)]
        if self.0.load(Acquire) & SCHEDULED != 0 {
            return Wake::Handled;
        }
        Self::submit_if_idle(self.0.fetch_or(SCHEDULED, AcqRel))
    }

    // ANCHOR: task-abort
    /// Asks for the future to be dropped. An idle task is scheduled, so that a worker drops it and not the caller.
    pub(crate) fn abort(&self) -> Wake {
        // A switch: the abort of a running task leaves a mark that nobody will look at.
        #[cfg(bug_task_abort_unseen)]
        if self.0.fetch_or(CANCELLED, AcqRel) & RUNNING != 0 {
            return Wake::Handled;
        }
        Self::submit_if_idle(self.0.fetch_or(SCHEDULED | CANCELLED, AcqRel))
    }

    fn submit_if_idle(before: u32) -> Wake {
        if before & (SCHEDULED | RUNNING | COMPLETE) == 0 { Wake::Submit } else { Wake::Handled }
    }

    // ANCHOR: task-start
    /// Scheduled to running. Acquire: sees all that was written before any wake so far.
    pub(crate) fn start(&self) -> Start {
        let before = self.0.fetch_add(RUNNING - SCHEDULED, AcqRel);
        debug_assert!(before & SCHEDULED != 0 && before & (RUNNING | COMPLETE) == 0, "TASK-1: started in {before:#b}");
        if before & CANCELLED == 0 { Start::Poll } else { Start::Cancel }
    }

    // ANCHOR: task-pause
    /// Running to idle, or back to scheduled. Release: the next runner sees what this poll wrote.
    pub(crate) fn pause(&self) -> Pause {
        #[cfg(bug_task_pause_overwrites_wake)]
        let before = {
            let before = self.0.load(Acquire);
            self.0.store(before & !RUNNING, Release);
            before
        };
        #[cfg(not(bug_task_pause_overwrites_wake))]
        let before = self.0.fetch_sub(RUNNING, AcqRel);
        debug_assert!(before & RUNNING != 0, "TASK-2: paused in {before:#b}");
        if before & SCHEDULED == 0 { Pause::Idle } else { Pause::Requeue }
    }

    // ANCHOR: task-state-complete
    /// Running to complete; the output is already in its place (`TASK-3`). If the joiner waits, `count` is called before: the
    /// caller counts a reference, from which it can wake the joiner (`TASK-8`). It may be called twice, and for nothing.
    ///
    /// `is_alone` says whether the task's own reference is the only one that is counted. If there is no joiner either, nobody is
    /// left to read the word, nor will ever be, and it stays as it is. The joiner is looked for first: one that is there may
    /// count a reference, leave it to an `AbortHandle`, and go. (No generics: a debugger shall find one function.)
    pub(crate) fn complete(&self, is_alone: &dyn Fn() -> bool, count: &mut dyn FnMut()) -> Completion {
        // A switch: the references are counted first.
        #[cfg(bug_task_counted_before_claim)]
        let is_alone = {
            let early = is_alone();
            move || early
        };
        if self.0.load(Acquire) & JOIN_INTEREST == 0 && is_alone() {
            return Completion { drop_output: true, wake_joiner: false };
        }
        let completed = self.0.fetch_update(AcqRel, Acquire, |now| {
            // A switch: the runner believes that the task stays while it wakes the joiner.
            if now & JOIN_WAKER != 0 && !cfg!(bug_task_joiner_woken_from_nowhere) {
                count();
            }
            Some(now + COMPLETE - RUNNING)
        });
        let (Ok(before) | Err(before)) = completed;
        debug_assert!(before & RUNNING != 0 && before & COMPLETE == 0, "TASK-3: completed in {before:#b}");
        Completion { drop_output: before & JOIN_INTEREST == 0, wake_joiner: before & JOIN_WAKER != 0 }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.0.load(Acquire) & COMPLETE != 0
    }

    /// The joiner has put its waker into the cell and gives the cell to the runner (`TASK-4`).
    pub(crate) fn lend_join_waker(&self) -> Join {
        #[cfg(bug_task_join_waker_unchecked)]
        {
            self.0.fetch_or(JOIN_WAKER, AcqRel);
            Join::Wait
        }
        #[cfg(not(bug_task_join_waker_unchecked))]
        self.unless_complete(|now| now | JOIN_WAKER)
    }

    /// The joiner takes the cell back, to look at it or to change it. After `Join::Complete` it must leave the cell alone.
    ///
    /// The joiner alone sets the bit, so if it reads it clear there is nothing to take back.
    pub(crate) fn reclaim_join_waker(&self) -> Join {
        let now = self.0.load(Acquire);
        if now & (COMPLETE | JOIN_WAKER) != JOIN_WAKER {
            return if now & COMPLETE == 0 { Join::Wait } else { Join::Complete };
        }
        #[cfg(bug_task_join_waker_thawed)]
        return if self.0.fetch_and(!JOIN_WAKER, AcqRel) & COMPLETE == 0 { Join::Wait } else { Join::Complete };
        #[cfg(not(bug_task_join_waker_thawed))]
        self.unless_complete(|now| now & !JOIN_WAKER)
    }

    /// A compare-and-swap and no plain read-modify-write: once the task is complete the bit says whose the cell is, for
    /// good (`TASK-4`), and a joiner that comes too late must not change it.
    fn unless_complete(&self, change: impl Fn(u32) -> u32) -> Join {
        let changed = self.0.fetch_update(AcqRel, Acquire, |now| (now & COMPLETE == 0).then(|| change(now)));
        if changed.is_ok() { Join::Wait } else { Join::Complete }
    }

    /// The joiner goes away, and with it the claim on the output and on the cell. It has taken its waker out before: if the task
    /// is not complete, it must not be touched after this (`TASK-8`).
    pub(crate) fn drop_join_handle(&self) -> HandleDrop {
        let without = |now| (now & COMPLETE == 0).then_some(now & !(JOIN_INTEREST | JOIN_WAKER));
        let (Ok(before) | Err(before)) = self.0.fetch_update(AcqRel, Acquire, without);
        let complete = before & COMPLETE != 0;
        // A switch: the joiner of a task that is not complete goes to the cell once more, and finds the task gone.
        let mine = complete || cfg!(bug_task_joiner_lingers);
        HandleDrop { drop_output: complete, drop_waker: mine && before & JOIN_WAKER == 0 }
    }
}

#[cfg(all(test, loom))]
#[path = "state_model.rs"]
mod model;
