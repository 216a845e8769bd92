//! The word of the idle set: how many workers are awake, and how many of these search.
//!
//! Both counts share a word so that `pick_sleeper` decides by one load of one moment. The handshake that the
//! transitions belong to, and the invariants `IDLE-…`, are in the parent, [`super`].

use super::Recheck;
use crate::shim::{AtomicU64, Ordering};

/// One awake worker; the searching ones are counted in the low half.
const AWAKE: u64 = 1 << 32;
const SEARCHING: u64 = 1;

/// All writes are AcqRel read-modify-writes: nothing is published through the word, but a chain of events that runs
/// through it (a search ends, the next begins) keeps its order for everybody.
const WRITE: Ordering = Ordering::AcqRel;

pub(super) struct Counts(AtomicU64);

fn awake(word: u64) -> usize {
    (word >> 32) as usize
}

fn searching(word: u64) -> usize {
    (word & (AWAKE - 1)) as usize
}

impl Counts {
    pub(super) fn new(workers: usize) -> Self {
        Self(AtomicU64::new(AWAKE * workers as u64))
    }

    /// Relaxed: in the handshake the fence before it orders it; elsewhere it is a statistic.
    fn load(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn awake(&self) -> usize {
        awake(self.load())
    }

    pub(super) fn searching(&self) -> usize {
        searching(self.load())
    }

    /// Whether a published task needs a sleeper woken: there is one, and nobody searches.
    pub(super) fn wants_waking(&self, workers: usize) -> bool {
        let word = self.load();
        searching(word) == 0 && awake(word) < workers
    }

    /// Under the lock, for a sleeper that is being taken off the list. False if somebody searches by now.
    #[must_use]
    pub(super) fn wake_one_searching(&self) -> bool {
        self.update(|word| (searching(word) == 0).then_some(word + AWAKE + SEARCHING))
    }

    /// Under the lock, for a worker that has left the list of its own accord.
    pub(super) fn wake_by_itself(&self) {
        self.0.fetch_add(AWAKE, WRITE);
    }

    /// Under the lock, for a worker that has entered the list.
    pub(super) fn fall_asleep(&self, was_searching: bool) -> Recheck {
        let leaves = AWAKE + if was_searching { SEARCHING } else { 0 };
        let word = self.0.fetch_sub(leaves, WRITE) - leaves;
        Self::recheck(word)
    }

    #[must_use]
    pub(super) fn try_begin_search(&self, most: usize) -> bool {
        self.update(|word| (searching(word) < most).then_some(word + SEARCHING))
    }

    pub(super) fn end_search(&self) -> Recheck {
        let before = self.0.fetch_sub(SEARCHING, WRITE);
        debug_assert!(searching(before) > 0, "a worker ended a search that it had not begun");
        Self::recheck(before - SEARCHING)
    }

    fn recheck(word: u64) -> Recheck {
        if searching(word) == 0 { Recheck::Needed } else { Recheck::Needless }
    }

    fn update(&self, transition: impl Fn(u64) -> Option<u64>) -> bool {
        let mut word = self.load();
        while let Some(next) = transition(word) {
            match self.0.compare_exchange(word, next, WRITE, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }
}
