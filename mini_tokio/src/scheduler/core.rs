//! [`Core`]: what a worker owns, and the order in which it looks for work.
//!
//! ```text
//!   push ──▶ LIFO slot ──displaced──▶ local queue ──overflow: older half──▶ global queue ◀── everybody else
//!                │                        │   ▲                                  │
//!                │ ≤ 3 in a row           │   └──────────── a fair share ◀───────┘
//!                ▼                        ▼                                      every 31st tick, or when local is empty
//!              poll                     poll        thieves take half
//! ```
//!
//! # Vocabulary
//!
//! * **tick**: one attempt to find a task.
//! * **LIFO slot**: holds the task that was woken last, which most likely finds its data in cache. It is not stealable.
//! * **deferred**: tasks that yielded. They return to the local queue when nothing else is ready, or at an event
//!   interval, after the drivers were polled.
//! * **searching**: looks for work in other workers' queues; see [`idle`](super::idle).
//!
//! # Invariants
//!
//! * `SCHED-1` A task that was pushed stands in exactly one of: a LIFO slot, a local queue, a deferred list, the global
//!   queue.
//! * `SCHED-2` The LIFO slot is polled at most [`LIFO_IN_A_ROW`] times before another task gets its turn, and these
//!   polls share one budget. So two tasks that wake each other for ever do not starve a third.
//! * `SCHED-3` Every `global_queue_interval` ticks the global queue comes first, and every `event_interval` ticks the
//!   drivers: bounded tasks and bounded polls give a bounded delay (C3.2 in the notes).
//! * `SCHED-4` After a push to a place from which others may take, one sleeper is called unless somebody searches, or
//!   the worker itself polls next all that is there.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::{Event, Queue, Source};
use super::local_queue::{Full, Owner};
use super::patience::Patience;
use super::rand::FastRand;
use super::shared::Shared;
use super::stats::WorkerStats;
use crate::coop::Budget;
use crate::recording::Track;
use crate::task::{Id, TaskRef, Urgency};

mod look;

pub(crate) const LIFO_IN_A_ROW: u8 = 3;

// ANCHOR: scheduler-queues
/// The queue that belongs to one worker.
pub(crate) enum LocalQueue {
    /// A bounded ring from which others steal.
    Ring(Owner<TaskRef>),
    /// For the only worker of a current-thread runtime: with nobody to steal or to share with, a bound would only break
    /// the order in which tasks were spawned.
    Private(VecDeque<TaskRef>),
}

impl LocalQueue {
    fn pop(&mut self) -> Option<TaskRef> {
        match self {
            Self::Ring(ring) => ring.pop(),
            Self::Private(queue) => queue.pop_front(),
        }
    }

    /// Takes in a task of worker `worker`, which owns this queue.
    #[inline]
    fn push<const TOLD: bool>(&mut self, shared: &Shared, worker: usize, task: TaskRef) {
        shared.note_push::<TOLD>(worker, &task, Queue::Local(worker));
        match self {
            Self::Private(queue) => queue.push_back(task),
            Self::Ring(ring) => {
                if let Err(Full(task)) = ring.push(task) {
                    self.overflow(shared, worker, task);
                }
            }
        }
    }

    // ANCHOR: scheduler-overflow
    /// The ring is full: its older half and `task` go to the global queue in one lock, claimed and told before. While a
    /// thief is at work there, room is on its way, and `task` goes alone.
    fn overflow(&mut self, shared: &Shared, worker: usize, task: TaskRef) {
        let Self::Ring(ring) = self else { unreachable!("a private queue is never full") };
        let mut moved: Vec<_> = ring.take_half().map_or_else(Vec::new, Iterator::collect);
        moved.push(task);
        shared.stats(worker).overflows.add(1);
        shared.record(Some(worker), || Event::Overflowed { worker, moved: moved.len() });
        moved.iter().for_each(|task| shared.note_move(worker, task, Queue::Local(worker), Queue::Global));
        // A closed queue needs no care here: this worker will retire, and whoever retires empties the global queue.
        let _ = shared.global.push(moved, 0);
    }

    /// Takes in a task for which there is room.
    fn keep(&mut self, task: TaskRef) {
        match self {
            Self::Ring(ring) => assert!(ring.push(task).is_ok(), "QUEUE: room was counted before"),
            Self::Private(queue) => queue.push_back(task),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Ring(ring) => ring.len(),
            Self::Private(queue) => queue.len(),
        }
    }

