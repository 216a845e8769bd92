//! The idle set: which workers sleep, how many search, and the handshake that keeps a published task from being slept
//! over.
//!
//! ```text
//!                     try_begin_search                       announce_sleep
//!        working ------------------------> searching ------------------------> sleeping (in the list)
//!           ^  ^         end_search            |  ^                                 |  |
//!           |  +-------------------------------+  +------- pick_sleeper ------------+  |
//!           |                                              (and an unpark)             |
//!           +----------------------------- remove: it woke by itself ------------------+
//! ```
//!
//! (A worker that was refused the search goes from working to sleeping directly.)
//!
//! # Vocabulary
//!
//! *Awake*: not in the list of sleepers. *Searching*: awake, with nothing to do, looking into the others' queues. *To
//! publish*: to make a task visible in some queue that searchers look into.
//!
//! # The handshake
//!
//! Waking a thread costs microseconds, and one searcher is enough to find a task; so whoever publishes a task wakes
//! somebody only if nobody searches. The danger is the moment when the last searcher has looked everywhere and is about
//! to sleep. Both sides write first and read the other's word afterwards, with a full fence between:
//!
//! | | who publishes | who goes to sleep |
//! |---|---|---|
//! | 1 | put the task into a queue | `announce_sleep`: enter the list, no longer awake nor searching |
//! | 2 | `fence(SeqCst)` (in `pick_sleeper`) | `fence(SeqCst)` (in `announce_sleep`) |
//! | 3 | read the counts: a sleeper, and no searcher? | no searcher left? Then look into every queue once more |
//! | 4 | if so, take one off the list and unpark it | a task? Then `pick_sleeper`, which may pick the looker itself |
//!
//! The two fences are totally ordered. If the publisher's is first, the sleeper's step 3 sees the task. If the
//! sleeper's is first, the publisher's step 3 sees the sleeper. With one fence missing both may read the past, and the
//! task lies there until something else happens: this is the classic lost wake-up.
//!
//! # Invariants
//!
//! - **IDLE-1** `awake + length of the list = workers`; both change only together, under the lock.
//! - **IDLE-2** At most half of the workers (rounded up) search.
//! - **IDLE-3** Whoever brings `searching` down to zero, and whoever falls asleep while it is zero, looks into every
//!   queue for what was published meanwhile, and calls `pick_sleeper` if it finds a task. So while a task waits and a
//!   worker sleeps, there is a searcher, or a worker on its way to one of these steps.
//! - **IDLE-4** An index is in the list at most once, and only its own worker puts it there.
//!
//! # Orderings
//!
//! The word carries no data, so its orderings serve the handshake alone, and the fences do the work there. Its writes
//! are read-modify-writes, of which there is one total order; the list has its lock.
//!
//! # What is left out
//!
//! Rejected: waking one sleeper for each task (a thundering herd that finds nothing); a bit set of sleepers in the word
//! (bounds the workers, and forgets who slept last). Searching workers themselves wake the next when they find
//! something, so a burst of tasks wakes the workers as a chain, each link paid by another worker.

use crate::shim::Mutex;

mod counts;
#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

use counts::Counts;

/// The idle set of one runtime. All its workers begin awake, and none searching. On cache lines of its own: whoever publishes a
/// task reads the counts, which change less often than what lies around them.
#[repr(align(128))]
pub(crate) struct Idle {
    workers: usize,

    // Written under the lock of `sleepers` as far as `awake` is concerned (IDLE-1).
    counts: Counts,

    /// The sleeping workers; the one that fell asleep last is at the end, with the warmest cache.
    sleepers: Mutex<Vec<usize>>,
}

