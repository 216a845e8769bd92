//! Recordings: every event of a runtime, in memory or in a file.
//!
//! ```text
//!   worker 0 ── lane ──┐
//!   worker 1 ── lane ──┼── flush: all lanes locked at once ──▶ one block of the file
//!   all others ─ lane ─┘   (the recorder's thread, 20 times a second; or whoever fills a lane)
//! ```
//!
//! A runtime records to a file if the environment says `MINI_TOKIO_RECORD=path` when it is built, or if its builder was
//! given to [`insight::record_to`](crate::insight::record_to). In the path, `%p` stands for the process id. The second
//! runtime that a process records by the environment writes to `path.2`, the third to `path.3`.
//!
//! # Order
//!
//! A lane's lock is held while an event gets its number and is put there, and a flush holds all lanes' locks at once. So a
//! block holds all events from one number to another: the file is in order, and whatever prefix of it survives is a state
//! that the runtime was in. The price is one shared counter. Rejected: timestamps alone, which tell a wake on one core and
//! the poll that it led to on another the wrong way round; and lanes flushed one by one, which leave a killed program's file
//! with holes.
//!
//! # Memory and overload
//!
//! A lane holds at most [`LANE`](recorder::LANE) events. Whoever fills one writes all lanes to the file itself, and who fills
//! a lane meanwhile waits for that: a slow disk slows the program, and no event is ever left out. If the file cannot be
//! written the recording ends with a line on stderr, and the program goes on.
//!
//! # The file, version 1
//!
//! All integers are little-endian; `v` is a LEB128 varint of at most ten bytes; a text is its length as `v` and UTF-8.
//!
//! ```text
//!   file     magic "MTREC" 0x00, version u16, length u32 of the header, check u32 of the header, header, block*
//!   header   v: process id; v: workers; v: nanoseconds since 1970 when the runtime was built; text: the runtime's name
//!   block    "BLK" 0x0A, length u32 of the body, check u32 of the body, number u64 of its first event; body: frame*
//!   frame    length u8 or (0xFF, u32) of what follows; kind u8; rest
//!   kind 0   a place in the source, numbered from 0 in the order of these frames: v line; v column; text file
//!   other    an event: v: 0, or worker + 1; v: nanoseconds since the last event; the fields of its kind, as `format` lists them
//! ```
//!
//! A task, worker or count is a `v`; an optional one is `v` of the value + 1, and 0 if there is none (a task id is never 0,
//! and stands as it is). The check is over the body by 8 bytes at a time (`format::check`). A reader takes the whole frames
//! of a last block that is cut short; any other block must be whole and fit its check.

mod fields;
mod format;
mod fuse;
mod read;
mod recorder;
mod sink;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use self::fuse::Fuse;
pub use self::read::{End, Header, NotARecording, Recording, read};
pub(crate) use self::recorder::Recorder;
use crate::runtime::config::Config;
pub use crate::scheduler::event::{Event, Queue, Recorded, Site, Source};
pub use crate::task::Outcome;

#[cfg(test)]
mod tests;

/// The recorder that a new runtime asks for, by its builder or by the environment.
pub(crate) fn open(config: &Config) -> io::Result<Option<Arc<Recorder>>> {
    let Some(path) = config.record_to.clone().or_else(path_of_environment) else { return Ok(None) };
    let path = path.to_string_lossy().replace("%p", &std::process::id().to_string());
    Recorder::to_file(config, &PathBuf::from(path)).map(Some)
}

fn path_of_environment() -> Option<PathBuf> {
    static RUNTIMES: AtomicUsize = AtomicUsize::new(0);
    let path = std::env::var_os("MINI_TOKIO_RECORD").filter(|path| !path.is_empty())?;
    // Relaxed: a number that has to be unique and orders nothing.
    let mut path = path;
    match RUNTIMES.fetch_add(1, Ordering::Relaxed) {
        0 => {}
        earlier => path.push(format!(".{}", earlier + 1)),
    }
    Some(path.into())
}
