//! The blocking pool: threads that run closures which may block, so that no worker has to.
//!
//! ```text
//!     submit --> books (Slack) --> channel --> thread: wait, run, wait, run, ... waited too long: leave
//!                    |  |                        ^
//!                    |  '-- all that wait asleep: call one
//!                    '-- no thread to spare: start one, up to max_threads
//! ```
//!
//! # Vocabulary
//!
//! *Job*: what is submitted. *Pool thread*: takes jobs from the channel. *Dedicated thread*: runs one long body (a
//! worker of the runtime, say); the pool only counts it. *Mandatory*: said of a job that has to run even if the pool
//! shuts down first.
//!
//! # Invariants
//!
//! POOL-1 to POOL-4 and POOL-9 are about the books and stand in [`super::slack`]. Beside them:
//!
//! - **POOL-5** Jobs enter and leave the channel other than by a pool thread's taking only under the lock of the books.
//!   So the channel never holds a job that the books do not know.
//! - **POOL-6** Threads are started one at a time, under a lock of their own. Whoever fails to start one therefore
//!   knows that the threads in the books exist: none is a hope of another submitter that may fail as well.
//! - **POOL-7** Every thread is booked out by the drop of a guard that is made before the thread and moves into it. So
//!   neither a panic anywhere, nor a start that fails, leaves a thread in the books.
//! - **POOL-8** No job is run, cancelled or dropped, and no callback called, under a lock.
//!   (`Job::is_mandatory` is the exception: a plain read.)
//!
//! # Shutdown
//!
//! 1. `begin_shutdown` takes the only sender out of the books: from now on `submit` refuses.
//! 2. Under the same lock it empties the channel, and puts back as many jobs as there are threads that wait or are on their
//!    way (they count as begun), and the mandatory ones. One that a thread takes in this moment may overtake those.
//! 3. It drops the sender and wakes the sleepers. All threads take what is left, find the channel closed, and leave.
//! 4. It cancels the other jobs, on the calling thread.
//! 5. `wait` returns when the last thread, pool or dedicated, is gone. Running closures are never interrupted.
//!
//! # What is left out
//!
//! Idle threads are called in the order in which they fell asleep, so a light load keeps all of them alive in turn, where
//! waking the latest would let the others time out; a condition variable does not offer it. No thread is joined: `wait`
//! returns when the last one has nothing left to do but to end.
//!
//! Rejected: to wait in the channel. Its receivers look on before they sleep, whether it pays or not, and yield the processor
//! again and again; and its sender wakes one that sleeps although another is about to look.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::{Condvar, Mutex};

use super::slack::{Admit, Slack};

mod guards;
#[cfg(test)]
mod tests;
mod work;

use guards::{Life, Seat};
use work::pool_thread;

/// Something to be run on a pool thread.
pub(crate) trait Job: Send + 'static {
    /// Does the work. A panic ends the job and nothing else.
    fn run(self);

    /// The job will not be run: the pool is shutting down, or lost its last thread.
    fn cancel(self);

    /// Whether the job must run even if shutdown begins before it is taken. A plain read: it is called under a lock.
    fn is_mandatory(&self) -> bool;
}

/// How threads are made, and how many.
pub(crate) struct PoolConfig {
    /// The most pool threads at a time; not zero. (One that is past its time-out and runs its `around` to the end is
    /// not counted.)
    pub(crate) max_threads: usize,
    /// How long a pool thread waits for a job before it leaves.
    pub(crate) keep_alive: Duration,
    /// Whether a thread looks on before it sleeps: not where it would take the only core.
    pub(crate) looks_on: bool,
    /// In bytes; the standard library's default if `None`.
    pub(crate) stack_size: Option<usize>,
    /// Names threads. It may be called for a thread that is then not needed.
    pub(crate) thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    /// Wraps the life of each thread, pool or dedicated: it is to call its argument once. If it panics or does not call
    /// it, the thread is lost to the pool, and the jobs are left to the others.
    pub(crate) around: Arc<Around>,
}

/// The type of [`PoolConfig::around`].
pub(crate) type Around = dyn Fn(&mut dyn FnMut()) + Send + Sync;

/// Why a job was not taken. It comes back, neither run nor cancelled.
pub(crate) enum Refused<J> {
    /// Shutdown has begun.
    ShutDown(J),
    /// There is no pool thread, and none could be started.
    NoThread(J, io::Error),
}

