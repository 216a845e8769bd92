//! Threads counted at gates: a job signals that it runs, and waits until the test lets it go on.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ThreadId;

use super::*;

/// Long enough that no healthy test ever waits for it.
const LONG: Duration = Duration::from_secs(60);

/// What becomes of jobs.
#[derive(Default)]
struct Tally {
    ran: AtomicUsize,
    cancelled: AtomicUsize,
    threads: Mutex<HashSet<ThreadId>>,
}

impl Tally {
    fn ran(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }

    fn cancelled(&self) -> usize {
        self.cancelled.load(Ordering::SeqCst)
    }
}

struct TestJob {
    tally: Arc<Tally>,
    mandatory: bool,
    work: Box<dyn FnOnce() + Send>,
}

impl Job for TestJob {
    fn run(self) {
        self.tally.threads.lock().insert(thread::current().id());
        (self.work)();
        self.tally.ran.fetch_add(1, Ordering::SeqCst);
    }

    fn cancel(self) {
        self.tally.cancelled.fetch_add(1, Ordering::SeqCst);
    }

    fn is_mandatory(&self) -> bool {
        self.mandatory
    }
}

struct Fixture {
    pool: Pool<TestJob>,
    tally: Arc<Tally>,
    arrivals: (Sender<()>, Receiver<()>),
    gate: (Sender<()>, Receiver<()>),
}

fn config(max_threads: usize, keep_alive: Duration) -> PoolConfig {
    PoolConfig {
        max_threads,
        keep_alive,
        looks_on: true,
        stack_size: Some(256 * 1024),
        thread_name: Arc::new(|| "blocking".to_owned()),
        around: Arc::new(|body| body()),
    }
}

impl Fixture {
    fn new(max_threads: usize, keep_alive: Duration) -> Fixture {
        Fixture::with(config(max_threads, keep_alive))
    }

    fn with(config: PoolConfig) -> Fixture {
        Fixture { pool: Pool::new(config), tally: Arc::default(), arrivals: unbounded(), gate: unbounded() }
    }

    fn job(&self, mandatory: bool, work: impl FnOnce() + Send + 'static) -> TestJob {
        TestJob { tally: self.tally.clone(), mandatory, work: Box::new(work) }
    }

    fn submit(&self, work: impl FnOnce() + Send + 'static) {
        assert!(self.pool.submit(self.job(false, work)).is_ok());
    }

    /// Submits a job that runs until `open_gate`, and waits until it runs if `wait`.
    fn submit_gated(&self, wait: bool) {
        let (arrivals, gate) = (self.arrivals.0.clone(), self.gate.1.clone());
        self.submit(move || {
            arrivals.send(()).unwrap();
            gate.recv_timeout(LONG).unwrap();
        });
        if wait {
            self.arrivals.1.recv_timeout(LONG).unwrap();
        }
    }

    fn open_gate(&self, jobs: usize) {
        (0..jobs).for_each(|_| self.gate.0.send(()).unwrap());
    }

    fn until(&self, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + LONG;
        while !condition(self) {
            assert!(Instant::now() < deadline, "the condition never came true");
            thread::sleep(Duration::from_micros(200));
        }
    }

    fn shut_down(&self) {
        self.pool.begin_shutdown();
        assert!(self.pool.wait(Some(LONG)));
        assert_eq!((self.pool.threads(), self.pool.idle_threads(), self.pool.queued()), (0, 0, 0));
    }
}

#[test]
fn a_pool_begins_without_threads_and_grows_by_one_for_each_job_that_needs_one() {
    let fixture = Fixture::new(10, LONG);
    assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads()), (0, 0));
    for threads in 1..=4 {
        fixture.submit_gated(true);
        assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads()), (threads, 0));
    }
    fixture.open_gate(4);
    fixture.until(|fixture| fixture.pool.idle_threads() == 4);
    fixture.shut_down();
    assert_eq!(fixture.tally.ran(), 4);
}

