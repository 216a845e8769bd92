//! [`Span`]: the times of a lane's records, of which some were written without a look at the clock.
//!
//! ```text
//!   stamps of the file      t=100                                t=180 is the lane's next look, found by looking ahead
//!   records                 end A   start B   end B   start C    end C
//!   told                    100     100       140     140        180        B and C: 80 together, each 40
//!   unsure by               0       0         80      80         0
//! ```
//!
//! Only *marks* part the time, which are what would have looked if looks were free ([`is_mark`]). All else has the time of
//! what stands before it.
//!
//! If the block ends before the next look, its own moment ends the span: the drain looked at the clock just before it found
//! these records. So a poll that hangs began, for the reader, at most one drain after it did.

use super::format::Cursor;
use super::record;

/// The times of one lane.
#[derive(Default)]
pub(super) struct Span {
    /// The stamp that was told last.
    shown: u64,
    /// If marks have no time: where they began, where they end, how many parts are left.
    open: Option<(u64, u64, u64)>,
}

/// When something was, in stamps, and the two looks between which it was if it had none of its own.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) at: u64,
    pub(super) between: Option<(u64, u64)>,
}

/// Whether records of this kind look if the lane can pay (`Look::Mark`): spawns, ends of polls, looks at the drivers, jobs;
/// and wakes on a lone worker, which elsewhere have a time always.
pub(super) fn is_mark(kind: u8) -> bool {
    matches!(kind, 0 | 1 | 3 | 10 | 12 | 23)
}

impl Span {
    /// The next record looked at the clock.
    pub(super) fn looked(&mut self, stamp: u64) -> When {
        (self.shown, self.open) = (self.shown.max(stamp), None);
        self.when()
    }

    /// The next record is one of `kind` that did not look. `lane`: the stamp of its last look; `rest`: what comes behind it;
    /// `until`: the block's moment.
    pub(super) fn left_out(&mut self, kind: u8, lane: u64, rest: &Cursor<'_>, until: u64) -> When {
        if is_mark(kind) {
            let (from, to, parts) = self.open.unwrap_or_else(|| {
                let (to, marks) = ahead(lane, rest, until);
                (self.shown, to.max(self.shown), marks + 2) // this mark, and the look itself
            });
            self.shown += (to - self.shown) / parts;
            self.open = Some((from, to, parts - 1));
        }
        self.when()
    }

    /// The block is over.
    pub(super) fn end(&mut self) {
        self.open = None;
    }

    fn when(&self) -> When {
        When { at: self.shown, between: self.open.map(|(from, to, _)| (from, to)) }
    }
}

/// The stamp of the next look, and how many marks are before it.
fn ahead(lane: u64, rest: &Cursor<'_>, until: u64) -> (u64, u64) {
    let (mut rest, mut marks) = (rest.clone(), 0);
    while let Some(record) = record::take(&mut rest) {
        if let Some(time) = record.time {
            return (lane.wrapping_add(time), marks);
        }
        marks += u64::from(is_mark(record.kind));
    }
    (until, marks)
}
