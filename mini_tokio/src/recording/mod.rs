//! Recordings: every event of a runtime, in memory or in a file.
//!
//! ```text
//!   worker 0 ── lane ──┐
//!   worker 1 ── lane ──┼── drain: a block of the file, with what each lane held ──▶ merge, by who reads the file
//!   all others ─ lane ─┘   (the recorder's thread, when a quarter of a lane is full or 50 ms are over)
//! ```
//!
//! What records writes a few bytes into a ring of its own: see `lane` (the ring), `record` (the bytes), `refs` and `fields`
//! (the numbers), `lanes` (where the rings lie, and what a killed program leaves), `clock` (the stamps), `recorder` (which
//! event looks at the clock), `purse` (if it can pay for that), `polls`, `spawns` and `fold` (the shorter ways of what is
//! most frequent), `drain` (from the lanes to the file), `merge` (from the file's blocks to one order), `span` (the times of
//! what had none).
//!
//! A runtime records to a file if the environment says `MINI_TOKIO_RECORD=path` when it is built, or if its builder was
//! given to [`insight::record_to`](crate::insight::record_to). In the path, `%p` stands for the process id. The second
//! runtime that a process records by the environment writes to `path.2`, the third to `path.3`.
//!
//! # Order
//!
//! No counter is shared. An event that takes something from another thread looks at a clock that is the same for all
//! threads (`EVENT-3`, `CLOCK-1`); one that gives something away, or concerns its own worker alone, may have an older
//! stamp. Whoever reads merges the lanes by their stamps, each block up to the moment at which its drain began: so the events
//! are in an order in which no effect stands before its cause, and whatever prefix of the file survives is a state that the
//! runtime may have been in. Rejected: a number from a shared counter with each event, which costs a cache line's way from
//! core to core; and to merge in the drain, while the program wants the processors.
//!
//! # Time
//!
//! A look at the processor's counter costs more than all else that is done to record a poll. So what took something looks, and
//! who goes to sleep; the ends of polls, spawns, looks at the drivers and, on a lone worker, wakes do if the lane
//! can pay for it (see `purse`), which is the rule where polls take three microseconds on average. Where they are shorter, some
//! share a group, thirty at most: its ends are exact, and within it the reader shares the time out evenly, and says by how much that
//! may be wrong (see `span`). In the order of events a group stands where it began, so `at` goes on from event to event of one
//! lane, and may go back by a group's length from lane to lane. `MINI_TOKIO_RECORD_EXACT=1` has all of them look, at the price
//! of a look each.
//!
//! A poll that begins right behind another begins when that one ended; what a worker did in between, to find the task, counts
//! to the poll. All other events have the time of what stands before them in their lane: a push that of the wake or spawn
//! before it.
//!
//! A stepper's recorder is the same, with a stamp of its own for every event, and drained by who asks for the events: the
//! order of the lines of the program, exactly.
//!
//! # Memory and overload
//!
//! A lane holds `LANE` bytes (see `recorder`), half a MiB, of a file beside the recording that is mapped into memory (see
//! `lanes`): if the program is killed, what stands in the lanes is not lost. Whoever finds its lane full drains all lanes
//! and writes the file itself, or waits for who is just doing that: a slow disk slows the program, and no event is ever left
//! out. If the file cannot be written the recording ends with a line on stderr, and the program goes on. Without room for
//! the lanes' file they are plain memory.
//!
//! # The file, version 7
//!
//! All integers are little-endian; `v` is a LEB128 varint of at most ten bytes; a text is its length as `v` and UTF-8.
//!
//! ```text
//!   file     magic "MTREC" 0x00, version u16, length u32 of the header, check u32 of the header, header, block*
//!   header   v: process id; v: workers; v: nanoseconds since 1970 when the runtime was built; text: the runtime's name
//!   block    "BLK" 0x0A, length u32 of the body, check u32 of the body, number u64 of the block from 0, body
//!   body     v: until, a stamp; v: the same moment in nanoseconds since the runtime was built; segment*
//!   segment  v: lane, which is worker + 1 or 0; v: length; record*, of this lane
//!   record   as `record` says: kind, time, numbers. The time counts from the lane's last one, in stamps
//!   1 to 27  an event: the numbers of its kind, as `fields` lists them; a spawn that says where its task is pushed to is two
//!            events, the second of which is that push; the end of a poll that says 5 for its outcome is two
//!            events, the second of which says 1 (requeued), and the first that the task was deferred; 6 is the same and two
//!            more, a look at the drivers and the push of this task to the lane's local queue; a look at the drivers
//!            whose second number is not 0 stands behind the end of the lane's last poll, whose outcome it is and one more
//!   0        two to five events: the end of the lane's last poll, and the start of one from the worker's own queues
//!   28       piece of a text of this lane: v: length; so many bytes
//!   29       place in the source: line, column, the lane's text so far is the file; numbered from 0 in each lane
//!   30       count: so many events, the pushes of the first tasks that were deferred on this lane to its local queue
//!   31       nanoseconds: by how much times of this lane may be wrong from here on, where segments are in order already
//! ```
//!
//! In the order of stamps, records up to `until` are the next events; the others wait for the next block. Behind the last
//! block of a program that was killed come the records in its lanes, all of them. Where a lane's looks were left out, `span`
//! says how its times are told. A stamp's nanoseconds are on the straight line from the last block's moment to this one's.
//! If `until` is 0 and 0 the segments are in order already, and their stamps are nanoseconds (`Recording::to_bytes`).
//!
//! In its own lane a worker is told as 0, elsewhere as worker + 1. A task is told as the way from others (see `refs`). The
//! check is over the body by 8 bytes at a time (`format::check`). A reader leaves a last block out that is cut short; any other
//! block must be whole and fit its check. Versions 1 (numbered events), 2 (a look at each poll), 3 (a task as the way from one other),
//! 4 (a spawn and its push apart), 5 and 6 (the way from the task mentioned last, and no other) are no longer read.

#[cfg(not(loom))]
mod clock;
#[cfg(not(loom))]
mod drain;
#[cfg(not(loom))]
mod fields;
#[cfg(not(loom))]
mod fold;
#[cfg(not(loom))]
mod format;
#[cfg(not(loom))]
mod fuse;
mod lane;
#[cfg(not(loom))]
mod lanes;
#[cfg(not(loom))]
mod merge;
#[cfg(not(loom))]
mod open;
#[cfg(not(loom))]
mod polls;
#[cfg(not(loom))]
mod purse;
#[cfg(not(loom))]
mod read;
#[cfg(not(loom))]
mod record;
#[cfg(not(loom))]
mod recorder;
#[cfg(not(loom))]
mod refs;
#[cfg(not(loom))]
mod sink;
#[cfg(not(loom))]
mod span;
#[cfg(not(loom))]
mod spawns;

#[cfg(not(loom))]
pub(crate) use self::fuse::Fuse;
#[cfg(not(loom))]
pub(crate) use self::open::open;
#[cfg(not(loom))]
pub use self::read::{End, Header, NotARecording, Recording, read, read_file};
#[cfg(not(loom))]
pub(crate) use self::recorder::{Recorder, Track};
#[cfg(not(loom))]
pub use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};
#[cfg(not(loom))]
pub use crate::task::Outcome;

#[cfg(all(test, not(loom)))]
mod tests;