#[test]
fn an_idle_thread_is_reused() {
    let fixture = Fixture::new(10, LONG);
    for jobs in 1..=20 {
        fixture.submit(|| ());
        fixture.until(|fixture| fixture.tally.ran() == jobs && fixture.pool.idle_threads() == 1);
    }
    assert_eq!(fixture.pool.threads(), 1);
    assert_eq!(fixture.tally.threads.lock().len(), 1);
    fixture.shut_down();
}

#[test]
fn at_the_limit_jobs_wait_for_a_thread_to_be_done() {
    let fixture = Fixture::new(2, LONG);
    (0..2).for_each(|_| fixture.submit_gated(true));
    (0..3).for_each(|_| fixture.submit_gated(false));
    assert_eq!((fixture.pool.threads(), fixture.pool.queued()), (2, 3));
    fixture.open_gate(5);
    fixture.until(|fixture| fixture.pool.idle_threads() == 2);
    assert_eq!((fixture.tally.ran(), fixture.tally.threads.lock().len()), (5, 2));
    fixture.shut_down();
}

#[test]
fn a_burst_gets_as_many_threads_as_jobs() {
    let fixture = Fixture::new(100, LONG);
    (0..20).for_each(|_| fixture.submit_gated(false));
    assert_eq!(fixture.pool.threads(), 20);
    (0..20).for_each(|_| fixture.arrivals.1.recv_timeout(LONG).unwrap());
    fixture.open_gate(20);
    fixture.shut_down();
    assert_eq!(fixture.tally.ran(), 20);
}

#[test]
fn idle_threads_leave_after_a_while_and_the_pool_grows_anew() {
    let fixture = Fixture::new(10, Duration::from_millis(1));
    for rounds in 1..=3 {
        (0..3).for_each(|_| fixture.submit_gated(true));
        assert_eq!(fixture.pool.threads(), 3);
        fixture.open_gate(3);
        assert!(fixture.pool.wait(Some(LONG)), "an open pool is gone when all have timed out");
        assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads()), (0, 0));
        assert_eq!(fixture.tally.ran(), 3 * rounds);
    }
}

#[test]
fn jobs_submitted_while_threads_time_out_are_all_run() {
    for keep_alive in [Duration::ZERO, Duration::from_micros(50)] {
        let fixture = Fixture::new(3, keep_alive);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for round in 0..300 {
                        fixture.submit(|| ());
                        if round % 3 == 0 {
                            thread::sleep(Duration::from_micros(60));
                        }
                    }
                });
            }
        });
        assert!(fixture.pool.wait(Some(LONG)));
        assert_eq!(fixture.tally.ran(), 600);
        assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads(), fixture.pool.queued()), (0, 0, 0));
    }
}

#[test]
fn shutdown_cancels_queued_jobs_runs_mandatory_ones_and_waits_for_running_ones() {
    let fixture = Fixture::new(1, LONG);
    fixture.submit_gated(true);
    (0..3).for_each(|_| fixture.submit(|| ()));
    assert!(fixture.pool.submit(fixture.job(true, || ())).is_ok());
    fixture.submit(|| ());

    fixture.pool.begin_shutdown();
    assert_eq!((fixture.tally.cancelled(), fixture.pool.queued()), (4, 1));
    assert!(!fixture.pool.wait(Some(Duration::ZERO)), "a job runs");
    assert!(!fixture.pool.wait(Some(Duration::from_millis(5))));
    assert_eq!(fixture.tally.ran(), 0);
    fixture.open_gate(1);
    fixture.shut_down();
    assert_eq!((fixture.tally.ran(), fixture.tally.cancelled()), (2, 4));
}

