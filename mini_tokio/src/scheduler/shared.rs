//! [`Shared`]: what all workers of a runtime, and everybody who holds a handle to it, can see.
//!
//! # The caller's side of the sleep handshake
//!
//! The numbers are those of the two columns in [`idle`](super::idle); the other side is in [`worker`](super::worker).
//!
//! 1. put the task where a worker can find it: the global queue, or a local queue from which others steal;
//! 2. fence;
//! 3. look whether somebody searches or nobody sleeps: then all is well;
//! 4. take one sleeper from the idle set, counted as awake and searching from then on, and unpark it.
//!
//! # Invariants
//!
//! * `SHARED-1` The registry closes before any worker is told to leave, and every task in it is cancelled then; so a task that
//!   is found in a queue afterwards is not polled, only dropped.
//! * `SHARED-2` No lock of the runtime is held while a task runs or is dropped. (The turner's lock is held while the wakers
//!   of sockets are woken; nobody ever waits for it, it is only tried.)

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use super::event::Event;
use super::global_queue::{GlobalQueue, Pushed};
use super::idle::Idle;
use super::local_queue::Stealer;
use super::park::Parker;
use super::patience::Patience;
use super::place::Place;
use super::stats::{Counter, WorkerStats};
use super::{Core, LocalQueue, local_queue::local_queue, rand::FastRand};
use crate::blocking::BlockingPool;
use crate::context;
use crate::insight::runtimes::Listed;
use crate::recording::Recorder;
use crate::runtime::config::{Config, Flavor, cores};
use crate::runtime::driver::Driver;
use crate::runtime::{Handle, Id, TaskMeta};
use crate::shim::core_here;
use crate::task::{Header, Registry, Schedule, Task, TaskRef, Urgency};

mod record;

/// The part of a worker that others see.
pub(crate) struct Remote {
    /// None where there is nobody to steal: in a current-thread runtime.
    pub(crate) stealer: Option<Stealer<TaskRef>>,
    pub(crate) parker: Parker,
    pub(crate) stats: Arc<WorkerStats>,
    /// Where the worker's core lies, null once it has retired. Nobody but a debugger follows it. Relaxed.
    pub(crate) core: AtomicPtr<Core>,
}

pub(crate) struct Shared {
    pub(crate) id: Id,
    pub(crate) config: Config,
    pub(crate) global: GlobalQueue,
    pub(crate) remotes: Box<[Remote]>,
    pub(crate) idle: Idle,
    pub(crate) registry: Registry,
    pub(crate) driver: Driver,
    pub(crate) blocking: BlockingPool,
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// How often a task, or a root future, used its budget up.
    pub(crate) spent_budgets: Counter,
    pub(crate) shutdown: AtomicBool,
    /// Workers that have not retired; the last one closes the drivers.
    workers_left: AtomicUsize,
    /// Where a root future yields, and thus keeps a core.
    pub(super) yields_on: Place,
    /// A task panicked, and the runtime was built to end in that case.
    pub(crate) unhandled_panic: AtomicBool,
    _listed: Listed,
}

impl Shared {
    /// A runtime's shared part, and the cores of its workers.
    pub(crate) fn new(config: Config, driver: Driver) -> (Arc<Self>, Vec<Core>) {
        let (mut remotes, mut queues) = (Vec::new(), Vec::new());
        for _ in 0..config.workers {
            let (queue, stealer) = match config.flavor {
                Flavor::CurrentThread => (LocalQueue::Private(VecDeque::new()), None),
                Flavor::MultiThread | Flavor::Stepper => {
                    let (owner, stealer) = local_queue();
                    (LocalQueue::Ring(owner), Some(stealer))
                }
            };
            queues.push(queue);
            remotes.push(Remote {
                stealer,
                parker: Parker::new(),
                stats: Arc::new(WorkerStats::new(&config)),
                core: AtomicPtr::default(),
            });
        }
        let shared = Arc::new_cyclic(|shared| Self {
            id: Id::next(),
            global: GlobalQueue::default(),
            remotes: remotes.into(),
            idle: Idle::new(config.workers),
            registry: Registry::new(config.workers),
            driver,
            blocking: BlockingPool::new(&config, shared.clone()),
            spent_budgets: Counter::default(),
            recorder: config.recorder.clone(),
            shutdown: AtomicBool::new(false),
            workers_left: AtomicUsize::new(config.workers),
            yields_on: Place::default(),
            unhandled_panic: AtomicBool::new(false),
            _listed: Listed::new(shared),
            config,
        });
        let mut seeds = FastRand::new(shared.config.seed);
        let core = |(index, queue)| Core::new(shared.clone(), index, queue, FastRand::new(seeds.next()));
        let cores = queues.into_iter().enumerate().map(core).collect();
        (shared, cores)
    }

    pub(crate) fn stats(&self, worker: usize) -> &WorkerStats {
        &self.remotes[worker].stats
    }

    /// Acquire; pairs with the Release in `shutdown::begin`.
    pub(crate) fn is_shutting_down(&self) -> bool {
        self.shutdown.load(Ordering::Acquire)
    }

