//! A record as bytes: its head, the time, up to four numbers. And the records that are no event.
//!
//! ```text
//!   head, a byte: kind in bits 0 to 4; bit 5: a time follows; bits 6 and 7: how many numbers follow, 3 meaning four
//!   the time: two bytes, lowest first; or 0xFFFF and a number
//!   a number: seven bits a byte, lowest first; all bytes but the last have bit 7 (LEB128)
//! ```
//!
//! Numbers that are not there are 0. So what is most likely is made 0: see [`fields`](super::fields).

use super::format::Cursor;
use crate::scheduler::event::Site;

/// How many bytes a record has at most: its head, its time, and four numbers of ten bytes.
pub(super) const MOST: u64 = 1 + 2 + 10 + 4 * 10;
/// In a head: a time follows.
const TIMED: u64 = 0x20;
/// A time that does not fit.
const LONG_TIME: u64 = 0xFFFF;
/// The end of the lane's last poll, and the beginning of another from the worker's own queues.
pub(super) const NEXT: u8 = 0;
/// A spawn, and where the task is pushed to.
pub(super) const SPAWNED: u8 = 1;
/// Events that are written without an [`Event`](crate::scheduler::event::Event): see [`fields::kind`](super::fields::kind).
pub(super) const WOKEN: u8 = 3;
pub(super) const PUSHED: u8 = 4;
pub(super) const MOVED: u8 = 5;
pub(super) const POLL_START: u8 = 9;
pub(super) const POLL_END: u8 = 10;
pub(super) const DEFERRED: u8 = 11;
pub(super) const POLLED_DRIVERS: u8 = 12;
/// A piece of a text: one number, its length; and its bytes behind.
pub(super) const TEXT: u8 = 28;
/// A place in the source: line and column; its file is the lane's text so far. Numbered by lane, from 0.
pub(super) const SITE: u8 = 29;
/// The first so many of the tasks that yielded on this lane are pushed to its local queue.
pub(super) const RECALLED: u8 = 30;
/// The lane's times are unsure from here on: one number, by how many nanoseconds. Only where events are in order already.
pub(super) const UNSURE: u8 = 31;
/// How many bytes [`pair`] makes, and [`single`].
pub(super) const PAIR: u64 = 3;
pub(super) const SINGLE: u64 = 2;
/// How many bytes of a text a piece has at most.
const PIECE: usize = 40;

/// The bytes of a record without a time and with two numbers of a byte each: [`PAIR`] of them.
#[inline(always)]
pub(super) fn pair(kind: u8, first: u64, second: u64) -> u64 {
    u64::from(kind) | 2 << 6 | first << 8 | second << 16
}

/// The bytes of a record without a time and with one number of a byte: [`SINGLE`] of them.
#[inline(always)]
pub(super) fn single(kind: u8, first: u64) -> u64 {
    u64::from(kind) | 1 << 6 | first << 8
}

/// The bytes of a record with at most two numbers of a byte each, and how many they are. That is most records by far, and for
/// these there is no loop, and no call.
#[inline(always)]
pub(super) fn short(kind: u8, time: Option<u64>, numbers: [u64; 4]) -> Option<(u64, u64)> {
    let [first, second, third, fourth] = numbers;
    if time.unwrap_or(0) >= LONG_TIME || (first | second) >> 7 | third | fourth != 0 {
        return None;
    }
    let (bytes, length) = head(kind, time);
    let count = u64::from(first | second != 0) + u64::from(second != 0);
    Some((bytes | count << 6 | first << (8 * length) | second << (8 * length + 8), length + count))
}

/// A head without its count, and the time; and how many bytes they are.
#[inline(always)]
fn head(kind: u8, time: Option<u64>) -> (u64, u64) {
    time.map_or((kind.into(), 1), |time| (u64::from(kind) | TIMED | time << 8, 3))
}

