//! [`Id`]: a number that tells tasks apart.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::context;

/// A number that no other task alive in this process has.
///
/// Ids say nothing of the order in which tasks run, and one id may come back only after 2⁶⁴ tasks. The idea and the
/// printed form are tokio's.
#[derive(Clone, Copy, Debug, Hash, Eq, PartialEq, PartialOrd, Ord)]
pub struct Id(pub(crate) NonZeroU64);

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Id {
    /// Relaxed: the number has to be unique and orders nothing.
    pub(crate) fn next() -> Self {
        Self(NonZeroU64::new(NEXT.fetch_add(1, Relaxed)).expect("2^64 tasks were spawned"))
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
