//! The timer thread: turns the wheel while the clock runs.
//!
//! Its whole life is one loop: fire what is due, wake the tasks, sleep to the next slot. It is started by the first delay
//! that is armed on a running clock, and it ends when the timer is shut down or its last handle is gone.
//!
//! It may wake for a slot of a higher level just to cascade it: six times at most in the life of a delay, however long.

use std::sync::Arc;
use std::time::Duration;

use crate::bell::Sleep;
use crate::clock::{TICK, tick_before};
use crate::timer::{Shared, wake_all};
use crate::wheel::{Budget, Turn};

// ANCHOR: timer-thread-loop
pub(crate) fn run(shared: Arc<Shared>) {
    let mut wakers = Vec::with_capacity(Budget::THREAD.wakers);
    let mut room = shared.bell.lock();
    loop {
        if room.state.stopped {
            return;
        }
        if shared.clock.is_paused() {
            room = shared.bell.sleep(room, Sleep::Paused);
            continue;
        }
        let now = shared.clock.nanos_now();
        let tick = tick_before(now);
        let turn = room.state.wheel.turn(tick, tick * TICK, Budget::THREAD, &mut wakers);
        shared.publish(&mut room.state.wheel);
        room = match turn {
            // The lock was not free since the wheel was looked at (`BELL-1`), so it is safe to sleep.
            Turn::Done(next) if wakers.is_empty() => shared.bell.sleep(room, until(next, now)),
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

fn until(next: Option<u64>, now: u64) -> Sleep {
    match next {
        Some(tick) => Sleep::Until { tick, wait: Duration::from_nanos((tick * TICK).saturating_sub(now)) },
        None => Sleep::Idle,
    }
}