    /// How many pushes fit for sure.
    fn room(&self) -> usize {
        match self {
            Self::Ring(ring) => ring.free() / 2,
            Self::Private(_) => usize::MAX - 1,
        }
    }
}

// ANCHOR: scheduler-core
pub(crate) struct Core {
    /// The runtime that this is a worker of.
    pub(crate) home: Arc<Shared>,
    pub(crate) index: usize,
    /// Its own, at hand: to look them up among those of all workers would cost more than to count.
    pub(crate) stats: Arc<WorkerStats>,
    /// Where it records, at hand too.
    pub(super) track: Option<Arc<Track>>,
    /// The task that is being polled. For a debugger, which finds it here in a core file too.
    pub(crate) running: Option<Id>,
    lifo: Option<TaskRef>,
    lifo_streak: u8,
    local: LocalQueue,
    /// On their way from the global queue to the local one: working memory, empty between two steps.
    share: Vec<TaskRef>,
    /// Those that yielded.
    pub(crate) deferred: Vec<TaskRef>,
    /// Whoever is being polled wants to go behind all that is ready, and behind the drivers.
    pub(crate) yields: bool,
    pub(crate) tick: u32,
    /// Ticks until the global queue comes first. (Counted down: a division a tick costs more than all the other
    /// bookkeeping of the tick.)
    until_global: u32,
    /// Ticks until the drivers are polled, which takes no tick of its own: with equal intervals the global queue would
    /// never come first, and with an interval of one no task would ever run.
    pub(crate) until_drivers: u32,
    /// What the LIFO polls of this streak left of the budget (`SCHED-2`).
    pub(crate) budget: Budget,
    pub(crate) searching: bool,
    pub(crate) patience: Patience,
    /// The drivers are being polled or waited on: what they wake is looked at afterwards, all at once.
    pub(crate) in_driver: bool,
    /// A look at the sockets found something, and none before a sleep has found nothing since.
    pub(crate) sockets_speak: bool,
    rng: FastRand,
}

impl Core {
    pub(crate) fn new(home: Arc<Shared>, index: usize, local: LocalQueue, rng: FastRand) -> Self {
        let (until_global, until_drivers) = (home.config.global_queue_interval, home.config.event_interval - 1);
        Self {
            stats: home.remotes[index].stats.clone(),
            track: home.recorder.as_ref().map(|recorder| recorder.lane_of(index)),
            patience: Patience::new(),
            home,
            index,
            running: None,
            lifo: None,
            lifo_streak: 0,
            local,
            share: Vec::new(),
            deferred: Vec::new(),
            yields: false,
            tick: 0,
            until_global,
            until_drivers,
            budget: Budget::initial(),
            searching: false,
            in_driver: false,
            sockets_speak: false,
            rng,
        }
    }

    /// A choice of the task that is being polled: where `select!` begins.
    pub(crate) fn random_below(&mut self, n: usize) -> usize {
        self.rng.below(n)
    }

    /// Tasks that this worker can run without looking elsewhere.
    pub(crate) fn ready(&self) -> usize {
        self.local.len() + usize::from(self.lifo.is_some())
    }

    /// Calls a peer if more is ready than what this worker polls next.
    #[inline]
    pub(crate) fn call_for_the_rest(&self) {
        if self.ready() > 1 {
            self.home.call_peer();
        }
    }

    /// The drivers were polled: whoever yielded has its turn behind what is ready.
    pub(crate) fn recall_deferred(&mut self) {
        let (shared, worker, fit) = (&self.home, self.index, self.deferred.len().min(self.local.room()));
        shared.note_recall(self, fit);
        self.deferred.drain(..fit).for_each(|task| self.local.keep(task));
        self.deferred.drain(..).for_each(|task| self.local.push::<true>(shared, worker, task));
    }

    /// Where a task goes that is woken or spawned on this worker's thread.
    #[inline]
    pub(super) fn queue_for(&self, urgency: Urgency) -> Queue {
        let local = urgency == Urgency::Back || !self.home.config.lifo_slot || self.in_driver;
        if local { Queue::Local(self.index) } else { Queue::Lifo(self.index) }
    }