/// What a worker that ends its search, or goes to sleep, owes to the others (`IDLE-3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Recheck {
    /// Nobody searches any more, and tasks published while somebody did woke nobody: look into every queue, and call
    /// `pick_sleeper` if there is one.
    Needed,
    /// Others search on, who will look.
    Needless,
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Idle {
        Idle { workers, counts: Counts::new(workers), sleepers: Mutex::new(Vec::with_capacity(workers)) }
    }

    /// To be called after a task was published. If somebody sleeps and nobody searches, takes a worker off the list,
    /// counts it awake and searching, and returns its index: the caller must unpark it. It is the one that fell asleep
    /// last among those that `suit`, or among all if none does.
    ///
    /// Publisher's side of the handshake:
    /// 1. the caller has put the task into a queue;
    /// 2. full fence;
    /// 3. read the counts: one load, and in a busy runtime the end of it;
    /// 4. take one off the list.
    // ANCHOR: idle-pick-sleeper
    pub(crate) fn pick_sleeper(&self, suits: impl Fn(usize) -> bool) -> Option<usize> {
        // SeqCst; pairs with the fence in `announce_sleep`. The switch is the classic bug.
        #[cfg(not(bug_idle_missing_fence))]
        crate::shim::fence(crate::shim::Ordering::SeqCst);
        if !self.counts.wants_waking(self.workers) {
            return None;
        }
        let mut sleepers = self.sleepers.lock();
        // Another publisher, or a worker that began to search, may have come first.
        if sleepers.is_empty() || !self.counts.wake_one_searching() {
            return None;
        }
        let chosen = sleepers.iter().rposition(|&worker| suits(worker)).unwrap_or(sleepers.len() - 1);
        Some(sleepers.remove(chosen))
    }

    /// A worker with nothing to do asks to search. Refused if half of the workers do: more would only contend.
    pub(crate) fn try_begin_search(&self) -> bool {
        self.counts.try_begin_search(self.workers.div_ceil(2))
    }

    /// A searching worker has found something to do.
    ///
    /// The last one plays the sleeper's part in the handshake: it has left the counts; full fence; then the caller looks.
    /// Rejected: to wake the next searcher without looking, which costs two wake-ups for every task that comes alone.
    // ANCHOR: idle-end-search
    pub(crate) fn end_search(&self) -> Recheck {
        let recheck = self.counts.end_search();
        // SeqCst; pairs with the fence in `pick_sleeper`.
        crate::shim::fence(crate::shim::Ordering::SeqCst);
        // A switch: the last searcher goes to work without another look.
        if cfg!(bug_idle_silent_end_of_search) { Recheck::Needless } else { recheck }
    }

    /// A worker that found nothing is about to park; `searching` tells whether it was counted so.
    ///
    /// Sleeper's side of the handshake:
    /// 1. enter the list, leave the counts;
    /// 2. full fence;
    /// 3. the caller: on `Needed`, look into every queue once more;
    /// 4. the caller: if there is a task, `pick_sleeper` and unpark whom it returns, then park as on `Needless`. A
    ///    picked worker finds its parker notified and returns at once.
    ///
    /// A worker that was not searching gets `Needed` too if nobody is: the searchers may all have found something
    /// since it was refused, and a task published after that, while this worker was still counted awake, woke nobody.
    // ANCHOR: idle-announce-sleep
    pub(crate) fn announce_sleep(&self, worker: usize, searching: bool) -> Recheck {
        let mut sleepers = self.sleepers.lock();
        debug_assert!(!sleepers.contains(&worker), "IDLE-4: worker {worker} sleeps already");
        sleepers.push(worker);
        let recheck = self.counts.fall_asleep(searching);
        drop(sleepers);
        // SeqCst; pairs with the fence in `pick_sleeper`.
        crate::shim::fence(crate::shim::Ordering::SeqCst);
        // Two switches: the last searcher sleeps without another look; only workers that did search look again.
        if cfg!(bug_idle_no_recheck) || (cfg!(bug_idle_only_searchers_recheck) && !searching) {
            return Recheck::Needless;
        }
        recheck
    }

    /// Whether `worker` is still in the list. A worker whose park returned is still there if nobody picked it: the
    /// return was spurious, or an event of the reactor.
    pub(crate) fn is_sleeping(&self, worker: usize) -> bool {
        self.sleepers.lock().contains(&worker)
    }

    /// A worker that wakes by itself leaves the list, and is awake but not searching. Returns whether it was still in
    /// the list; if not, somebody picked it, and it is counted as searching.
    pub(crate) fn remove(&self, worker: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Some(position) = sleepers.iter().position(|&sleeper| sleeper == worker) else { return false };
        sleepers.remove(position);
        self.counts.wake_by_itself();
        true
    }

    /// How many workers do not sleep.
    pub(crate) fn awake(&self) -> usize {
        self.counts.awake()
    }

    /// How many workers search.
    pub(crate) fn searching(&self) -> usize {
        self.counts.searching()
    }
}
