//! [`Id`]: a number that tells runtimes apart.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that no other runtime of this process has. Ids say nothing of the order in which runtimes were built.
#[derive(Clone, Copy, Debug, Hash, Eq, PartialEq)]
pub struct Id(NonZeroU64);

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Id {
    /// Relaxed: the number has to be unique and orders nothing.
    pub(crate) fn next() -> Self {
        Self(NonZeroU64::new(NEXT.fetch_add(1, Relaxed)).expect("2^64 runtimes were built"))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
