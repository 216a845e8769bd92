//! Two workers and a remote submitter, with real parkers: a lost wake-up is a deadlock, which loom reports.
//!
//! The queue is a locked deque whose length is read without the lock, as the global queue's is: through the lock alone
//! the two sides would be ordered, and the model could not see a missing fence.

use std::collections::VecDeque;

use loom::thread;

use super::*;
use crate::scheduler::park::Parker;
use crate::shim::{Arc, AtomicUsize, Condvar, Ordering};

const WORKERS: usize = 2;

#[derive(Clone, Copy)]
enum Task {
    /// Done at once.
    Plain,
    /// Not done before as many of its kind run at the same time.
    Meets(usize),
}

struct Runtime {
    idle: Idle,
    /// The standard `Arc`: the handle is no part of the protocol.
    parkers: Vec<std::sync::Arc<Parker>>,
    tasks: usize,
    done: AtomicUsize,

    len: AtomicUsize,
    queue: Mutex<VecDeque<Task>>,

    running: Mutex<usize>,
    met: Condvar,
}

impl Runtime {
    fn submit(&self, task: Task) {
        let mut queue = self.queue.lock();
        queue.push_back(task);
        self.len.store(queue.len(), Ordering::Release);
        drop(queue);
        self.wake_one();
    }

    fn wake_one(&self) {
        if let Some(worker) = self.idle.pick_sleeper(|_| true) {
            self.parkers[worker].unpark(|| unreachable!());
        }
    }

    fn looks_empty(&self) -> bool {
        self.len.load(Ordering::Acquire) == 0
    }

    fn take(&self) -> Option<Task> {
        if self.looks_empty() {
            return None;
        }
        let mut queue = self.queue.lock();
        let task = queue.pop_front();
        self.len.store(queue.len(), Ordering::Release);
        task
    }

    fn run(&self, task: Task) {
        if let Task::Meets(party) = task {
            let mut running = self.running.lock();
            *running += 1;
            while *running < party {
                self.met.wait(&mut running);
            }
            self.met.notify_one();
        }
        if self.done.fetch_add(1, Ordering::AcqRel) + 1 == self.tasks {
            self.parkers.iter().for_each(|parker| parker.unpark(|| unreachable!()));
        }
    }

    fn finished(&self) -> bool {
        self.done.load(Ordering::Acquire) == self.tasks
    }
}

fn worker(runtime: &Runtime, me: usize, parker: &Parker) {
    let mut searching = false;
    while !runtime.finished() {
        if let Some(task) = runtime.take() {
            let ends = std::mem::take(&mut searching);
            if ends && runtime.idle.end_search() == Recheck::Needed && !runtime.looks_empty() {
                runtime.wake_one();
            }
            runtime.run(task);
        } else if !searching && runtime.idle.try_begin_search() {
            searching = true;
        } else {
            if runtime.idle.announce_sleep(me, searching) == Recheck::Needed && !runtime.looks_empty() {
                runtime.wake_one();
            }
            parker.park();
            searching = !runtime.idle.remove(me);
        }
    }
}

fn explore(tasks: &'static [Task]) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let parkers: Vec<_> = (0..WORKERS).map(|_| std::sync::Arc::new(Parker::new())).collect();
        let runtime = Arc::new(Runtime {
            idle: Idle::new(WORKERS),
            parkers: parkers.clone(),
            tasks: tasks.len(),
            done: AtomicUsize::new(0),
            len: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
            running: Mutex::new(0),
            met: Condvar::new(),
        });
        let threads: Vec<_> = parkers
            .into_iter()
            .enumerate()
            .map(|(me, parker)| {
                let runtime = runtime.clone();
                thread::spawn(move || worker(&runtime, me, &parker))
            })
            .collect();
        tasks.iter().for_each(|task| runtime.submit(*task));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(runtime.finished());
    });
}

#[test]
fn a_task_submitted_while_the_last_searcher_goes_to_sleep_is_run() {
    explore(&[Task::Plain]);
}

#[test]
fn of_two_tasks_none_is_slept_over() {
    explore(&[Task::Plain, Task::Plain]);
}

#[test]
fn two_tasks_that_need_each_other_get_a_worker_each() {
    explore(&[Task::Meets(2), Task::Meets(2)]);
}
