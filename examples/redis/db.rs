//! [`Db`]: the keys, and the task that removes those whose time has come.
//!
//! ```text
//!                 hash(key)     ┌ shard 0: Mutex { entries, deadlines }
//!   a command ──────────────▶   │ shard 1: ...                           ◀── the purge task sleeps until the earliest
//!                               └ shard 15                                   deadline, or until an earlier one is set
//! ```
//!
//! The locks are those of the standard library: each is held for a few instructions and never over an `.await` (row C6.1).
//! Sixteen of them, so that connections on different workers seldom want the same one (row C6.2).
//!
//! # Invariants
//!
//! * `DB-1` A key whose deadline has passed is not there for any command, removed or not. So the purge task frees memory; that
//!   values are right does not depend on it.
//! * `DB-2` `deadlines` holds exactly the pairs (deadline, key) of the entries that have a deadline.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use mini_tokio::sync::Notify;
use mini_tokio::time::{Instant, timeout_at};

const SHARDS: usize = 16;

pub struct Db {
    shards: [Mutex<Shard>; SHARDS],
    /// A deadline was set that is earlier than all others of its shard.
    earlier: Notify,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Bytes, Entry>,
    deadlines: BTreeSet<(Instant, Bytes)>,
}

struct Entry {
    value: Bytes,
    deadline: Option<Instant>,
}

/// When `SET` may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    IfAbsent,
    IfPresent,
}

/// What becomes of a key's deadline when it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    Forever,
    Until(Instant),
    AsBefore,
}

/// Why `INCR` fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncrError {
    NotANumber,
    Overflow,
}

impl Db {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { shards: Default::default(), earlier: Notify::new() })
    }

    fn shard(&self, key: &Bytes) -> MutexGuard<'_, Shard> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = hasher.finish() as usize % SHARDS;
        self.shards[index].lock().expect("nothing panics under a shard's lock")
    }

    pub fn get(&self, key: &Bytes) -> Option<Bytes> {
        self.shard(key).live(key, Instant::now()).map(|entry| entry.value.clone())
    }

    /// Whether the value was written.
    pub fn set(&self, key: Bytes, value: Bytes, condition: Condition, lifetime: Lifetime) -> bool {
        let mut shard = self.shard(&key);
        let before = shard.live(&key, Instant::now());
        let wanted = match condition {
            Condition::Always => true,
            Condition::IfAbsent => before.is_none(),
            Condition::IfPresent => before.is_some(),
        };
        if !wanted {
            return false;
        }
        let deadline = match lifetime {
            Lifetime::Forever => None,
            Lifetime::Until(deadline) => Some(deadline),
            Lifetime::AsBefore => before.and_then(|entry| entry.deadline),
        };
        let is_earliest = shard.insert(key, Entry { value, deadline });
        drop(shard);
        if is_earliest {
            self.earlier.notify_one();
        }
        true
    }

    /// Whether the key was there.
    pub fn remove(&self, key: &Bytes) -> bool {
        let mut shard = self.shard(key);
        let was_live = shard.live(key, Instant::now()).is_some();
        shard.remove(key);
        was_live
    }

    /// How long the key has to live: `None` if it is not there, the inner `None` if for ever.
    pub fn deadline(&self, key: &Bytes) -> Option<Option<Instant>> {
        self.shard(key).live(key, Instant::now()).map(|entry| entry.deadline)
    }

    /// Adds `by` to the number at `key`, 0 if there is none; the key keeps its deadline.
    pub fn add(&self, key: Bytes, by: i64) -> Result<i64, IncrError> {
        let mut shard = self.shard(&key);
        let (number, deadline) = match shard.live(&key, Instant::now()) {
            None => (0, None),
            Some(entry) => (parse_number(&entry.value).ok_or(IncrError::NotANumber)?, entry.deadline),
        };
        let number = number.checked_add(by).ok_or(IncrError::Overflow)?;
        shard.insert(key, Entry { value: number.to_string().into(), deadline });
        Ok(number)
    }

    /// How many keys are stored, those that the purge task has yet to remove included.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().expect("nothing panics here").entries.len()).sum()
    }

    /// Removes what has expired. The earliest of the deadlines that are left.
    fn purge(&self) -> Option<Instant> {
        let now = Instant::now();
        let purge_shard = |shard: &Mutex<Shard>| shard.lock().expect("nothing panics under a shard's lock").purge(now);
        self.shards.iter().filter_map(purge_shard).min()
    }
}

impl Shard {
    /// The entry, if its time has not come (`DB-1`).
    fn live(&self, key: &Bytes, now: Instant) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.deadline.is_none_or(|deadline| now < deadline))
    }

    /// Whether its deadline is now the earliest.
    fn insert(&mut self, key: Bytes, entry: Entry) -> bool {
        self.remove(&key);
        let deadline = entry.deadline;
        self.entries.insert(key.clone(), entry);
        let Some(deadline) = deadline else { return false };
        self.deadlines.insert((deadline, key.clone()));
        self.deadlines.first().is_some_and(|(_, first)| *first == key)
    }

    fn remove(&mut self, key: &Bytes) {
        if let Some(Entry { deadline: Some(deadline), .. }) = self.entries.remove(key) {
            self.deadlines.remove(&(deadline, key.clone()));
        }
    }

    fn purge(&mut self, now: Instant) -> Option<Instant> {
        while let Some((deadline, _)) = self.deadlines.first()
            && *deadline <= now
        {
            let (_, key) = self.deadlines.pop_first().expect("it was just looked at");
            self.entries.remove(&key);
        }
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}

pub fn parse_number(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

// ANCHOR: redis-purge
/// Frees expired keys for as long as the program runs.
///
/// No deadline is missed: `earlier` keeps a permit if it is notified between the purge and the wait, and the next wait ends at
/// once.
pub async fn purge_expired(db: Arc<Db>) {
    loop {
        match db.purge() {
            Some(deadline) => {
                // Either way there is something to do: a key's time has come, or an earlier one was set.
                let _ = timeout_at(deadline, db.earlier.notified()).await;
            }
            None => db.earlier.notified().await,
        }
    }
}
