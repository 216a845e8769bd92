//! Closures as tasks: a job of the blocking pool is a task that stands in the pool's queue and completes in one poll.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use super::pool::{Job, Pool, PoolConfig, Refused};
use crate::context;
use crate::coop;
use crate::runtime::config::{Config, cores};
use crate::scheduler::Shared;
use crate::scheduler::event::Event;
use crate::task::{Header, JoinHandle, Runnable, Schedule, Task, TaskRef, Urgency};

/// The blocking pool of one runtime, and the threads of its workers.
pub(crate) struct BlockingPool {
    pool: Pool<BlockingJob>,
    in_flight: Arc<InFlight>,
}

/// How many closures are queued or running. A paused clock stands still meanwhile.
struct InFlight {
    count: AtomicUsize,
    runtime: Weak<Shared>,
    recording: bool,
}

impl InFlight {
    fn note_job(&self, header: &Header) {
        if self.recording
            && let Some(runtime) = self.runtime.upgrade()
            && let Some(recorder) = &runtime.recorder
        {
            recorder.job(runtime.lane(), header);
        }
    }

    fn record(&self, event: impl FnOnce() -> Event) {
        if self.recording
            && let Some(runtime) = self.runtime.upgrade()
        {
            runtime.record(runtime.lane(), event);
        }
    }
}

/// One closure is in flight.
struct Flight(Arc<InFlight>);

impl Flight {
    fn new(in_flight: &Arc<InFlight>) -> Self {
        // Relaxed: only the runtime's own thread acts on the number, and it spawned or was woken.
        in_flight.count.fetch_add(1, Ordering::Relaxed);
        Self(in_flight.clone())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Release; pairs with the Acquire in `BlockingPool::in_flight`.
        if self.0.count.fetch_sub(1, Ordering::Release) == 1
            && let Some(runtime) = self.0.runtime.upgrade()
            && runtime.driver.paused_timer().is_some()
        {
            runtime.unpark_all();
        }
    }
}

/// A closure as the pool sees it: a task that stands in the pool's queue instead of the scheduler's.
pub(crate) struct BlockingJob {
    task: TaskRef,
    /// Runs even if shutdown has begun: somebody relies on its effect.
    mandatory: bool,
    _flight: Flight,
}

impl Job for BlockingJob {
    fn run(self) {
        let (task, in_flight) = (self.task.header().id, &self._flight.0);
        in_flight.record(|| Event::BlockingStart { task });
        let outcome = self.task.run();
        in_flight.record(|| Event::BlockingEnd { task, outcome });
    }

    fn cancel(self) {
        Arc::clone(&self.task).abort();
        self.run();
    }

    fn is_mandatory(&self) -> bool {
        self.mandatory
    }
}

/// The scheduler of blocking tasks: they are in the pool's queue from the start, complete in one poll, and nobody wakes them.
struct PoolOnly;

impl Schedule for PoolOnly {
    fn schedule<F: Future<Output: 'static> + 'static>(_task: &Arc<Task<F, Self>>, _urgency: Urgency) {
        unreachable!("a blocking task is queued once and never pending");
    }

    fn release(&self, _header: &Header) {}
}

/// A closure as a future that is ready at its first poll.
struct Closure<F>(Option<F>);

impl<F> Unpin for Closure<F> {}

impl<F: FnOnce() -> R, R> Future for Closure<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<R> {
        let run = self.0.take().expect("a blocking task is polled once");
        // The closure may call `block_on`, and what it awaits there has no one to be fair to.
        Poll::Ready(coop::with_budget(coop::Budget::unconstrained(), run))
    }
}

impl BlockingPool {
    pub(crate) fn new(config: &Config, runtime: Weak<Shared>) -> Self {
        let hooks = config.hooks.clone();
        let around = {
            let runtime = runtime.clone();
            move |body: &mut dyn FnMut()| {
                let handle = runtime.upgrade().map(|shared| shared.handle());
                let _current = handle.as_ref().map(context::set_current);
                drop(handle);
                hooks.on_start();
                body();
                hooks.on_stop();
            }
        };
        let pool = Pool::new(PoolConfig {
            max_threads: config.max_blocking_threads,
            keep_alive: config.keep_alive,
            looks_on: cores() > 1,
            stack_size: config.stack_size,
            thread_name: config.blocking_thread_name(),
            around: Arc::new(around),
        });
        Self {
            pool,
            in_flight: Arc::new(InFlight { count: AtomicUsize::new(0), runtime, recording: config.recorder.is_some() }),
        }
    }

    /// Runs `closure` on a thread of the pool. If the runtime shuts down first, the handle says that it was cancelled.
    #[track_caller]
    pub(crate) fn spawn<F, R>(&self, closure: F, name: Option<&str>, mandatory: bool) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let task = Task::new(Closure(Some(closure)), Header::new(name), PoolOnly);
        self.in_flight.note_job(task.header());
        let job = BlockingJob { task: TaskRef::new(&task), mandatory, _flight: Flight::new(&self.in_flight) };
        let handle = JoinHandle::new(task);
        match self.pool.submit(job) {
            Ok(()) => {}
            Err(Refused::ShutDown(job)) => job.cancel(),
            Err(Refused::NoThread(job, error)) => {
                job.cancel();
                panic!("OS can't spawn worker thread: {error}");
            }
        }
        handle
    }

    /// A thread of its own, for a worker.
    pub(crate) fn spawn_thread(&self, name: String, body: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        self.pool.spawn_thread(Some(name), body)
    }

    /// Acquire; pairs with the Release in `Flight`'s drop: who sees zero sees what the closures did.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.count.load(Ordering::Acquire)
    }

    pub(crate) fn begin_shutdown(&self) {
        self.pool.begin_shutdown();
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>) -> bool {
        self.pool.wait(timeout)
    }

    pub(crate) fn threads(&self) -> usize {
        self.pool.threads()
    }

    pub(crate) fn idle_threads(&self) -> usize {
        self.pool.idle_threads()
    }

    pub(crate) fn queued(&self) -> usize {
        self.pool.queued()
    }
}
