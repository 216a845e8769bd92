//! What a pool thread does: it waits for a job, runs it, and waits for the next.
//!
//! It waits in two ways. First it looks on, as [`Patience`] allows: whoever reads a file piece by piece submits the next job
//! a microsecond after the last one was done, and to call a sleeper takes several. Then it sleeps until it is called
//! (POOL-9), or has slept too long.

use std::ops::ControlFlow;
use std::time::Instant;

use crossbeam_channel::TryRecvError;

use super::guards::{Life, Seat, SeatState};
use super::{Job, Shared, contain_panic};
use crate::blocking::slack::TimedOut;
use crate::scheduler::patience::Patience;

/// The whole of a pool thread.
pub(super) fn pool_thread<J: Job>(life: Life<J>, mut seat: Seat<J>) {
    life.live(&mut || work(&life.shared, &mut seat));
    drop(seat);
    // Before `life` ends: who waits for the threads to be gone wants the jobs settled.
    life.shared.cancel_stranded();
}

// ANCHOR: pool-work
fn work<J: Job>(shared: &Shared<J>, seat: &mut Seat<J>) {
    let mut patience = Patience::new();
    loop {
        match shared.jobs.try_recv() {
            Ok(job) => {
                // No entry in the books: there is one waiting thread and one queued job less (POOL-1).
                seat.state = SeatState::Busy;
                patience.paid();
                contain_panic(|| job.run());
                shared.books.lock().slack.job_done();
                seat.state = SeatState::Waiting;
            }
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {
                if shared.config.looks_on && patience.is_due() && patience.look(|| !shared.jobs.is_empty()) {
                    continue;
                }
                if shared.sleep().is_break() {
                    seat.state = SeatState::Left;
                    return;
                }
            }
        }
    }
}

impl<J: Job> Shared<J> {
    /// Sleeps until there may be a job, or the channel is closed. Breaks if that took too long: the thread is struck off
    /// then, and must not look into the channel again.
    // ANCHOR: pool-sleep
    fn sleep(&self) -> ControlFlow<()> {
        let deadline = Instant::now().checked_add(self.config.keep_alive);
        let mut books = self.books.lock();
        // Nothing enters the channel while we hold the lock (POOL-5), so a job that is not seen here calls us (POOL-9).
        if !self.jobs.is_empty() || books.sender.is_none() {
            return ControlFlow::Continue(());
        }
        books.slack.fall_asleep();
        loop {
            let timed_out = match deadline {
                Some(deadline) => self.call.wait_until(&mut books, deadline).timed_out(),
                None => {
                    self.call.wait(&mut books);
                    false
                }
            };
            if books.slack.take_call() {
                return ControlFlow::Continue(());
            }
            let closed = books.sender.is_none();
            if !closed && !timed_out {
                continue; // nobody called
            }
            books.slack.get_up();
            if !closed && books.slack.timed_out() == TimedOut::Leave {
                return ControlFlow::Break(());
            }
            return ControlFlow::Continue(());
        }
    }
}
