//! [`read`]: a recording's bytes back to events.

use std::path::Path;
use std::{fmt, fs, io};

use super::format::{self, BLOCK_HEAD, BLOCK_MAGIC, Cursor, Encoder, FILE_HEAD, HEADER_CHECK, MAGIC, VERSION, word};
use super::lanes::Left;
use super::merge::Merge;
use crate::scheduler::event::Recorded;

/// What a recording says of its runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The process that recorded.
    pub process: u64,
    /// How many workers the runtime has.
    pub workers: usize,
    /// When the runtime was built, in nanoseconds since 1970.
    pub started: u64,
    /// The runtime's name, empty if it has none.
    pub name: String,
}

/// How the readable part of a recording ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a whole block: nothing is missing that was written.
    Whole,
    /// Behind what the program's lanes held when it was killed, or crashed, or ended without dropping its runtime: nothing is missing
    /// that happened.
    Abrupt,
    /// In the middle of a block, as of a file that was copied too early; the events are those of the blocks before.
    Cut {
        /// Where the block starts.
        offset: usize,
    },
    /// At a place that no recorder has written so; the events are those of the blocks before.
    Damaged {
        /// Where the block starts.
        offset: usize,
        /// What is wrong.
        what: String,
    },
}

/// The content of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The runtime.
    pub header: Header,
    /// All events that could be read, in order; their `sequence` counts from 0.
    pub events: Vec<Recorded>,
    /// Whether that is all.
    pub end: End,
}

impl Recording {
    /// The events as a file, which [`read`] reads back: whole, wherever `self` came from.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut bytes, mut encoder) = (format::start_of(&self.header), Encoder::default());
        for (number, events) in self.events.chunks(1 << 16).enumerate() {
            encoder.block(number as u64, events, &mut bytes);
        }
        bytes
    }
}

/// Why bytes are no recording at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotARecording {
    /// They do not begin as one.
    Foreign,
    /// They end within the header.
    HeaderCut,
    /// The header does not fit its check.
    HeaderDamaged,
    /// Another version of the format.
    Version(
        /// Which.
        u16,
    ),
}

impl fmt::Display for NotARecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => write!(f, "no recording of mini_tokio: it does not begin as one"),
            Self::HeaderCut => write!(f, "a recording that was cut short within its header: no event is left"),
            Self::HeaderDamaged => write!(f, "a recording with a damaged header (offset 0)"),
            Self::Version(version) => {
                write!(f, "a recording of version {version}; this reader knows version {VERSION}")
            }
        }
    }
}

impl std::error::Error for NotARecording {}

/// Reads a recording.
///
/// The texts of places are kept for the life of the process, each once.
///
/// # Errors
///
/// If `bytes` do not begin with a whole header. Damage and cuts behind it are told by [`Recording::end`].
pub fn read(bytes: &[u8]) -> Result<Recording, NotARecording> {
    read_with(bytes, None)
}

// ANCHOR: recording-read-file
/// Reads the recording in a file; and if the program that recorded was killed, also what it left beside the file, in its lanes
/// (`path.lanes`).
///
/// Of a program that still runs, this is what its recorder has put into the file so far.
///
/// # Errors
///
/// If there is no such file, or it cannot be read. Within: as [`read()`].
pub fn read_file(path: &Path) -> io::Result<Result<Recording, NotARecording>> {
    // First the lanes: if these are left, the program adds nothing to the file any more.
    let left = Left::beside(path);
    Ok(read_with(&fs::read(path)?, left.as_ref()))
}

fn read_with(bytes: &[u8], left: Option<&Left>) -> Result<Recording, NotARecording> {
    let (header, mut offset) = read_header(bytes)?;
    let mut merge = Merge::new(header.workers);
    let mut events = Vec::new();
    let mut blocks = 0..;
    let mut end = loop {
        if offset == bytes.len() {
            break End::Whole;
        }
        match block(bytes, offset, blocks.next().expect("no end")) {
            Ok(body) if merge.block(body, &mut events).is_some() => offset += BLOCK_HEAD + body.len(),
            Ok(_) => break End::Damaged { offset, what: "a block with a record that is no event".to_owned() },
            Err(end) => break end,
        }
    };
    let left = left.filter(|left| matches!(end, End::Whole | End::Cut { .. }) && left.fits(word(bytes, HEADER_CHECK)));
    if left.is_some_and(|left| merge.left(left, &mut events).is_some()) {
        end = End::Abrupt;
    }
    Ok(Recording { header, events, end })
}

fn read_header(bytes: &[u8]) -> Result<(Header, usize), NotARecording> {
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    if !MAGIC.starts_with(magic) {
        return Err(NotARecording::Foreign);
    }
    if bytes.len() < FILE_HEAD {
        return Err(NotARecording::HeaderCut);
    }
    let version = u16::from_le_bytes([bytes[6], bytes[7]]);
    if version != VERSION {
        return Err(NotARecording::Version(version));
    }
    let (length, sum) = (word(bytes, 8) as usize, word(bytes, HEADER_CHECK));
    let Some(body) = bytes[FILE_HEAD..].get(..length) else { return Err(NotARecording::HeaderCut) };
    if format::check(body) != sum {
        return Err(NotARecording::HeaderDamaged);
    }
    let mut cursor = Cursor::new(body);
    let mut header = || {
        let (process, workers) = (cursor.number()?, cursor.number()?.try_into().ok()?);
        Some(Header { process, workers, started: cursor.number()?, name: cursor.text()?.to_owned() })
    };
    header().map(|header| (header, FILE_HEAD + length)).ok_or(NotARecording::HeaderDamaged)
}

/// The body of the block at `start`, which has to be the one with this number.
fn block(bytes: &[u8], start: usize, number: u64) -> Result<&[u8], End> {
    let damaged = |what: &str| End::Damaged { offset: start, what: what.to_owned() };
    let rest = &bytes[start..];
    if !BLOCK_MAGIC.starts_with(&rest[..rest.len().min(4)]) {
        return Err(damaged("no block begins here"));
    }
    if rest.len() < BLOCK_HEAD {
        return Err(End::Cut { offset: start });
    }
    let (length, sum) = (word(rest, 4) as usize, word(rest, 8));
    if u64::from_le_bytes(rest[12..BLOCK_HEAD].try_into().expect("eight bytes")) != number {
        return Err(damaged("the block does not continue the one before"));
    }
    match rest[BLOCK_HEAD..].get(..length) {
        None => Err(End::Cut { offset: start }),
        Some(body) if format::check(body) != sum => Err(damaged("the block does not fit its check")),
        Some(body) => Ok(body),
    }
}
