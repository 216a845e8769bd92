//! Recordings: every event of a runtime, in memory or in a file.
//!
//! ```text
//!   worker 0 ── lane ──┐
//!   worker 1 ── lane ──┼── drain: the lanes in the order of their stamps ──▶ one block of the file
//!   all others ─ lane ─┘   (the recorder's thread, when a quarter of a lane is full or 50 ms are over)
//! ```
//!
//! What records writes one word or a few into a ring of its own: see `lane` (the ring), `word` (the words), `clock` (the
//! stamps), `recorder` (which event looks at the clock), `drain` (how the lanes become one stream).
//!
//! A runtime records to a file if the environment says `MINI_TOKIO_RECORD=path` when it is built, or if its builder was
//! given to [`insight::record_to`](crate::insight::record_to). In the path, `%p` stands for the process id. The second
//! runtime that a process records by the environment writes to `path.2`, the third to `path.3`.
//!
//! # Order
//!
//! No counter is shared. An event that takes something from another thread looks at a clock that is the same for all
//! threads (`EVENT-3`, `CLOCK-1`); one that gives something away, or concerns its own worker alone, may have an older
//! stamp. The drain merges the lanes by their stamps, each up to the moment at which it began: so the file is in an order
//! in which no effect stands before its cause, and whatever prefix of it survives is a state that the runtime may have been
//! in. Rejected: a number from a shared counter with each event, which costs a cache line's way from core to core; and
//! lanes written as they are and ordered by the reader, which leave a killed program's file with holes.
//!
//! A stepper's recorder is the same, with a stamp of its own for every event, and drained by who asks for the events: the
//! order of the lines of the program, exactly.
//!
//! # Memory and overload
//!
//! A lane holds at most `LANE` words (see `recorder`), half a MiB. Whoever finds its lane full drains all lanes and writes
//! the file itself, or waits for who is just doing that: a slow disk slows the program, and no event is ever left out. If the
//! file cannot be written the recording ends with a line on stderr, and the program goes on.
//!
//! # The file, version 2
//!
//! All integers are little-endian; `v` is a LEB128 varint of at most ten bytes; a text is its length as `v` and UTF-8.
//!
//! ```text
//!   file     magic "MTREC" 0x00, version u16, length u32 of the header, check u32 of the header, header, block*
//!   header   v: process id; v: workers; v: nanoseconds since 1970 when the runtime was built; text: the runtime's name
//!   block    "BLK" 0x0A, length u32 of the body in bytes, check u32 of the body, number u64 of the block from 0; body: record*
//!   record   u64 words, as the picture in `word` shows: the first says the kind, and how many more there are
//!   0x40     time: nanoseconds since the runtime was built, of the lane's events from here on (earlier than what was told of
//!            another lane: that time instead)
//!   0x41     lane: worker + 1, or 0, of the records from here on
//!   0x42     piece of a text of this lane
//!   0x43     place in the source: line, column, the lane's text so far is the file; numbered from 0 in each lane
//!   other    an event: the numbers of its kind, as `fields` lists them
//! ```
//!
//! A worker that is the lane's own is 0, and another worker + 1; a task that is not there is 0. The check is over the body
//! by 8 bytes at a time (`format::check`). A reader takes the whole records of a last block that is cut short; any other
//! block must be whole and fit its check. Version 1 (LEB128 frames, numbered events) is no longer read.

#[cfg(not(loom))]
mod clock;
#[cfg(not(loom))]
mod drain;
#[cfg(not(loom))]
mod fields;
#[cfg(not(loom))]
mod format;
#[cfg(not(loom))]
mod fuse;
mod lane;
#[cfg(not(loom))]
mod merge;
#[cfg(not(loom))]
mod open;
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
pub(crate) use self::fuse::Fuse;
#[cfg(not(loom))]
pub(crate) use self::open::open;
#[cfg(not(loom))]
pub use self::read::{End, Header, NotARecording, Recording, read};
#[cfg(not(loom))]
pub(crate) use self::recorder::Recorder;
#[cfg(not(loom))]
pub use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};
#[cfg(not(loom))]
pub use crate::task::Outcome;

#[cfg(all(test, not(loom)))]
mod tests;