    // ANCHOR: scheduler-push
    /// Takes in a task that was woken or spawned on this worker's thread.
    #[inline]
    pub(super) fn push_by<const TOLD: bool>(&mut self, task: TaskRef, urgency: Urgency) {
        let (shared, worker) = (&self.home, self.index);
        self.stats.local_pushes.add(1);
        if urgency == Urgency::Back && std::mem::take(&mut self.yields) {
            shared.note_deferred::<TOLD>(self, &task);
            return self.deferred.push(task);
        }
        let queue = self.queue_for(urgency);
        if urgency != Urgency::New {
            shared.note_push::<TOLD>(worker, &task, queue);
        }
        if queue == Queue::Local(worker) {
            self.local.push::<false>(shared, worker, task);
        } else if let Some(displaced) = self.lifo.replace(task) {
            self.local.push::<TOLD>(shared, worker, displaced);
        } else {
            return; // Nobody else may take it from here: no reason to call anybody.
        }
        if !self.in_driver {
            shared.call_peer();
        }
    }

    // ANCHOR: scheduler-next-task
    /// The next task to poll, and where it was.
    #[inline(always)]
    pub(crate) fn next_task(&mut self, shared: &Shared) -> Option<(TaskRef, Source)> {
        self.until_global -= 1;
        if self.until_global == 0 {
            self.until_global = shared.config.global_queue_interval;
            if let Some(task) = self.take_share(shared) {
                return Some(self.begin_turn(task, Source::Global));
            }
        }
        if let Some(task) = self.lifo.take() {
            if self.lifo_streak < LIFO_IN_A_ROW && self.budget.has_remaining() {
                self.lifo_streak += 1;
                return Some((task, Source::Lifo));
            }
            self.local.push::<true>(shared, self.index, task);
            self.call_for_the_rest();
        }
        if let Some(task) = self.local.pop() {
            return Some(self.begin_turn(task, Source::Local));
        }
        // Looked at here: most often it is empty.
        (shared.global.len() > 0).then(|| self.take_share(shared))?.map(|task| self.begin_turn(task, Source::Global))
    }

    /// A task that does not come from the LIFO slot begins a new streak and a new budget.
    fn begin_turn(&mut self, task: TaskRef, source: Source) -> (TaskRef, Source) {
        self.lifo_streak = 0;
        self.budget = Budget::initial();
        (task, source)
    }

    /// Takes a fair share of the global queue; returns one task of it.
    fn take_share(&mut self, shared: &Shared) -> Option<TaskRef> {
        let worker = self.index;
        let first = shared.global.pop_share(shared.idle.awake(), self.local.room(), &mut self.share)?;
        if !self.share.is_empty() {
            self.stats.shares.add(self.share.len() as u64);
            shared.note_share(worker, &self.share);
            self.share.drain(..).for_each(|task| self.local.keep(task));
        }
        Some(first)
    }

    // ANCHOR: scheduler-steal
    /// Looks into every other worker's queue once, from a random one on, and into the global queue again.
    pub(crate) fn steal(&mut self, shared: &Shared) -> Option<(TaskRef, Source)> {
        let workers = shared.remotes.len();
        if workers == 1 || !self.searching && !shared.idle.try_begin_search() {
            return None;
        }
        self.searching = true;
        let start = self.rng.below(workers);
        for victim in (0..workers).map(|i| (start + i) % workers).filter(|&victim| victim != self.index) {
            let (Some(stealer), LocalQueue::Ring(ring)) = (&shared.remotes[victim].stealer, &mut self.local) else {
                break;
            };
            let thief = self.index;
            let note = |task: &TaskRef| shared.note_move(thief, task, Queue::Local(victim), Queue::Local(thief));
            if let Some(stolen) = stealer.steal_into(ring, note) {
                let count = stolen.count;
                self.stats.steals.add(count as u64);
                self.stats.steal_operations.add(1);
                shared.record(Some(thief), || Event::Stole { thief, victim, count });
                return Some(self.begin_turn(stolen.next, Source::Stolen { victim }));
            }
        }
        self.take_share(shared).map(|task| self.begin_turn(task, Source::Global))
    }

    /// Everything that this worker holds, for its end.
    pub(crate) fn take_all(&mut self) -> Vec<TaskRef> {
        let mut tasks: Vec<_> = self.lifo.take().into_iter().collect();
        tasks.extend(std::iter::from_fn(|| self.local.pop()));
        tasks.append(&mut self.deferred);
        tasks
    }
}