/// A handle to a pool; clones are handles to the same one.
///
/// When the last handle goes without a shutdown, the threads take what is queued and leave by their time-out.
pub(crate) struct Pool<J: Job> {
    shared: Arc<Shared<J>>,
}

struct Shared<J: Job> {
    config: PoolConfig,
    jobs: Receiver<J>,
    books: Mutex<Books<J>>,

    /// Where pool threads sleep: notified when `slack` calls one, and all of them when shutdown begins.
    call: Condvar,

    /// Notified whenever `alive` falls or `waiting_inside` rises.
    gone: Condvar,

    /// Held while a thread is started (POOL-6). Never taken under the lock of the books.
    starting: Mutex<()>,

    /// So many of the next starts fail.
    #[cfg(test)]
    starts_to_fail: std::sync::atomic::AtomicUsize,
}

/// Guarded by `Shared::books`.
struct Books<J> {
    slack: Slack,
    /// The only sender; `None` from the beginning of shutdown on.
    sender: Option<Sender<J>>,
    /// Threads that are not quite gone, pool and dedicated.
    alive: usize,
    /// Those of them that are inside `wait`.
    waiting_inside: usize,
}

thread_local! {
    /// The address of the pool that the thread belongs to; zero if to none.
    static MY_POOL: Cell<usize> = const { Cell::new(0) };
}

impl<J: Job> Clone for Pool<J> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<J: Job> Pool<J> {
    /// A pool without threads.
    ///
    /// # Panics
    ///
    /// If `max_threads` is zero.
    #[track_caller]
    pub(crate) fn new(config: PoolConfig) -> Pool<J> {
        let (sender, jobs) = unbounded();
        let slack = Slack::new(config.max_threads);
        let books = Books { slack, sender: Some(sender), alive: 0, waiting_inside: 0 };
        let shared = Shared {
            config,
            jobs,
            books: Mutex::new(books),
            call: Condvar::new(),
            gone: Condvar::new(),
            starting: Mutex::new(()),
            #[cfg(test)]
            starts_to_fail: Default::default(),
        };
        Pool { shared: Arc::new(shared) }
    }

    /// Queues a job for an idle thread, or for a new one, or (with `max_threads` busy) for the first that is done.
    ///
    /// If a thread is needed and cannot be started, the job waits for one of those that there are, and is refused if
    /// there are none.
    // ANCHOR: pool-submit
    pub(crate) fn submit(&self, job: J) -> Result<(), Refused<J>> {
        let mut start_error = None;
        loop {
            let mut books = self.shared.books.lock();
            let Books { slack, sender: Some(sender), .. } = &mut *books else {
                return Err(Refused::ShutDown(job));
            };
            match (slack.admit(start_error.is_some()), start_error) {
                (Admit::Queue { call }, _) => {
                    sender.send(job).expect("the pool holds a receiver"); // under the lock (POOL-5)
                    drop(books);
                    if call {
                        self.shared.call.notify_one();
                    }
                    return Ok(());
                }
                (Admit::Refuse, Some(error)) => return Err(Refused::NoThread(job, error)),
                (Admit::Refuse, None) => unreachable!("a job is refused only after a start that failed"),
                (Admit::Grow, _) => {
                    drop(books);
                    // Another submitter may book the new thread before us: then once more round.
                    start_error = self.shared.grow().err();
                }
            }
        }
    }

    /// Starts a dedicated thread, which counts for `wait` but not against `max_threads`. A panic of `body` ends it
    /// only.
    ///
    /// # Errors
    ///
    /// If the system refuses the thread, or if shutdown has begun. The body is dropped.
    pub(crate) fn spawn_thread(&self, name: Option<String>, body: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        let name = name.unwrap_or_else(|| (self.shared.config.thread_name)());
        let life = {
            let mut books = self.shared.books.lock();
            if books.sender.is_none() {
                return Err(io::Error::other("the blocking pool is shutting down"));
            }
            Life::begin(&self.shared, &mut books)
        };
        self.shared.start(name, move || {
            let mut body = Some(body);
            life.live(&mut || {
                if let Some(body) = body.take() {
                    contain_panic(body);
                }
            });
        })
    }

