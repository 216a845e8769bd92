//! [`Look`]: the state of a task for who looks from outside. Nothing is decided by it.

use super::{CANCELLED, COMPLETE, JOIN_INTEREST, JOIN_WAKER, RUNNING, SCHEDULED, State};
use crate::shim::Ordering::Acquire;

/// The bits of the word by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) scheduled: bool,
    pub(crate) running: bool,
    pub(crate) complete: bool,
    pub(crate) cancelled: bool,
    pub(crate) joinable: bool,
    pub(crate) joiner_waits: bool,
}

impl State {
    /// Whether the task is queued, running, complete, cancelled; true a moment ago. For those who look from outside.
    pub(crate) fn look(&self) -> Look {
        let now = self.0.load(Acquire);
        let has = |bit| now & bit != 0;
        Look {
            scheduled: has(SCHEDULED),
            running: has(RUNNING),
            complete: has(COMPLETE),
            cancelled: has(CANCELLED),
            joinable: has(JOIN_INTEREST),
            joiner_waits: has(JOIN_WAKER),
        }
    }
}
