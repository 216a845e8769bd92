//! [`Fuse`]: the waker that a recorded timer calls, which tells of it and passes it on.
//!
//! The `timer` crate knows wakers and nothing of events. So while events are recorded, what an alarm gives it is not the
//! task's waker but this, around it. It defeats `will_wake`, which costs a timer that is polled again an allocation.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Instant;

use futures::task::ArcWake;

use crate::scheduler::Shared;
use crate::scheduler::event::Event;

pub(crate) struct Fuse {
    task: Waker,
    shared: Arc<Shared>,
    timer: u64,
    deadline: Instant,
}

impl Fuse {
    pub(crate) fn waker(task: &Waker, shared: &Arc<Shared>, timer: u64, deadline: Instant) -> Waker {
        futures::task::waker(Arc::new(Self { task: task.clone(), shared: shared.clone(), timer, deadline }))
    }
}

impl ArcWake for Fuse {
    fn wake_by_ref(fuse: &Arc<Self>) {
        let shared = &fuse.shared;
        // At shutdown the timer wakes everybody, and nothing has fired. Acquire; pairs with the Release in `shut_down`.
        if !shared.shutdown.load(Ordering::Acquire)
            && let Some(timer) = &shared.driver.timer
        {
            let late = timer.now().saturating_duration_since(fuse.deadline);
            shared.record(shared.lane(), || Event::TimerFired { timer: fuse.timer, late });
        }
        fuse.task.wake_by_ref();
    }
}