#[test]
fn a_job_for_which_there_is_a_thread_has_begun_when_shutdown_comes() {
    for _ in 0..200 {
        let fixture = Fixture::new(2, LONG);
        (0..3).for_each(|_| fixture.submit_gated(false));
        fixture.pool.begin_shutdown(); // its two threads are on their way
        fixture.open_gate(2);
        fixture.shut_down();
        assert_eq!((fixture.tally.ran(), fixture.tally.cancelled()), (2, 1));
    }
}

#[test]
fn after_shutdown_began_jobs_and_threads_are_refused() {
    let fixture = Fixture::new(1, LONG);
    fixture.shut_down();
    let Err(Refused::ShutDown(job)) = fixture.pool.submit(fixture.job(true, || ())) else {
        panic!("the pool is shut down");
    };
    job.run();
    assert!(fixture.pool.spawn_thread(None, Box::new(|| ())).is_err());
    assert!(fixture.pool.wait(None));
}

#[test]
fn shutdown_wakes_threads_that_are_idle() {
    let fixture = Fixture::new(3, LONG);
    (0..3).for_each(|_| fixture.submit_gated(true));
    fixture.open_gate(3);
    fixture.until(|fixture| fixture.pool.idle_threads() == 3);
    fixture.shut_down();
}

#[test]
fn a_job_that_panics_leaves_its_thread_in_service() {
    let fixture = Fixture::new(1, LONG);
    for _ in 0..3 {
        fixture.submit(|| std::panic::resume_unwind(Box::new("a panic without a report")));
    }
    fixture.submit(|| ());
    fixture.until(|fixture| fixture.pool.idle_threads() == 1 && fixture.pool.queued() == 0);
    assert_eq!((fixture.tally.ran(), fixture.tally.threads.lock().len()), (1, 1));
    fixture.shut_down();
}

#[test]
fn a_cancel_that_panics_does_not_keep_the_others_from_being_cancelled() {
    struct Bomb(Arc<AtomicUsize>);
    impl Job for Bomb {
        fn run(self) {
            unreachable!("the only thread is lost in `around`");
        }
        fn cancel(self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            std::panic::resume_unwind(Box::new(()));
        }
        fn is_mandatory(&self) -> bool {
            false
        }
    }
    let (open, gate) = unbounded::<()>();
    let around: Arc<Around> = Arc::new(move |_| assert!(gate.recv().is_err()));
    let pool = Pool::new(PoolConfig { around, ..config(1, LONG) });
    let cancels = Arc::new(AtomicUsize::new(0));
    (0..3).for_each(|_| assert!(pool.submit(Bomb(cancels.clone())).is_ok()));
    pool.begin_shutdown();
    assert_eq!(cancels.load(Ordering::SeqCst), 2, "for one of them there is a thread");
    drop(open);
    assert!(pool.wait(Some(LONG)));
    assert_eq!(cancels.load(Ordering::SeqCst), 3, "it was lost");
}

#[test]
fn jobs_whose_last_thread_is_lost_in_its_start_hook_are_cancelled() {
    let around: Arc<Around> = Arc::new(|_| std::panic::resume_unwind(Box::new("no thread today")));
    let fixture = Fixture::with(PoolConfig { around, ..config(1, LONG) });
    for jobs in 1..=3 {
        fixture.submit(|| ());
        fixture.until(|fixture| fixture.tally.cancelled() == jobs);
    }
    assert!(fixture.pool.wait(Some(LONG)));
    assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads()), (0, 0));
}

#[test]
fn a_panic_in_the_stop_hook_keeps_the_books_right() {
    let around: Arc<Around> = Arc::new(|body| {
        body();
        std::panic::resume_unwind(Box::new("after the thread's work"));
    });
    let fixture = Fixture::with(PoolConfig { around, ..config(2, Duration::from_millis(1)) });
    for rounds in 1..=3 {
        fixture.submit(|| ());
        assert!(fixture.pool.wait(Some(LONG)));
        assert_eq!((fixture.tally.ran(), fixture.pool.threads()), (rounds, 0));
    }
}

