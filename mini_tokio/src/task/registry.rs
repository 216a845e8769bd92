//! The registry: every task of a runtime that may still run.
//!
//! Shutdown cancels what stands here, metrics count it, a debugger lists it. The registry is split into shards by the blocks in
//! which threads take task ids, so that workers that spawn and finish at the same time rarely meet on one lock.
//! Every task passes through it twice, so it is a brief lock ([`brief`]). Only who looks at all tasks stays longer
//! inside: as long as it takes to count a reference for each in the shard.
//!
//! * `REG-1` A task is in the registry from before it first enters a queue until its output is there.
//! * `REG-2` Once closed, a shard takes nobody in: a task that comes too late is cancelled by whoever spawned it.
//!
//! The registry counts no reference: what stands here is borrowed from the task's own, which lives longer (`TASK-8`).
//!
//! tokio keeps intrusive lists here, which saves one slot a task and costs an unsafe list.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use slab::Slab;

use super::{Header, Id, Runnable, TaskRef};
use brief::BriefMutex;

#[derive(Default)]
struct Shard {
    closed: bool,
    /// How many tasks were ever taken in.
    admitted: u64,
    tasks: Slab<TaskRef>,
}

pub(crate) struct Registry {
    /// A power of two of them, so that the shard of an id is the low bits of its block.
    shards: Box<[BriefMutex<Shard>]>,
}

impl Registry {
    /// `workers` threads will spawn and finish tasks at the same time.
    pub(crate) fn new(workers: usize) -> Self {
        let shards = if workers == 1 { 1 } else { (4 * workers).next_power_of_two() };
        Self { shards: (0..shards).map(|_| BriefMutex::default()).collect() }
    }

    fn shard(&self, id: Id) -> &BriefMutex<Shard> {
        &self.shards[id.block() as usize & (self.shards.len() - 1)]
    }

    // ANCHOR: task-registry
    /// Takes a new task in; false if the registry is closed, and the task is to be cancelled without having run.
    #[must_use]
    pub(crate) fn admit<T: Runnable + 'static>(&self, task: &Arc<T>) -> bool {
        let header = task.header();
        let mut shard = self.shard(header.id).lock();
        if shard.closed {
            return false;
        }
        shard.admitted += 1;
        let key = u32::try_from(shard.tasks.insert(TaskRef::new(task))).expect("2^32 tasks in one shard");
        // Relaxed: the queue that the task enters next carries it to other threads.
        header.registry_key.store(key, Relaxed);
        true
    }

    /// A task has its output (`REG-1`).
    pub(crate) fn release(&self, header: &Header) {
        let _task = self.shard(header.id).lock().tasks.try_remove(header.registry_key.load(Relaxed) as usize);
    }

    /// Takes nobody in from now on.
    pub(crate) fn close(&self) {
        for shard in &self.shards {
            shard.lock().closed = true;
        }
    }

    /// Every task that stands here now, in the order of their ids: shards would be another order in every run.
    pub(crate) fn snapshot(&self) -> Vec<Arc<dyn Runnable>> {
        let mut tasks = Vec::new();
        for shard in &self.shards {
            tasks.extend(shard.lock().tasks.iter().map(|(_, task)| Arc::clone(task)));
        }
        tasks.sort_by_key(|task| task.header().id);
        tasks
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().tasks.len()).sum()
    }

    /// How many tasks were ever taken in.
    pub(crate) fn admitted(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().admitted).sum()
    }
}
