//! [`read`]: a recording's bytes back to events.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;

use super::fields::{self, Known};
use super::format::{self, BLOCK_HEAD, BLOCK_MAGIC, Cursor, Encoder, FILE_HEAD, MAGIC, VERSION};
use super::word as words;
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
        for (number, events) in self.events.chunks(1 << 16).enumerate() {
            format::block(number as u64, &encoder.words(events), &mut bytes);
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
    let (header, mut offset) = read_header(bytes)?;
    let mut reader = Reader::new(header.workers);
    let mut events = Vec::new();
    let mut blocks = 0..;
    let end = loop {
        if offset == bytes.len() {
            break End::Whole;
        }
        match block(bytes, offset, blocks.next().expect("no end"), |words| reader.record(words, &mut events)) {
            Ok(next) => offset = next,
            Err(end) => break end,
        }
    };
    Ok(Recording { header, events, end })
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

/// Reads the block at `start`, which has to be the one with this number; returns where the next one is.
fn block(bytes: &[u8], start: usize, number: u64, mut record: impl FnMut(&[u64]) -> Option<()>) -> Result<usize, End> {
    let damaged = |offset: usize, what: &str| End::Damaged { offset, what: what.to_owned() };
    let rest = &bytes[start..];
    if !BLOCK_MAGIC.starts_with(&rest[..rest.len().min(4)]) {
        return Err(damaged(start, "no block begins here"));
    }
    if rest.len() < BLOCK_HEAD {
        return Err(End::Cut { offset: start });
    }
    let (length, sum) = (word(rest, 4) as usize, word(rest, 8));
    if u64::from_le_bytes(rest[12..BLOCK_HEAD].try_into().expect("eight bytes")) != number {
        return Err(damaged(start, "the block does not continue the one before"));
    }
    let body = &rest[BLOCK_HEAD..];
    let whole = body.get(..length);
    if whole.is_some_and(|body| format::check(body) != sum) {
        return Err(damaged(start, "the block does not fit its check"));
    }
    let body = whole.unwrap_or(body);
    let words: Vec<u64> =
        body.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes"))).collect();
    let mut at = 0;
    while let Some(&first) = words.get(at) {
        let offset = start + BLOCK_HEAD + at * 8;
        let next = at + 1 + words::more(first) as usize;
        let Some(whole_record) = words.get(at..next) else {
            // A whole block that fits its check ends with a whole record.
            return Err(if whole.is_some() { damaged(offset, "a record without end") } else { End::Cut { offset } });
        };
        record(whole_record).ok_or_else(|| damaged(offset, "a record that is no event"))?;
        at = next;
    }
    match whole {
        None => Err(End::Cut { offset: start + BLOCK_HEAD + at * 8 }),
        Some(_) if length % 8 != 0 => Err(damaged(start, "a block of broken words")),
        Some(_) => Ok(start + BLOCK_HEAD + length),
    }
}

/// What one lane has told so far.
#[derive(Clone, Default)]
struct Told {
    time: u64,
    sites: Vec<Site>,
    text: Vec<u8>,
}

/// Makes events of records.
pub(super) struct Reader {
    workers: usize,
    /// Of the workers, then of everybody else.
    lanes: Vec<Told>,
    lane: Option<usize>,
    now: u64,
    sequence: u64,
}

impl Reader {
    pub(super) fn new(workers: usize) -> Self {
        Self { workers, lanes: Vec::new(), lane: None, now: 0, sequence: 0 }
    }

    /// The words of one record. `None` if they cannot be one.
    pub(super) fn record(&mut self, record: &[u64], events: &mut Vec<Recorded>) -> Option<()> {
        let (first, rest) = record.split_first()?;
        let kind = words::kind_of(*first);
        if kind == words::LANE {
            let lane = usize::try_from(words::number_of_single(*first)).ok()?;
            self.lane = lane.checked_sub(1);
            return (lane <= self.workers).then_some(());
        }
        // Made when it is used: a damaged header may speak of very many.
        let place = self.lane.map_or(0, |worker| worker + 1);
        if self.lanes.len() <= place {
            self.lanes.resize(place + 1, Told::default());
        }
        let told = &mut self.lanes[place];
        match kind {
            words::TIME => told.time = words::number_of_single(*first),
            words::TEXT => words::append(*first, rest, &mut told.text)?,
            words::SITE => {
                let [line, column, ..] = words::numbers(*first, rest)?;
                let file = intern(&words::take_text(&mut told.text)?);
                told.sites.push(Site { file, line: line.try_into().ok()?, column: column.try_into().ok()? });
            }
            _ => {
                let known = Known { workers: self.workers, lane: self.lane, sites: &told.sites, text: &mut told.text };
                let event = fields::decode(kind, words::numbers(*first, rest)?, known)?;
                // A lane's time is that of its last look at the clock; others may have been later.
                self.now = self.now.max(told.time);
                let (sequence, at) = (self.sequence, Duration::from_nanos(self.now));
                events.push(Recorded { sequence, worker: self.lane, at, event });
                self.sequence += 1;
            }
        }
        Some(())
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
