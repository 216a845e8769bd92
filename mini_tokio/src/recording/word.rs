//! The words of a record: how up to four numbers become one to five words, and the kinds of record that are no event.
//!
//! ```text
//!   bit    0         7   8        16            32                            63
//!          ┌─────────┬───┬────────┬─────────────┬─────────────────────────────┐
//!   event  │ kind    │ w │ more   │ 2nd number  │ 1st number                  │  then the `more` numbers that follow, a word
//!          └─────────┴───┴────────┴─────────────┴─────────────────────────────┘  each; zeros at the end are left out
//!   w = 1: a number was too big for its place. All four follow, a word each.
//! ```

use std::mem;

/// How many words a record has at most: a stamp before an event, and its five; or a piece of text.
pub(super) const MOST: u64 = 10;
/// The rest of the word is the time of the lane's events from here on: a stamp in a lane, nanoseconds in a file.
pub(super) const TIME: u8 = 0x40;
/// The rest of the word is 0 or worker + 1: whose the records are from here on. Only in files.
pub(super) const LANE: u8 = 0x41;
/// A piece of a text: `more` words, and its length in bytes as the second number.
pub(super) const TEXT: u8 = 0x42;
/// A place in the source: line and column; its file is the lane's text so far. Numbered by lane, from 0.
pub(super) const SITE: u8 = 0x43;
const WIDE: u8 = 0x80;
/// How many words a piece of text has at most.
const PIECE: usize = 8;

pub(super) fn kind_of(word: u64) -> u8 {
    word as u8 & !WIDE
}

/// How many words follow the first of a record.
pub(super) fn more(first: u64) -> u64 {
    match first as u8 {
        TIME | LANE => 0,
        _ => (first >> 8) & 0xFF,
    }
}

/// A record that is one word and one number of 56 bits.
#[inline]
pub(super) fn single(kind: u8, number: u64) -> u64 {
    u64::from(kind) | number << 8
}

pub(super) fn number_of_single(word: u64) -> u64 {
    word >> 8
}

/// Puts a record with these numbers.
#[inline(always)]
pub(super) fn put(kind: u8, numbers: [u64; 4], mut out: impl FnMut(u64)) {
    let [first, second, third, fourth] = numbers;
    if first >> 32 | second >> 16 != 0 {
        out(u64::from(kind | WIDE) | 4 << 8);
        return numbers.into_iter().for_each(out);
    }
    let more = if fourth != 0 { 2 } else { u64::from(third != 0) };
    out(u64::from(kind) | more << 8 | second << 16 | first << 32);
    if more > 0 {
        out(third);
    }
    if more > 1 {
        out(fourth);
    }
}

/// The numbers of a record whose first word is `first`; `None` if there are too many, or too few.
pub(super) fn numbers(first: u64, rest: &[u64]) -> Option<[u64; 4]> {
    if first as u8 & WIDE != 0 {
        return rest.try_into().ok();
    }
    let (third, fourth) = match *rest {
        [] => (0, 0),
        [third] => (third, 0),
        [third, fourth] => (third, fourth),
        _ => return None,
    };
    Some([first >> 32, (first >> 16) & 0xFFFF, third, fourth])
}

/// The pieces of a text, a record each.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Vec<u64>> {
    text.as_bytes().chunks(PIECE * 8).map(|piece| {
        let words = piece.chunks(8).map(|bytes| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        });
        let first = u64::from(TEXT) | (piece.len().div_ceil(8) as u64) << 8 | (piece.len() as u64) << 16;
        std::iter::once(first).chain(words).collect()
    })
}

/// Appends a piece of text; `None` if it cannot be one.
pub(super) fn append(first: u64, rest: &[u64], text: &mut Vec<u8>) -> Option<()> {
    let length = ((first >> 16) & 0xFFFF) as usize;
    if length.div_ceil(8) != rest.len() || rest.len() > PIECE {
        return None;
    }
    let bytes = rest.iter().flat_map(|word| word.to_le_bytes()).take(length);
    text.extend(bytes);
    Some(())
}

/// The lane's text so far, which begins anew.
pub(super) fn take_text(text: &mut Vec<u8>) -> Option<String> {
    String::from_utf8(mem::take(text)).ok()
}
