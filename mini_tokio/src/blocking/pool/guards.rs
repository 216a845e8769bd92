//! What books a thread out of its pool when it is dropped, however that comes about (POOL-7).
//!
//! Both guards are made before the thread and move into its closure. If the thread cannot be started the closure is
//! dropped, and so are they.

use std::sync::Arc;

use super::{Books, Job, MY_POOL, Shared, contain_panic};

/// A thread's entry in `Books::alive`: what `wait` waits for. Dropped last.
pub(super) struct Life<J: Job> {
    pub(super) shared: Arc<Shared<J>>,
}

impl<J: Job> Life<J> {
    pub(super) fn begin(shared: &Arc<Shared<J>>, books: &mut Books<J>) -> Self {
        books.alive += 1;
        Life { shared: shared.clone() }
    }

    /// Runs `body` inside the configured `around`, on the thread itself.
    pub(super) fn live(&self, body: &mut dyn FnMut()) {
        MY_POOL.set(self.shared.address());
        contain_panic(|| (self.shared.config.around)(body));
    }
}

impl<J: Job> Drop for Life<J> {
    fn drop(&mut self) {
        self.shared.books.lock().alive -= 1;
        self.shared.gone.notify_all();
    }
}

/// A pool thread's entry in the slack.
pub(super) struct Seat<J: Job> {
    shared: Arc<Shared<J>>,
    pub(super) state: SeatState,
}

/// What the books hold of the thread in the seat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SeatState {
    /// Counted in `slack` as waiting.
    Waiting,
    /// Running a job.
    Busy,
    /// Struck off already, by its time-out.
    Left,
}

impl<J: Job> Seat<J> {
    /// For a thread that `Slack::begin_thread` has just booked.
    pub(super) fn taken(shared: &Arc<Shared<J>>) -> Self {
        Seat { shared: shared.clone(), state: SeatState::Waiting }
    }
}

impl<J: Job> Drop for Seat<J> {
    fn drop(&mut self) {
        let was_waiting = match self.state {
            SeatState::Waiting => true,
            SeatState::Busy => false,
            SeatState::Left => return,
        };
        let call = self.shared.books.lock().slack.lost(was_waiting);
        if call {
            self.shared.call.notify_one();
        }
    }
}
