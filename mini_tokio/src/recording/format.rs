//! The bytes of a recording: numbers, texts, the header, blocks. What a record looks like is in [`word`](super::word), what
//! an event's record holds in [`fields`](super::fields); the layout as a whole is told in the [module](super).

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Header, fields, word};
use crate::scheduler::event::{Event, Recorded, Site};

pub(super) const MAGIC: [u8; 6] = *b"MTREC\0";
pub(super) const VERSION: u16 = 2;
/// Magic, version, length and check of what follows.
pub(super) const FILE_HEAD: usize = 6 + 2 + 4 + 4;
pub(super) const BLOCK_MAGIC: [u8; 4] = *b"BLK\n";
/// Magic, length and check of the body, number of the block.
pub(super) const BLOCK_HEAD: usize = 4 + 4 + 4 + 8;
/// A number that damage changes: eight bytes a step, each step a multiplication, so it costs next to nothing. It is no proof
/// against malice.
pub(super) fn check(bytes: &[u8]) -> u32 {
    let mut sum: u64 = 0x9E37_79B9_7F4A_7C15 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    let mut step = |word: u64| sum = (sum ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29);
    for chunk in &mut chunks {
        step(u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    step(u64::from_le_bytes(last));
    (sum ^ (sum >> 32)) as u32
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

/// The key of a place: the address of its file's name, which lives for ever. (One name at two addresses is told twice.)
pub(super) type SiteKey = (usize, u32, u32);

pub(super) fn key_of(site: &Site) -> SiteKey {
    (site.file.as_ptr() as usize, site.line, site.column)
}

/// The place of an event that has one.
#[inline]
pub(super) fn site_of(event: &Event) -> Option<&Site> {
    match event {
        Event::Spawned { at, .. } | Event::BlockingJob { at, .. } => Some(at),
        _ => None,
    }
}

/// The records that tell a place.
pub(super) fn site_records(site: &Site, mut out: impl FnMut(&[u64])) {
    word::pieces(site.file).for_each(|piece| out(&piece));
    let mut record = Vec::new();
    word::put(word::SITE, [site.line.into(), site.column.into(), 0, 0], |word| record.push(word));
    out(&record);
}

/// Words, which follow those of the blocks before, as a block.
pub(super) fn block(number: u64, words: &[u64], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&BLOCK_MAGIC);
    out.extend_from_slice(&((words.len() * 8) as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&number.to_le_bytes());
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    let sum = check(&out[start + BLOCK_HEAD..]);
    out[start + 8..start + 12].copy_from_slice(&sum.to_le_bytes());
}

/// Makes words of events that are in memory; remembers what a file says once and refers to afterwards.
#[derive(Default)]
pub(super) struct Encoder {
    lane: Option<Option<usize>>,
    lanes: HashMap<Option<usize>, Told>,
}

/// What one lane has told.
#[derive(Default)]
struct Told {
    sites: HashMap<SiteKey, u64>,
    time: Option<u64>,
}

impl Encoder {
    pub(super) fn words(&mut self, events: &[Recorded]) -> Vec<u64> {
        let mut out = Vec::new();
        events.iter().for_each(|recorded| self.event(recorded, &mut out));
        out
    }

    fn event(&mut self, recorded: &Recorded, out: &mut Vec<u64>) {
        let lane = recorded.worker;
        if self.lane.replace(lane) != Some(lane) {
            out.push(word::single(word::LANE, lane.map_or(0, |worker| worker as u64 + 1)));
        }
        let told = self.lanes.entry(lane).or_default();
        let site = site_of(&recorded.event).map_or(0, |site| {
            let next = told.sites.len() as u64;
            let number = *told.sites.entry(key_of(site)).or_insert(next);
            if number == next {
                site_records(site, |record| out.extend_from_slice(record));
            }
            number
        });
        let time = recorded.at.as_nanos() as u64;
        if told.time.replace(time) != Some(time) {
            out.push(word::single(word::TIME, time));
        }
        if let Event::Named { name, .. } = &recorded.event {
            word::pieces(name).for_each(|piece| out.extend(piece));
        }
        word::put(fields::kind(&recorded.event), fields::encode(&recorded.event, lane, site), |word| out.push(word));
    }
}

/// A reader of numbers and texts; `None` where there is not what there should be.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
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
