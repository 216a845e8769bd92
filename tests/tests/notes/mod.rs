//! The programs of the notes: one text, compiled twice.
//!
//! ```text
//!   notes_on_tokio.rs        use tokio as rt;  ----\
//!                                                   mod notes;   every program says `crate::rt`, and never a runtime's name
//!   notes_on_mini_tokio.rs   use mini_tokio as rt; /
//! ```
//!
//! A program is an ordinary test that asserts what its row of the notes claims. As it holds the two runtimes to the same
//! values, order, panics, errors and lines, passing on both is the proof that they agree.
//!
//! The comment above a program begins with the ids of its rows: `/// C4.6, C4.7: what is shown`. From these comments
//! `notes_coverage.rs` makes the table in docs/src/coverage.md. Programs count and wait for each other; none waits for time to
//! pass, but in a paused clock.

use crate::rt::runtime::{Builder, Runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

mod actors;
mod blocking;
mod builder;
mod channels;
mod delays;
mod echo;
mod files;
mod framing;
mod join_set;
mod local_set;
mod locks;
mod macros;
mod permits;
mod queues;
mod runtime;
mod script;
mod select;
mod shutdown;
mod signals;
mod stdio;
mod streams;
mod tasks;
mod threads;
mod time;
mod workers;

/// Longer than anything here takes, and shorter than anybody's patience.
const LIMIT: Duration = Duration::from_secs(60);

pub fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// With a clock that stands still until nothing else is left to do.
pub fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

pub fn multi_thread(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// What a program would print, in the order in which it would.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub fn say(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// What `f` says when it panics.
#[track_caller]
pub fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("it did not panic") };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast_ref::<&str>().expect("a panic with a text")).to_owned(),
    }
}

/// Blocks this thread until the other side has sent, as a program does that computes for long: nobody else can use it.
#[track_caller]
pub fn block_thread<T>(until: &mpsc::Receiver<T>) -> T {
    until.recv_timeout(LIMIT).expect("the other side is still alive and goes on")
}
