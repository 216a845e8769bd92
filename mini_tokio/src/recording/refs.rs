//! [`Refs`]: what the numbers of a lane's records are counted from, so that most of them are 0 or 1.
//!
//! Writer and reader each have their own for a lane, and both change it with every record in the same way: what `tell` makes
//! of a number, `hear` makes undone.
//!
//! A task is told as the way from one of the two that were mentioned last, whichever is nearer: its number is most likely next to
//! that of its neighbour in a queue, which ran before it, or, where an old task deals with many young ones in turn, to that of
//! the last young one. (No two numbers are 2^62 apart: they are counted up from 1.)

use std::sync::atomic::{AtomicU64, Ordering};

/// See the file's first lines.
#[derive(Default)]
pub(super) struct Refs {
    /// The task of the lane's last poll, 0 before the first one. It stays when the poll is over.
    running: Register,
    /// The task that an event was about last, and the one before it: where two of them deal with each other, as a task and the
    /// one that it spawned and waits for do, neither is far.
    mentioned: Register,
    before: Register,
    /// The task that was spawned last, on this lane.
    newest: Register,
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

// ANCHOR: recording-near
/// `task`, which is not the one mentioned last.
#[inline]
fn tell_from(last: u64, before: u64, task: u64) -> u64 {
    (2 * way(last, task) + 2).min(2 * way(before, task) + 1)
}

impl Refs {
    #[inline]
    fn mention(&self, task: u64) {
        let last = self.mentioned.get();
        if task != last {
            self.before.set(last);
            self.mentioned.set(task);
        }
    }

    /// The task that an event is about: 0 for the one mentioned last; odd: the way from the one before it; else that from the last.
    #[inline]
    pub(super) fn tell_task(&self, task: u64) -> u64 {
        let last = self.mentioned.get();
        if task == last {
            return 0;
        }
        let before = self.before.get();
        self.before.set(last);
        self.mentioned.set(task);
        tell_from(last, before, task)
    }

    pub(super) fn hear_task(&self, told: u64) -> u64 {
        let (last, before) = (self.mentioned.get(), self.before.get());
        let task = match told {
            0 => last,
            odd if odd % 2 == 1 => go(before, odd / 2),
            even => go(last, even / 2 - 1),
        };
        self.mention(task);
        task
    }

    /// A task that is spawned: 0 for the next one.
    #[inline]
    pub(super) fn tell_new(&self, task: u64) -> u64 {
        let next = self.newest.get().wrapping_add(1);
        self.newest.set(task);
        self.mention(task);
        way(next, task)
    }

    /// The same for the next one; else nothing is changed, and it is false.
    #[inline(always)]
    pub(super) fn tell_newest(&self, task: u64) -> bool {
        let is_next = self.newest.get().wrapping_add(1) == task;
        if is_next {
            self.newest.set(task);
            self.mention(task);
        }
        is_next
    }

    pub(super) fn hear_new(&self, told: u64) -> u64 {
        let task = go(self.newest.get().wrapping_add(1), told);
        self.newest.set(task);
        self.mention(task);
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

    /// The same if the poll of `running` is over, which is mentioned first.
    #[inline]
    pub(super) fn tell_next(&self, task: u64, tick: u32) -> (u64, u64) {
        let (running, last) = (self.running.get(), self.mentioned.get());
        // Each register is read and written once: the compiler leaves none of these out.
        let before = if last == running { self.before.get() } else { last };
        let next = u64::from((self.tick.get() as u32).wrapping_add(1));
        self.tick.set(tick.into());
        let tick = way(next, tick.into());
        if task == running {
            self.mentioned.set(task);
            self.before.set(before);
            return (0, tick);
        }
        self.running.set(task);
        self.mentioned.set(task);
        self.before.set(running);
        (tell_from(running, before, task), tick)
    }

    /// As `tell_start`, in short, where the number of the task is close by, and few ticks or none are left out: what stands for the
    /// task is below 128, what stands for the tick is below 8. Else nothing is changed.
    #[inline(always)]
    pub(super) fn start_near(&self, task: u64, tick: u32) -> Option<(u64, u64)> {
        self.tell_near(self.mentioned.get(), || self.before.get(), task, tick)
    }

    /// The same as `tell_next`.
    #[inline(always)]
    pub(super) fn next_near(&self, task: u64, tick: u32) -> Option<(u64, u64)> {
        let (running, last) = (self.running.get(), self.mentioned.get());
        self.tell_near(running, || if last == running { self.before.get() } else { last }, task, tick)
    }

    /// `last`, `before`: the tasks that are mentioned last, before this one.
    #[inline(always)]
    fn tell_near(&self, last: u64, before: impl FnOnce() -> u64, task: u64, tick: u32) -> Option<(u64, u64)> {
        let left_out = u64::from(tick).wrapping_sub(u64::from((self.tick.get() as u32).wrapping_add(1)));
        if left_out >= 4 {
            return None;
        }
        let told = self.near(last, before, task)?;
        self.tick.set(tick.into());
        self.running.set(task);
        Some((told, 2 * left_out))
    }

    /// A task as in `tell_task`, if what stands for it is below 128. Else nothing is changed.
    #[inline(always)]
    fn near(&self, last: u64, before: impl FnOnce() -> u64, task: u64) -> Option<u64> {
        if task == last {
            self.mention(task);
            return Some(0);
        }
        let mut told = 2 * way(last, task) + 2;
        if told >= 0x80 {
            told = 2 * way(before(), task) + 1;
        }
        if told >= 0x80 {
            return None;
        }
        self.mentioned.set(task);
        self.before.set(last);
        Some(told)
    }

    /// As `tell_task`, in short: below 128. Else nothing is changed.
    #[inline(always)]
    pub(super) fn tell_task_near(&self, task: u64) -> Option<u64> {
        self.near(self.mentioned.get(), || self.before.get(), task)
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
        self.mention(task);
        way(self.running.get(), task)
    }

    pub(super) fn hear_end(&self, told: u64) -> u64 {
        let task = go(self.running.get(), told);
        self.mention(task);
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