    /// Closes the pool: see the list at the head of the file. Returns without waiting for anybody. A second call does
    /// nothing.
    // ANCHOR: pool-shutdown
    pub(crate) fn begin_shutdown(&self) {
        let cancelled = {
            let mut books = self.shared.books.lock();
            let Some(sender) = books.sender.take() else { return };
            let queued: Vec<J> = self.shared.jobs.try_iter().collect();
            let begun = books.slack.waiting(queued.len());
            let mut cancelled = Vec::new();
            for (place, job) in queued.into_iter().enumerate() {
                if place < begun || job.is_mandatory() {
                    sender.send(job).expect("the pool holds a receiver");
                } else {
                    cancelled.push(job);
                }
            }
            books.slack.withdrawn(cancelled.len());
            cancelled
        };
        self.shared.call.notify_all();
        cancel_all(cancelled);
    }

    /// Waits until all threads are gone, for `timeout` at most (`None`: for ever; zero: only looks). Returns whether
    /// they are.
    ///
    /// Called on a thread of this very pool, which cannot be gone while it waits, it waits for the others only, and not
    /// for those that are waiting here as well: nobody waits for himself, nor two for each other. Makes sense after
    /// [`begin_shutdown`](Pool::begin_shutdown); without, threads leave by their time-out only.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let inside = MY_POOL.get() == self.shared.address();
        let mut books = self.shared.books.lock();
        if inside {
            books.waiting_inside += 1;
            self.shared.gone.notify_all();
        }
        let mut timed_out = timeout == Some(Duration::ZERO);
        let all_gone = loop {
            let excused = if inside { books.waiting_inside } else { 0 };
            if books.alive <= excused {
                break true;
            }
            if timed_out {
                break false;
            }
            match deadline {
                Some(deadline) => timed_out = self.shared.gone.wait_until(&mut books, deadline).timed_out(),
                None => self.shared.gone.wait(&mut books),
            }
        };
        if inside {
            books.waiting_inside -= 1;
        }
        all_gone
    }

    /// How many pool threads there are, those that are being started included.
    pub(crate) fn threads(&self) -> usize {
        self.shared.books.lock().slack.threads()
    }

    /// How many of the pool threads wait for a job, or are on their way to.
    pub(crate) fn idle_threads(&self) -> usize {
        let books = self.shared.books.lock();
        books.slack.waiting(self.shared.jobs.len())
    }

    /// How many jobs no thread has taken yet.
    pub(crate) fn queued(&self) -> usize {
        self.shared.jobs.len()
    }
}

impl<J: Job> Shared<J> {
    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Starts a pool thread, unless none is needed by the time it is our turn.
    fn grow(self: &Arc<Self>) -> io::Result<()> {
        let name = (self.config.thread_name)();
        let started = {
            let _one_at_a_time = self.starting.lock();
            let (life, seat) = {
                let mut books = self.books.lock();
                if books.sender.is_none() || !books.slack.begin_thread() {
                    return Ok(());
                }
                (Life::begin(self, &mut books), Seat::taken(self))
            };
            self.start(name, move || pool_thread(life, seat))
        };
        if started.is_err() {
            self.cancel_stranded();
        }
        started
    }

    /// Starts a thread. If that fails, `body` is dropped, and with it the guard that it holds (POOL-7).
    fn start(&self, name: String, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        #[cfg(test)]
        {
            use std::sync::atomic::Ordering::Relaxed;
            if self.starts_to_fail.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
                return Err(io::Error::other("a start that the test wants to fail"));
            }
        }
        let mut builder = thread::Builder::new().name(name);
        if let Some(bytes) = self.config.stack_size {
            builder = builder.stack_size(bytes);
        }
        builder.spawn(body).map(drop)
    }

    /// Cancels what is queued if the last thread was lost, not having left in peace: nobody would take it before
    /// another job is submitted, and perhaps none ever is.
    fn cancel_stranded(&self) {
        let stranded = {
            let mut books = self.books.lock();
            if books.slack.threads() > 0 {
                return;
            }
            let stranded: Vec<J> = self.jobs.try_iter().collect();
            books.slack.withdrawn(stranded.len());
            stranded
        };
        cancel_all(stranded);
    }
}

fn cancel_all<J: Job>(jobs: Vec<J>) {
    for job in jobs {
        contain_panic(|| job.cancel());
    }
}

/// Runs foreign code whose panic is not to spread. (The panic hook has reported it.) What was panicked with is dropped,
/// and that is foreign code as well.
fn contain_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code))
        && let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload)))
    {
        std::mem::forget(worse);
    }
}
