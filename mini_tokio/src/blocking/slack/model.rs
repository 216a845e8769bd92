//! Submitters against threads that time out whenever the channel is empty, and against threads that sleep until they are
//! called: no job is left behind, no thread is forgotten.

use std::collections::VecDeque;

use loom::thread::{self, JoinHandle};

use super::*;
use crate::shim::{Arc, AtomicUsize, Condvar, Mutex, Ordering};

struct Pool {
    slack: Mutex<Slack>,
    channel: Mutex<VecDeque<()>>,
    call: Condvar,
    ran: AtomicUsize,
}

impl Pool {
    fn new(max_threads: usize) -> Arc<Pool> {
        Arc::new(Pool {
            slack: Mutex::new(Slack::new(max_threads)),
            channel: Mutex::new(VecDeque::new()),
            call: Condvar::new(),
            ran: AtomicUsize::new(0),
        })
    }
}

/// The loop of a thread, with the shortest `keep_alive` there is.
fn work(pool: &Pool) {
    loop {
        let job = pool.channel.lock().pop_front();
        if job.is_some() {
            pool.ran.fetch_add(1, Ordering::Relaxed);
            pool.slack.lock().job_done();
        } else if pool.slack.lock().timed_out() == TimedOut::Leave {
            return;
        }
    }
}

/// Submits a job, and returns the thread that was started for it.
///
/// The thread is booked where the pool books it, and arrives as late as it may. (One that arrived at once might time
/// out before the job is booked: the pool then starts another, round after round, which no model can follow to an end.)
fn submit(pool: &Arc<Pool>) -> Option<JoinHandle<()>> {
    let mut grown = false;
    loop {
        let mut slack = pool.slack.lock();
        match slack.admit(false) {
            Admit::Queue { .. } => {
                pool.channel.lock().push_back(());
                break;
            }
            Admit::Grow => grown = slack.begin_thread(),
            Admit::Refuse => unreachable!(),
        }
    }
    let pool = pool.clone();
    grown.then(|| thread::spawn(move || work(&pool)))
}

/// The loop of a thread that is never too late, and leaves when so many jobs are done.
fn work_until(pool: &Pool, jobs: usize) {
    while pool.ran.load(Ordering::Acquire) < jobs {
        let job = pool.channel.lock().pop_front();
        if job.is_some() {
            let ran = pool.ran.fetch_add(1, Ordering::AcqRel) + 1;
            pool.slack.lock().job_done();
            if ran == jobs {
                pool.call.notify_all(); // those asleep may go
            }
            continue;
        }
        let mut slack = pool.slack.lock();
        if !pool.channel.lock().is_empty() || pool.ran.load(Ordering::Acquire) == jobs {
            continue;
        }
        slack.fall_asleep();
        loop {
            pool.call.wait(&mut slack);
            if slack.take_call() {
                break;
            }
            if pool.ran.load(Ordering::Acquire) == jobs {
                slack.get_up();
                break;
            }
        }
    }
}

/// All threads have left: the books must be closed with nothing on them.
fn assert_settled(pool: &Pool, jobs: usize) {
    assert_eq!(pool.ran.load(Ordering::Relaxed), jobs);
    let slack = pool.slack.lock();
    assert_eq!((slack.threads, slack.slack), (0, 0), "POOL-1");
}

fn explore(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

#[test]
fn a_job_submitted_while_the_only_thread_times_out_is_run() {
    explore(|| {
        let pool = Pool::new(1);
        assert!(pool.slack.lock().begin_thread());
        let waiting = pool.clone();
        let thread = thread::spawn(move || work(&waiting));
        // With one thread at most, either the old one stays or a new one is started.
        let started = submit(&pool);
        thread.join().unwrap();
        started.into_iter().for_each(|thread| thread.join().unwrap());
        assert_settled(&pool, 1);
    });
}

#[test]
fn two_submitters_never_rely_on_the_same_thread() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let pool = Pool::new(1);
        assert!(pool.slack.lock().begin_thread());
        let (waiting, other) = (pool.clone(), pool.clone());
        let thread = thread::spawn(move || work(&waiting));
        let submitter = thread::spawn(move || submit(&other));
        let mut started = vec![thread];
        started.extend(submit(&pool));
        started.extend(submitter.join().unwrap());
        started.into_iter().for_each(|thread| thread.join().unwrap());
        assert_settled(&pool, 2);
    });
}

/// POOL-9. Caught here, as a deadlock: `bug_pool_call_before_booking`.
#[test]
fn a_job_finds_a_waking_thread_or_calls_one() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let pool = Pool::new(2);
        let mut slack = pool.slack.lock();
        for _ in 0..2 {
            assert!(slack.begin_thread());
            let _ = slack.admit(false);
        }
        (0..2).for_each(|_| slack.job_done());
        drop(slack);
        let threads = [(); 2].map(|()| {
            let pool = pool.clone();
            thread::spawn(move || work_until(&pool, 2))
        });
        for _ in 0..2 {
            let mut slack = pool.slack.lock();
            let Admit::Queue { call } = slack.admit(false) else { unreachable!("two threads wait") };
            pool.channel.lock().push_back(());
            drop(slack);
            if call {
                pool.call.notify_one();
            }
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(pool.ran.load(Ordering::Relaxed), 2);
    });
}
