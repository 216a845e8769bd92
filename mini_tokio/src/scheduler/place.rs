//! [`Place`]: the core of the machine on which something was done last.
//!
//! Threads that share a core take turns, however many other cores idle; a kernel mends that after milliseconds. So whoever is about
//! to sleep asks whether it shares its core with its waker ([`park`](super::park)), and whoever calls a worker asks where that one
//! would run ([`shared`](super::shared)).
//!
//! A hint: a thread may be on another core by the next instruction. So all is Relaxed, and a model need not see it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

// ANCHOR: place
/// The core's number plus one; zero is nowhere.
#[derive(Default)]
pub(crate) struct Place(AtomicUsize);

impl Place {
    pub(crate) fn get(&self) -> Option<usize> {
        self.0.load(Relaxed).checked_sub(1)
    }

    /// Writes only what is new: others read this often.
    pub(crate) fn set(&self, core: Option<usize>) {
        if self.get() != core {
            self.0.store(core.map_or(0, |core| core + 1), Relaxed);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_unknown_until_it_is_set_and_after_it_was_taken_back() {
        let place = Place::default();
        assert_eq!(place.get(), None);
        for core in [Some(0), Some(7), None] {
            place.set(core);
            assert_eq!(place.get(), core);
        }
    }
}
