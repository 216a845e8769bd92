//! The bytes of a recording: numbers, texts, the header, blocks. What a record looks like is in [`record`](super::record),
//! what an event's record holds in [`fields`](super::fields); the layout as a whole is told in the [module](super).

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::refs::Refs;
use super::{Header, fields, record};
use crate::scheduler::event::{Event, Recorded, Site};

pub(super) const MAGIC: [u8; 6] = *b"MTREC\0";
pub(super) const VERSION: u16 = 7;
/// Magic, version, length and check of what follows.
pub(super) const FILE_HEAD: usize = HEADER_CHECK + 4;
/// Where that check stands.
pub(super) const HEADER_CHECK: usize = 6 + 2 + 4;
pub(super) const BLOCK_MAGIC: [u8; 4] = *b"BLK\n";
/// Magic, length and check of the body, number of the block.
pub(super) const BLOCK_HEAD: usize = 4 + 4 + 4 + 8;
/// A number that damage changes: four sums, each of every fourth word, that do not wait for each other's multiplications; so
/// it costs next to nothing. It is no proof against malice.
pub(super) fn check(bytes: &[u8]) -> u32 {
    let mut sums = [1, 2, 3, 4].map(|n| 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(n) ^ bytes.len() as u64);
    let mut step = |n: usize, bytes: [u8; 8]| {
        sums[n] = (sums[n] ^ u64::from_le_bytes(bytes)).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29);
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let (fours, words) = words.as_chunks::<4>();
    for four in fours {
        (0..4).for_each(|n| step(n, four[n]));
    }
    words.iter().enumerate().for_each(|(n, &word)| step(n, word));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    step(3, last);
    let sum =
        sums.into_iter().fold(0, |sum: u64, next| (sum ^ next).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29));
    (sum ^ (sum >> 32)) as u32
}

pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// The start of a file that is recorded now.
pub(super) fn header(workers: usize, name: &str) -> Vec<u8> {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    start_of(&Header { process: std::process::id().into(), workers, started, name: name.to_owned() })
}

/// The start of a file.
pub(super) fn start_of(header: &Header) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, header.process);
    put(&mut body, header.workers as u64);
    put(&mut body, header.started);
    put_text(&mut body, &header.name);
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(&check(&body).to_le_bytes());
    out.extend_from_slice(&body);
    out
}

/// The key of a place: the address of its file's name, which lives for ever; and line and column. (One name at two addresses
/// is told twice.)
pub(super) type SiteKey = (u64, u64);

#[inline]
pub(super) fn key_of(site: &Site) -> SiteKey {
    (site.file.as_ptr() as u64, u64::from(site.line) << 32 | u64::from(site.column))
}

/// The place of an event that has one.
#[inline]
pub(super) fn site_of(event: &Event) -> Option<&Site> {
    match event {
        Event::Spawned { at, .. } | Event::BlockingJob { at, .. } => Some(at),
        _ => None,
    }
}

/// A block, to which segments are added.
pub(super) struct Block<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Block<'a> {
    /// `until`: the moment up to which the lanes were drained, as a stamp and in nanoseconds; zeros if the segments are in order.
    pub(super) fn begin(number: u64, until: (u64, u64), out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        out.extend_from_slice(&BLOCK_MAGIC);
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&number.to_le_bytes());
        put(out, until.0);
        put(out, until.1);
        Self { out, start }
    }

    /// Records of one lane, `length` bytes that `fill` appends.
    pub(super) fn segment(&mut self, lane: Option<usize>, length: usize, fill: impl FnOnce(&mut Vec<u8>)) {
        put(self.out, lane.map_or(0, |worker| worker as u64 + 1));
        put(self.out, length as u64);
        self.out.reserve(length);
        fill(self.out);
    }

    pub(super) fn end(self) {
        let (head, body) = self.out[self.start..].split_at_mut(BLOCK_HEAD);
        head[4..8].copy_from_slice(&(body.len() as u32).to_le_bytes());
        head[8..12].copy_from_slice(&check(body).to_le_bytes());
    }
}

/// Makes blocks of events that are in memory; remembers what a file says once and refers to afterwards.
#[derive(Default)]
pub(super) struct Encoder {
    lanes: HashMap<Option<usize>, Told>,
    bytes: Vec<u8>,
}

/// What one lane has told.
#[derive(Default)]
struct Told {
    sites: HashMap<SiteKey, u64>,
    time: u64,
    unsure: u64,
    refs: Refs,
}

impl Encoder {
    /// A block of `events`, in their order: a segment for each run of events of one lane.
    pub(super) fn block(&mut self, number: u64, events: &[Recorded], out: &mut Vec<u8>) {
        let mut block = Block::begin(number, (0, 0), out);
        for run in events.chunk_by(|a, b| a.worker == b.worker) {
            self.bytes.clear();
            let (lane, bytes) = (run[0].worker, &mut self.bytes);
            let told = self.lanes.entry(lane).or_default();
            run.iter().for_each(|recorded| told.event(recorded, bytes));
            block.segment(lane, bytes.len(), |out| out.extend_from_slice(bytes));
        }
        block.end();
    }
}

impl Told {
    fn event(&mut self, recorded: &Recorded, out: &mut Vec<u8>) {
        let event = &recorded.event;
        let site = site_of(event).map_or(0, |site| {
            let next = self.sites.len() as u64;
            let number = *self.sites.entry(key_of(site)).or_insert(next);
            if number == next {
                record::put_site(site, |record| out.extend_from_slice(record));
            }
            number
        });
        if let Event::Named { name, .. } = event {
            record::put_text(name, |record| out.extend_from_slice(record));
        }
        let (now, unsure) = (recorded.at.as_nanos() as u64, recorded.unsure.as_nanos() as u64);
        if std::mem::replace(&mut self.unsure, unsure) != unsure {
            record::put(record::UNSURE, None, [unsure, 0, 0, 0], out);
        }
        let time = Some(now.wrapping_sub(std::mem::replace(&mut self.time, now))).filter(|&time| time != 0);
        let numbers = fields::encode(event, recorded.worker, site, &self.refs);
        record::put(fields::kind(event), time, numbers, out);
    }
}

/// A reader of numbers and texts; `None` where there is not what there should be.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }
}
