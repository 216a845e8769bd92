//! Rung 5 of the ladder: an executor that listens. A task is polled when it was woken, and at no other time.
//!
//! ```text
//!   spawn ──▶ ┌── channel of Arc<Task> ──┐ ──▶ run: receive (sleeps while there is nothing) ──▶ poll
//!             └──────────────────────────┘                                                       │
//!                          ▲                                                                     ▼
//!                          └── Task::wake_by_ref ◀── waker ◀── kept by timers, sockets, channels ┘
//! ```
//!
//! The waker *is* the task: one `Arc`, which puts itself into the queue. Nothing looks for tasks that might be ready.
//!
//! What is right: a runtime of a hundred lines. It sleeps when there is nothing to do, a task may be woken from any thread, and
//! one that has finished is never polled again, however late a wake-up comes.
//!
//! What is missing, and where the real crates have it:
//!
//! * Woken twice is queued twice, and polled twice: `task/state.rs` remembers in one atomic word that a task is queued already.
//! * A mutex around each future, for the compiler's peace of mind: the same word says who may touch it.
//! * Nobody gets a task's value, or learns of its panic, which takes the executor along: `task/join.rs`.
//! * One queue for all, and one thread: `scheduler/`.
//! * Timers and sockets: `timer/`, `reactor/`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Context;
use std::time::{Duration, Instant};

use futures::task::{ArcWake, waker};

#[path = "ladder_3_latest_waker.rs"]
#[allow(dead_code, reason = "its `main`, and what only that calls")]
pub mod rung_3;

pub struct MiniTokio {
    scheduled: mpsc::Receiver<Arc<Task>>,
    sender: mpsc::Sender<Arc<Task>>,
}

struct Task {
    /// Empty once the future has finished. Only the thread in `run` takes the lock: there is never anybody to wait for.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    executor: mpsc::Sender<Arc<Task>>,
}

// ANCHOR: ladder-wake
impl ArcWake for Task {
    fn wake_by_ref(task: &Arc<Self>) {
        // If the executor is gone, nobody is left to poll.
        let _ = task.executor.send(task.clone());
    }
}

impl Task {
    // ANCHOR: ladder-poll
    fn poll(self: Arc<Self>) {
        let waker = waker(self.clone());
        let mut cx = Context::from_waker(&waker);
        let mut slot = self.future.try_lock().expect("only `run` polls");
        if let Some(future) = slot.as_mut()
            && future.as_mut().poll(&mut cx).is_ready()
        {
            *slot = None;
        }
    }
}

// ANCHOR: ladder-wake-executor
impl MiniTokio {
    pub fn new() -> Self {
        let (sender, scheduled) = mpsc::channel();
        Self { scheduled, sender }
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let task = Task { future: Mutex::new(Some(Box::pin(future))), executor: self.sender.clone() };
        // A new task is woken once by being spawned.
        let _ = self.sender.send(Arc::new(task));
    }

    /// Runs until nobody is left who could wake anybody: each task holds a sender, and so does each of its wakers.
    pub fn run(self) {
        let Self { scheduled, sender } = self;
        drop(sender);
        while let Ok(task) = scheduled.recv() {
            task.poll();
        }
    }
}

impl Default for MiniTokio {
    fn default() -> Self {
        Self::new()
    }
}

fn main() {
    let mini_tokio = MiniTokio::new();
    for name in ["one", "two", "three"] {
        mini_tokio.spawn(async move {
            println!("{name} waits");
            let when = Instant::now() + Duration::from_millis(10);
            println!("{name} is {}", rung_3::Delay::until(when).await);
        });
    }
    mini_tokio.run();
    println!("nobody is left");
}