/// Any record in pieces of at most eight bytes, and how many each has.
pub(super) fn pieces(kind: u8, time: Option<u64>, numbers: [u64; 4], mut out: impl FnMut(u64, u64)) {
    let count = 4 - numbers.iter().rev().take_while(|&&number| number == 0).count();
    let (code, count) = if count > 2 { (3, 4) } else { (count as u64, count) };
    let (bytes, length) = head(kind, time.map(|time| time.min(LONG_TIME)));
    out(bytes | code << 6, length);
    let long = time.filter(|&time| time >= LONG_TIME);
    long.iter().chain(&numbers[..count]).for_each(|&number| pieces_of(number, &mut out));
}

/// The bytes of a number, all in one piece if it has no more than 56 bits.
fn pieces_of(number: u64, out: &mut impl FnMut(u64, u64)) {
    const GO_ON: u64 = 0x8080_8080_8080_8080;
    let low = number & ((1 << 56) - 1);
    // Halves, quarters, eighths of seven bits, each moved apart from the other.
    let halves = low & 0xFFF_FFFF | (low & 0xFF_FFFF_F000_0000) << 4;
    let quarters = halves & 0x3FFF_0000_3FFF | (halves & 0xFFF_C000_0FFF_C000) << 2;
    let sevens = quarters & 0x7F_007F_007F_007F | (quarters & 0x3F80_3F80_3F80_3F80) << 1;
    if number == low {
        let count = u64::from((low | 1).ilog2()) / 7 + 1;
        return out(sevens | GO_ON & ((1 << (8 * count - 8)) - 1), count);
    }
    out(sevens | GO_ON, 8);
    pieces_of(number >> 56, out);
}

/// Appends any record.
pub(super) fn put(kind: u8, time: Option<u64>, numbers: [u64; 4], out: &mut Vec<u8>) {
    pieces(kind, time, numbers, |bytes, count| out.extend_from_slice(&bytes.to_le_bytes()[..count as usize]));
}

/// Puts the records of a text.
pub(super) fn put_text(text: &str, mut out: impl FnMut(&[u8])) {
    let mut record = Vec::new();
    for piece in text.as_bytes().chunks(PIECE) {
        record.clear();
        put(TEXT, None, [piece.len() as u64, 0, 0, 0], &mut record);
        record.extend_from_slice(piece);
        out(&record);
    }
}

/// Puts the records of a place.
pub(super) fn put_site(site: &Site, mut out: impl FnMut(&[u8])) {
    put_text(site.file, &mut out);
    let mut record = Vec::new();
    put(SITE, None, [site.line.into(), site.column.into(), 0, 0], &mut record);
    out(&record);
}

/// A record as it is read.
pub(super) struct Record<'a> {
    pub(super) kind: u8,
    /// How much later than the lane's time before it is; None: it has no time of its own.
    pub(super) time: Option<u64>,
    pub(super) numbers: [u64; 4],
    pub(super) text: &'a [u8],
}

/// Takes the time behind a head. None within: it has none. None without: it is broken.
pub(super) fn time_of(head: u8, from: &mut Cursor<'_>) -> Option<Option<u64>> {
    if head & TIMED as u8 == 0 {
        return Some(None);
    }
    let time = from.take(2)?;
    match u64::from(u16::from_le_bytes([time[0], time[1]])) {
        LONG_TIME => from.number().map(Some),
        time => Some(Some(time)),
    }
}

/// Takes a record; None if there is no whole one.
pub(super) fn take<'a>(from: &mut Cursor<'a>) -> Option<Record<'a>> {
    let head = from.byte()?;
    let (kind, count) = (head & 0x1F, if head >> 6 == 3 { 4 } else { head >> 6 });
    let time = time_of(head, from)?;
    let mut numbers = [0; 4];
    for number in &mut numbers[..count.into()] {
        *number = from.number()?;
    }
    let text = if kind == TEXT { from.take(usize::try_from(numbers[0]).ok()?)? } else { &[] };
    Some(Record { kind, time, numbers, text })
}
