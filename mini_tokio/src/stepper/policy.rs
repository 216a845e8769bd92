//! [`Policy`]: which worker moves next.

use crate::scheduler::rand::FastRand;

/// Who chooses the worker that moves next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The workers in turn; one that cannot move is passed over.
    RoundRobin,
    /// Any that can move, drawn by the seed.
    Random,
    /// The workers of a list in turn, entries that cannot move being passed over. When the list is used up, round robin.
    Script(Vec<usize>),
}

/// A policy and how far it has come.
#[derive(Debug)]
pub(super) struct Chooser {
    policy: Policy,
    rng: FastRand,
    /// Position in the script.
    at: usize,
    /// Where round robin goes on.
    next: usize,
}

impl Chooser {
    pub(super) fn new(policy: Policy, seed: u64) -> Self {
        Self { policy, rng: FastRand::new(seed), at: 0, next: 0 }
    }

    /// One of `movable`, which is in ascending order; `None` if it is empty.
    pub(super) fn choose(&mut self, movable: &[usize], workers: usize) -> Option<usize> {
        if movable.is_empty() {
            return None;
        }
        match &self.policy {
            Policy::Random => return Some(movable[self.rng.below(movable.len())]),
            Policy::Script(script) => {
                while let Some(&worker) = script.get(self.at) {
                    self.at += 1;
                    if movable.contains(&worker) {
                        return Some(worker);
                    }
                }
            }
            Policy::RoundRobin => {}
        }
        let worker = *movable.iter().find(|&&worker| worker >= self.next).unwrap_or(&movable[0]);
        self.next = (worker + 1) % workers;
        Some(worker)
    }
}
