//! [`Id`]: a number that tells tasks apart.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::context;

/// A number that no other task alive in this process has.
///
/// Ids say nothing of the order in which tasks run. What one thread spawns has rising ids; what several threads spawn is in no
/// order. One id may come back only after 2⁶⁴ tasks. The idea and the printed form are tokio's.
#[derive(Clone, Copy, Debug, Hash, Eq, PartialEq, PartialOrd, Ord)]
pub struct Id(pub(crate) NonZeroU64);

/// How many ids a thread takes at once: one locked instruction for so many spawns.
const BLOCK: u64 = 16;

/// How many ids were given out to threads.
static GIVEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The last id of this thread. A multiple of [`BLOCK`]: its block is used up, or it had none yet.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

impl Id {
    pub(crate) fn next() -> Self {
        let mut last = LAST.get();
        if last.is_multiple_of(BLOCK) {
            last = GIVEN.fetch_add(BLOCK, Relaxed); // the number has to be unique and orders nothing
        }
        LAST.set(last + 1);
        Self(NonZeroU64::new(last + 1).expect("2^64 tasks were spawned"))
    }

    /// The number of its block: the same for tasks that one thread spawned one after the other.
    pub(super) fn block(self) -> u64 {
        (self.0.get() - 1) / BLOCK
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of the task that is running on this thread.
///
/// # Panics
///
/// Outside a task, and in the root future of `block_on`, which is no task: see [`try_id`].
#[track_caller]
pub fn id() -> Id {
    try_id().expect("Can't get a task id when not inside a task")
}

/// The id of the task that is running on this thread, or `None` outside a task.
pub fn try_id() -> Option<Id> {
    context::current_task()
}
