//! [`Looks`]: sees to it that an orphan is looked at by one at a time, and after each piece of news once more.
//!
//! ```text
//!                 begin                 begin
//!        QUIET ----------> LOOKING ----------------> AGAIN
//!          ^                  |  ^                     |
//!          '------ end -------'  '-------- end --------'        over: from LOOKING or AGAIN, for good
//! ```
//!
//! To look is to ask the system for the status of a process. Two who ask at once are dangerous: the first gets it, which
//! makes the number free for a new process, and the second asks for that one. And one who waits for the other is
//! impossible: he may be a signal handler that has interrupted the very thread he would wait for.
//!
//! - `LOOKS-1` From `Begin::Look` to `end` or `over` nobody else is told to look.
//! - `LOOKS-2` Whoever begins while another looks leaves word, and that one looks again. So news that came before a `begin`
//!   is looked at by somebody after it.
//! - `LOOKS-3` After `over` nobody looks.

use crate::shim::{AtomicU32, Ordering};

#[cfg(all(test, loom))]
mod model;

/// Nobody looks.
const QUIET: u32 = 0;
/// Somebody looks.
const LOOKING: u32 = 1;
/// Somebody looks and has to do so once more.
const AGAIN: u32 = 2;
/// There is nothing to look at any more.
const OVER: u32 = 3;

#[derive(Debug)]
pub(super) struct Looks(AtomicU32);

/// What whoever has news is to do.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Begin {
    Look,
    /// Nothing: another looks, and will once more. Or it is over.
    Leave,
}

/// What whoever has looked is to do.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum End {
    Leave,
    /// There was news meanwhile.
    LookAgain,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(QUIET))
    }

    /// There is news. AcqRel: Release for what this thread knows, which pairs with the Acquire in `end` of the one that
    /// looks again; Acquire from QUIET pairs with the Release in `end` of the one who looked before.
    // ANCHOR: process-begin-look
    pub(super) fn begin(&self) -> Begin {
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let next = match seen {
                QUIET => LOOKING,
                OVER => return Begin::Leave,
                // The switch does not leave word: he looks already, does he not?
                #[cfg(bug_orphan_silent_second)]
                LOOKING => return Begin::Leave,
                // Also over AGAIN: the exchange hands on what we know.
                _ => AGAIN,
            };
            match self.0.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(QUIET) => return Begin::Look,
                Ok(_) => return Begin::Leave,
                Err(now) => seen = now,
            }
        }
    }

    /// The look has found nothing to be over. AcqRel: Release for the next that begins, Acquire of what those knew that
    /// left word.
    pub(super) fn end(&self) -> End {
        match self.0.compare_exchange(LOOKING, QUIET, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => End::Leave,
            Err(_) => {
                // AGAIN, for only the one who looks leaves it. A swap, not a store: it acquires.
                self.0.swap(LOOKING, Ordering::AcqRel);
                End::LookAgain
            }
        }
    }

    /// The look has found the end. Release; pairs with the Acquire in `is_over`.
    pub(super) fn over(&self) {
        self.0.store(OVER, Ordering::Release);
    }

    /// Acquire; pairs with the Release in `over`.
    #[cfg(not(loom))]
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire) == OVER
    }
}