#[test]
fn without_any_thread_a_failed_start_refuses_the_job() {
    let fixture = Fixture::new(4, LONG);
    fixture.pool.shared.starts_to_fail.store(1, Ordering::SeqCst);
    let Err(Refused::NoThread(job, _)) = fixture.pool.submit(fixture.job(false, || ())) else {
        panic!("the start was to fail");
    };
    assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads(), fixture.pool.queued()), (0, 0, 0));
    assert!(fixture.pool.submit(job).is_ok(), "the next start works");
    fixture.until(|fixture| fixture.tally.ran() == 1);
    fixture.shut_down();
}

#[test]
fn with_a_busy_thread_a_failed_start_leaves_the_job_to_it() {
    let fixture = Fixture::new(4, LONG);
    fixture.submit_gated(true);
    fixture.pool.shared.starts_to_fail.store(1, Ordering::SeqCst);
    fixture.submit(|| ());
    assert_eq!((fixture.pool.threads(), fixture.pool.queued()), (1, 1));
    fixture.open_gate(1);
    fixture.until(|fixture| fixture.tally.ran() == 2);
    assert_eq!(fixture.tally.threads.lock().len(), 1);
    fixture.shut_down();
}

#[test]
fn many_submitters_whose_starts_fail_lose_no_job() {
    let fixture = Fixture::new(2, Duration::from_micros(20));
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for round in 0..200 {
                    fixture.pool.shared.starts_to_fail.store(round % 3, Ordering::SeqCst);
                    if fixture.pool.submit(fixture.job(false, || ())).is_err() {
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert!(fixture.pool.wait(Some(LONG)));
    let settled = fixture.tally.ran() + fixture.tally.cancelled() + refused.load(Ordering::SeqCst);
    assert_eq!(settled, 600);
    assert_eq!((fixture.pool.threads(), fixture.pool.idle_threads(), fixture.pool.queued()), (0, 0, 0));
}

#[test]
fn a_dedicated_thread_is_waited_for_but_takes_no_place() {
    let fixture = Fixture::new(1, LONG);
    let (open, gate) = unbounded::<()>();
    let (tell, told) = unbounded();
    let body = move || {
        tell.send(thread::current().name().map(str::to_owned)).unwrap();
        gate.recv_timeout(LONG).unwrap();
        std::panic::resume_unwind(Box::new("the end of a dedicated thread"));
    };
    fixture.pool.spawn_thread(Some("worker-7".to_owned()), Box::new(body)).unwrap();
    assert_eq!(told.recv_timeout(LONG).unwrap().as_deref(), Some("worker-7"));
    assert_eq!(fixture.pool.threads(), 0);
    fixture.submit(|| ());
    fixture.until(|fixture| fixture.tally.ran() == 1);

    fixture.pool.begin_shutdown();
    assert!(!fixture.pool.wait(Some(Duration::ZERO)));
    open.send(()).unwrap();
    assert!(fixture.pool.wait(Some(LONG)));
}

#[test]
fn a_dedicated_thread_that_cannot_be_started_is_not_waited_for() {
    let fixture = Fixture::new(1, LONG);
    fixture.pool.shared.starts_to_fail.store(1, Ordering::SeqCst);
    assert!(fixture.pool.spawn_thread(None, Box::new(|| ())).is_err());
    assert!(fixture.pool.wait(Some(Duration::ZERO)));
}

#[test]
fn threads_that_wait_for_their_own_pool_do_not_wait_for_themselves_nor_for_each_other() {
    let fixture = Fixture::new(2, LONG);
    let both_run = Arc::new(std::sync::Barrier::new(2));
    for _ in 0..2 {
        let (pool, both_run) = (fixture.pool.clone(), both_run.clone());
        fixture.submit(move || {
            both_run.wait();
            pool.begin_shutdown();
            assert!(pool.wait(Some(LONG / 2)));
        });
    }
    assert!(fixture.pool.wait(Some(LONG)));
    assert_eq!(fixture.tally.ran(), 2);
}
