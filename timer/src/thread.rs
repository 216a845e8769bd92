//! The timer thread: turns the wheel while the clock runs.
//!
//! Its whole life is one loop: fire what is due, wake the tasks, sleep to the next slot. It is started by the first delay
//! that is armed on a running clock, and it ends when the timer is shut down or its last handle is gone.
//!
//! It may wake for a slot of a higher level just to cascade it: seven times at most in the life of a delay, however long.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{TICK, tick_before};
use crate::timer::{Shared, wake_all};
use crate::wheel::Turn;

/// Records that one hold of the lock may touch: some ten microseconds.
const BUDGET: usize = 256;

// ANCHOR: timer-thread-loop
pub(crate) fn run(shared: Arc<Shared>) {
    let mut wakers = Vec::with_capacity(BUDGET);
    let mut room = shared.bell.lock();
    loop {
        if room.state.stopped {
            return;
        }
        if shared.clock.is_paused() {
            room = shared.bell.sleep(room, 0, None); // `resume` rings
            continue;
        }
        let now = shared.clock.nanos_now();
        let tick = tick_before(now);
        let turn = room.state.wheel.turn(tick, tick * TICK, BUDGET, &mut wakers);
        room = match turn {
            // The lock was not free since the wheel was looked at (`BELL-1`), so it is safe to sleep.
            Turn::Done(None) if wakers.is_empty() => shared.bell.sleep(room, u64::MAX, None),
            Turn::Done(Some(tick)) if wakers.is_empty() => {
                let wait = Duration::from_nanos((tick * TICK).saturating_sub(now));
                shared.bell.sleep(room, tick, Some(wait))
            }
            _ => {
                drop(room);
                // A panic in a waker is the waker's problem: it was reported, and the other delays must go on.
                let _ = wake_all(&mut wakers);
                shared.bell.lock()
            }
        };
    }
}
// ANCHOR_END: timer-thread-loop
