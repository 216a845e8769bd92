//! [`read`]: a recording's bytes back to events.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;

use super::fields;
use super::format::{self, BLOCK_HEAD, BLOCK_MAGIC, Cursor, Encoder, FILE_HEAD, LONG, MAGIC, SITE, VERSION};
use crate::scheduler::event::{Recorded, Site};

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
    /// In the middle of a block, as after a kill; the events end with the last whole one.
    Cut {
        /// Where the last whole event ends.
        offset: usize,
    },
    /// At a place that no recorder has written so; the events are those of the blocks before.
    Damaged {
        /// Where the block, or the frame, starts.
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
        self.events.chunks(1 << 16).for_each(|events| bytes.extend_from_slice(encoder.block(events)));
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
    let (header, mut offset) = read_header(bytes)?;
    let mut reader = Reader { workers: header.workers, sites: Vec::new(), now: 0, events: Vec::new() };
    let end = loop {
        if offset == bytes.len() {
            break End::Whole;
        }
        match reader.block(bytes, offset) {
            Ok(next) => offset = next,
            Err(end) => break end,
        }
    };
    Ok(Recording { header, events: reader.events, end })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
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
    let (length, sum) = (word(bytes, 8) as usize, word(bytes, 12));
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

struct Reader {
    workers: usize,
    sites: Vec<Site>,
    now: u64,
    events: Vec<Recorded>,
}

impl Reader {
    /// Reads the block at `start`; returns where the next one is.
    fn block(&mut self, bytes: &[u8], start: usize) -> Result<usize, End> {
        let damaged = |offset: usize, what: &str| End::Damaged { offset, what: what.to_owned() };
        let rest = &bytes[start..];
        if !BLOCK_MAGIC.starts_with(&rest[..rest.len().min(4)]) {
            return Err(damaged(start, "no block begins here"));
        }
        if rest.len() < BLOCK_HEAD {
            return Err(End::Cut { offset: start });
        }
        let (length, sum) = (word(rest, 4) as usize, word(rest, 8));
        let first = u64::from_le_bytes(rest[12..BLOCK_HEAD].try_into().expect("eight bytes"));
        if first != self.events.len() as u64 {
            return Err(damaged(start, "the block does not continue the one before"));
        }
        let body = &rest[BLOCK_HEAD..];
        let whole = body.get(..length);
        if whole.is_some_and(|body| format::check(body) != sum) {
            return Err(damaged(start, "the block does not fit its check"));
        }
        let body = whole.unwrap_or(body);
        let mut at = 0;
        while at < body.len() {
            let offset = start + BLOCK_HEAD + at;
            let Some((frame, taken)) = frame(&body[at..]) else {
                // A whole block that fits its check ends with a whole frame.
                return Err(if whole.is_some() { damaged(offset, "a frame without end") } else { End::Cut { offset } });
            };
            self.frame(frame).ok_or_else(|| damaged(offset, "a frame that is no event"))?;
            at += taken;
        }
        if whole.is_none() {
            return Err(End::Cut { offset: bytes.len() });
        }
        Ok(start + BLOCK_HEAD + length)
    }

    fn frame(&mut self, frame: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(frame);
        let kind = cursor.byte()?;
        if kind == SITE {
            let (line, column) = (cursor.number()?.try_into().ok()?, cursor.number()?.try_into().ok()?);
            self.sites.push(Site { line, column, file: intern(cursor.text()?) });
            return cursor.is_empty().then_some(());
        }
        let worker = usize::try_from(cursor.number()?).ok()?.checked_sub(1);
        let now = self.now.checked_add(cursor.number()?)?;
        let event = fields::decode(kind, &self.sites, self.workers, &mut cursor)?;
        if !cursor.is_empty() || worker.is_some_and(|worker| worker >= self.workers) {
            return None;
        }
        self.now = now;
        let sequence = self.events.len() as u64;
        self.events.push(Recorded { sequence, worker, at: Duration::from_nanos(now), event });
        Some(())
    }
}

/// The first frame of `bytes` without its length, and how many bytes it takes with it.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let mut cursor = Cursor::new(bytes);
    match cursor.byte()? {
        LONG => {
            let length = u32::from_le_bytes(cursor.take(4)?.try_into().ok()?) as usize;
            Some((cursor.take(length)?, 5 + length))
        }
        length => Some((cursor.take(usize::from(length))?, 1 + usize::from(length))),
    }
}

/// A text that lives on: an event refers to a place in the source as events of this very program do.
fn intern(text: &str) -> &'static str {
    static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock();
    if let Some(text) = texts.get(text) {
        return text;
    }
    let text: &'static str = Box::leak(text.into());
    texts.insert(text);
    text
}
