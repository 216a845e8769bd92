//! Rung 4 of the ladder: the other side. An executor that polls everybody in turn until all are done.
//!
//! ```text
//!          ┌──────────── VecDeque<Task> ────────────┐
//!   spawn ─┴─▶ C   B   A ──pop──▶ poll ──Pending──▶─┘ to the back
//!                                  └────Ready──▶ dropped
//! ```
//!
//! What is right: tasks are futures that the executor owns, in boxes because they have different sizes and pinned because they
//! may borrow from themselves. A task runs until it says `Pending`, and then it is the next one's turn.
//!
//! What is wrong: nobody listens to wakers. The one that is handed out does nothing, and so a task that waits for an hour is
//! polled for an hour. While anybody waits, the thread never sleeps.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
pub struct MiniTokio {
    tasks: VecDeque<Task>,
}

// ANCHOR: ladder-queue-executor
impl MiniTokio {
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        self.tasks.push_back(Box::pin(future));
    }

    pub fn run(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        while let Some(mut task) = self.tasks.pop_front() {
            if task.as_mut().poll(&mut cx).is_pending() {
                self.tasks.push_back(task);
            }
        }
    }
}

fn main() {
    let mut mini_tokio = MiniTokio::default();
    let when = Instant::now() + Duration::from_millis(10);
    let polls = Rc::new(Cell::new(0));
    let counter = polls.clone();
    mini_tokio.spawn(poll_fn(move |_| {
        counter.set(counter.get() + 1);
        // It does not even say by whom it wants to be woken.
        if Instant::now() >= when { Poll::Ready(()) } else { Poll::Pending }
    }));
    mini_tokio.run();
    println!("10 ms took {} polls, and a whole processor", polls.get());
}
