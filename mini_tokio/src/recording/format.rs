//! The bytes of a recording: numbers, texts, the header, blocks and frames. What an event's frame holds is in
//! [`fields`](super::fields); the layout as a whole is told in the [module](super).

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Header, fields};
use crate::scheduler::event::{Event, Recorded, Site};

pub(super) const MAGIC: [u8; 6] = *b"MTREC\0";
pub(super) const VERSION: u16 = 1;
/// Magic, version, length and check of what follows.
pub(super) const FILE_HEAD: usize = 6 + 2 + 4 + 4;
pub(super) const BLOCK_MAGIC: [u8; 4] = *b"BLK\n";
/// Magic, length and check of the body, number of the first event.
pub(super) const BLOCK_HEAD: usize = 4 + 4 + 4 + 8;
/// The kind of a frame that is no event.
pub(super) const SITE: u8 = 0;
/// A length byte that says: four bytes of length follow.
pub(super) const LONG: u8 = 0xFF;

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

type SiteKey = (usize, u32, u32);

/// Makes blocks; remembers what a file says once and refers to afterwards.
#[derive(Default)]
pub(super) struct Encoder {
    /// By the address of the file's name, which lives for ever. (One name at two addresses is told twice, no harm done.)
    sites: HashMap<SiteKey, u64>,
    last_site: Option<(SiteKey, u64)>,
    now: u64,
    block: Vec<u8>,
}

impl Encoder {
    /// `events`, which follow one another in number, as a block.
    pub(super) fn block(&mut self, events: &[Recorded]) -> &[u8] {
        self.block.clear();
        self.block.resize(BLOCK_HEAD, 0);
        events.iter().for_each(|recorded| self.frame(recorded));
        let (head, body) = self.block.split_at_mut(BLOCK_HEAD);
        head[..4].copy_from_slice(&BLOCK_MAGIC);
        head[4..8].copy_from_slice(&(body.len() as u32).to_le_bytes());
        head[8..12].copy_from_slice(&check(body).to_le_bytes());
        head[12..].copy_from_slice(&events.first().map_or(0, |first| first.sequence).to_le_bytes());
        &self.block
    }

    fn frame(&mut self, recorded: &Recorded) {
        let mut frame = Frame::of_kind(fields::kind(&recorded.event));
        let at = recorded.at.as_nanos() as u64;
        frame.put(recorded.worker.map_or(0, |worker| worker as u64 + 1));
        frame.put(at.saturating_sub(self.now));
        self.now = self.now.max(at);
        let tail = match &recorded.event {
            Event::Spawned { at, .. } | Event::BlockingJob { at, .. } => {
                let site = self.site(at);
                fields::encode(&recorded.event, site, &mut frame)
            }
            event => fields::encode(event, 0, &mut frame),
        };
        self.emit(&frame, tail);
    }

    /// The number of a place, with a frame that tells it at its first use.
    fn site(&mut self, site: &Site) -> u64 {
        let key = (site.file.as_ptr() as usize, site.line, site.column);
        if let Some((last, number)) = self.last_site
            && last == key
        {
            return number;
        }
        let next = self.sites.len() as u64;
        let number = *self.sites.entry(key).or_insert(next);
        self.last_site = Some((key, number));
        if number == next {
            let mut frame = Frame::of_kind(SITE);
            frame.put(site.line.into());
            frame.put(site.column.into());
            frame.put(site.file.len() as u64);
            self.emit(&frame, site.file.as_bytes());
        }
        number
    }

    fn emit(&mut self, frame: &Frame, tail: &[u8]) {
        let length = frame.at + tail.len();
        if length < usize::from(LONG) {
            self.block.push(length as u8);
        } else {
            self.block.push(LONG);
            self.block.extend_from_slice(&(length as u32).to_le_bytes());
        }
        self.block.extend_from_slice(&frame.bytes[..frame.at]);
        self.block.extend_from_slice(tail);
    }
}

/// The numbers of one frame. No event has as many as fill it, so a place beyond its end is never meant: taken modulo the
/// size, no access needs a check.
pub(super) struct Frame {
    bytes: [u8; 128],
    at: usize,
}

impl Frame {
    fn of_kind(kind: u8) -> Self {
        let mut frame = Self { bytes: [0; 128], at: 1 };
        frame.bytes[0] = kind;
        frame
    }

    #[inline]
    pub(super) fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes[self.at % 128] = value as u8 | 0x80;
            self.at += 1;
            value >>= 7;
        }
        self.bytes[self.at % 128] = value as u8;
        self.at += 1;
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

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
