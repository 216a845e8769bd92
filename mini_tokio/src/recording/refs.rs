//! [`Refs`]: what the numbers of a lane's records are counted from, so that most of them are 0 or 1.
//!
//! Writer and reader each have their own for a lane, and both change it with every record in the same way: what `tell` makes
//! of a number, `hear` makes undone.

use std::sync::atomic::{AtomicU64, Ordering};

/// See the file's first lines.
#[derive(Default)]
pub(super) struct Refs {
    /// The task of the lane's last poll, 0 before the first one. It stays when the poll is over.
    running: Register,
    /// The task that an event was about last.
    mentioned: Register,
    /// The tick of the last poll.
    tick: Register,
}

/// A number that belongs to a lane's writer. Relaxed: it changes hands with the lane (`LANE-1`).
#[derive(Default)]
pub(super) struct Register(AtomicU64);

impl Register {
    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// `value` as the way from `from`: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
#[inline]
fn way(from: u64, value: u64) -> u64 {
    let way = value.wrapping_sub(from) as i64;
    (way << 1 ^ way >> 63) as u64
}

#[inline]
fn go(from: u64, way: u64) -> u64 {
    from.wrapping_add(way >> 1 ^ (way & 1).wrapping_neg())
}

impl Refs {
    /// The task that an event is about: the way from the one before.
    #[inline]
    pub(super) fn tell_task(&self, task: u64) -> u64 {
        let told = way(self.mentioned.get(), task);
        self.mentioned.set(task);
        told
    }

    pub(super) fn hear_task(&self, told: u64) -> u64 {
        let task = go(self.mentioned.get(), told);
        self.mentioned.set(task);
        task
    }

    /// The task whose poll begins, and the tick: 0 where it is the next one.
    #[inline]
    pub(super) fn tell_start(&self, task: u64, tick: u32) -> (u64, u64) {
        self.running.set(task);
        let next = u64::from((self.tick.get() as u32).wrapping_add(1));
        self.tick.set(tick.into());
        (self.tell_task(task), way(next, tick.into()))
    }

    pub(super) fn hear_start(&self, task: u64, tick: u64) -> (u64, Option<u32>) {
        let task = self.hear_task(task);
        self.running.set(task);
        let next = u64::from((self.tick.get() as u32).wrapping_add(1));
        let tick = u32::try_from(go(next, tick)).ok();
        self.tick.set(tick.unwrap_or(0).into());
        (task, tick)
    }

    /// The task whose poll ends: the way from the one whose poll began.
    #[inline]
    pub(super) fn tell_end(&self, task: u64) -> u64 {
        self.mentioned.set(task);
        way(self.running.get(), task)
    }

    pub(super) fn hear_end(&self, told: u64) -> u64 {
        let task = go(self.running.get(), told);
        self.mentioned.set(task);
        task
    }

    /// Whether the lane's last poll is one of `task`.
    #[inline(always)]
    pub(super) fn is_running(&self, task: u64) -> bool {
        self.running.get() == task
    }

    /// An event about the task of the last poll.
    #[inline(always)]
    pub(super) fn tell_running(&self) -> u64 {
        self.tell_task(self.running.get())
    }

    /// The task that causes something: 0 if it is the one that runs here, 1 if there is none. Where no poll has begun yet, 0
    /// is none, too.
    #[inline]
    pub(super) fn tell_cause(&self, task: Option<u64>) -> u64 {
        let running = self.running.get();
        match task {
            None => u64::from(running != 0),
            Some(task) if task == running => 0,
            Some(task) => way(running, task).wrapping_add(1), // 2 and more: a way of 0 was told as 0
        }
    }

    pub(super) fn hear_cause(&self, told: u64) -> Option<u64> {
        let running = self.running.get();
        match told {
            0 => Some(running).filter(|&running| running != 0),
            1 => None,
            _ => Some(go(running, told - 1)),
        }
    }
}