    /// Whether some queue that others can take from holds a task.
    pub(crate) fn has_work(&self) -> bool {
        let stealable = |remote: &Remote| remote.stealer.as_ref().is_some_and(|stealer| !stealer.is_empty());
        self.global.len() > 0 || self.remotes.iter().any(stealable)
    }

    // ANCHOR: scheduler-spare-core
    /// Whether a thread may look on without taking a core from one that works (`PATIENCE-2`), or from the one that would answer.
    pub(crate) fn has_spare_core(&self) -> bool {
        self.idle.awake().max(1) < cores()
    }

    /// Looks until `found`, as far as the patience of the calling thread goes. Whether it was.
    pub(crate) fn look_on(&self, patience: &mut Patience, found: impl Fn() -> bool) -> bool {
        let found = patience.is_due() && self.has_spare_core() && patience.look(found);
        patience.paid();
        found
    }

    // ANCHOR: scheduler-call-worker
    /// Steps 2 to 4 of the handshake: if nobody searches and somebody sleeps, one sleeper is called.
    pub(crate) fn call_worker(&self) {
        if let Some(worker) = self.idle.pick_sleeper(|worker| self.suits(worker)) {
            self.record(None, || Event::Called { worker });
            self.unpark(worker);
        }
    }

    /// The same by a worker: a worker without peers has nobody to call, and saves the fence.
    pub(crate) fn call_peer(&self) {
        if self.remotes.len() > 1 {
            self.call_worker();
        }
    }

    // ANCHOR: scheduler-suits
    /// Whether `worker`, which is being called and counted awake, will most likely run where it should: on a core of its own,
    /// so not where a root yields, which never gives its core up. If there is none left, on the caller's, which it comes to
    /// help: nobody else is stopped for that.
    fn suits(&self, worker: usize) -> bool {
        let (slept_on, yields_on) = (self.remotes[worker].parker.slept_on(), self.yields_on.get());
        let crowded = self.idle.awake() + usize::from(yields_on.is_some()) > cores();
        if crowded { slept_on.is_some() && slept_on == core_here() } else { slept_on != yields_on }
    }

    pub(crate) fn unpark(&self, worker: usize) {
        self.remotes[worker].parker.unpark(|| self.driver.interrupt());
    }

    pub(crate) fn unpark_all(&self) {
        (0..self.remotes.len()).for_each(|worker| self.unpark(worker));
    }

    /// A task from outside the runtime's workers.
    fn push_global(&self, task: TaskRef, urgency: Urgency) {
        self.note_push_global(&task, urgency);
        match self.global.push([task], 1) {
            Pushed::Open => self.call_worker(),
            Pushed::Closed => self.cancel_queued(),
        }
    }

    /// Empties the global queue after the registry closed: each task found there is cancelled (`SHARED-1`).
    pub(crate) fn cancel_queued(&self) {
        while let Some(task) = self.global.pop() {
            self.cancel(task, None);
        }
    }

    /// Drops the future of a task that was found in a queue at shutdown, in the queue of `worker` if it has one.
    pub(crate) fn cancel(&self, task: TaskRef, worker: Option<usize>) {
        self.record(worker, || Event::Cancelled { task: task.header().id, worker });
        task.run();
    }

    // ANCHOR: scheduler-worker-left
    /// A worker has left. AcqRel: the last one closes the drivers after everything that the others did.
    pub(crate) fn worker_left(&self) {
        if self.workers_left.fetch_sub(1, Ordering::AcqRel) == 1 {
            // A thread that aborts or wakes a task just now still carries it to the queue. Only this thread may drop it.
            while self.config.bound_to.is_some() && self.registry.len() > 0 {
                self.cancel_queued();
                std::thread::yield_now();
            }
            self.global.close();
            self.cancel_queued();
            self.driver.shut_down();
        }
    }

    pub(crate) fn handle(self: &Arc<Self>) -> Handle {
        Handle { shared: self.clone() }
    }
}

impl Schedule for Arc<Shared> {
    // ANCHOR: scheduler-schedule
    /// On one of the runtime's own workers the task goes to that worker, otherwise to the global queue.
    fn schedule<F: Future<Output: 'static> + 'static>(task: &Arc<Task<F, Self>>, urgency: Urgency) {
        let own = |core: Option<&mut Core>| core.map(|core| core.push(TaskRef::new(task), urgency));
        let pushed = context::with_core_of(&task.scheduler, own);
        if pushed.is_none() {
            // Once it is pushed the task may run, and be gone with its reference to the runtime, but for that of the caller. A
            // runner's is not counted (TASK-8).
            let _kept = (urgency == Urgency::Back).then(|| task.clone());
            task.scheduler.push_global(TaskRef::new(task), urgency);
        }
    }

    fn release(&self, header: &Header) {
        self.registry.release(header);
        self.config.hooks.on_terminate(&TaskMeta::of(header));
    }

    fn task_panicked(&self) {
        if self.config.shutdown_on_panic {
            self.unhandled_panic.store(true, Ordering::Release);
            self.unpark_all();
        }
    }

    fn note_wake(&self, woken: &Header) {
        self.note_woken(woken.id);
    }

    fn note_abort(&self, aborted: &Header) {
        self.record_here(|| Event::Aborted { task: aborted.id, by: context::current_task() });
    }
}
