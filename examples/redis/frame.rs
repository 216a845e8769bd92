//! [`Frame`]: one value of the Redis protocol (RESP 2), how it is found in a buffer, and how it is written.
//!
//! ```text
//!   requests                                        replies
//!   *2\r\n $3\r\nGET\r\n $3\r\nkey\r\n            +OK\r\n      Simple       $5\r\nhello\r\n     Bulk: any 5 bytes
//!   GET key\r\n       typed by hand                -ERR no\r\n  Error        $-1\r\n             Null
//!                                                  :42\r\n      Integer      *2\r\n :1\r\n :2\r\n  Array: any 2 frames
//! ```
//!
//! Clients send arrays of bulk strings, or lines of words; both become an `Array` of `Bulk`s here.
//!
//! # Invariants
//!
//! * `FRAME-1` A length that a peer announces is a claim. It is compared with a limit, and memory is taken only for bytes that
//!   have arrived; otherwise twelve bytes from anybody (`$999999999\r\n`) could take a gigabyte.
//! * `FRAME-2` Parsing takes a whole frame from the buffer or nothing, and copies nothing before the frame is whole: a frame
//!   that comes in a thousand pieces is looked at a thousand times.
//!
//! Left out: RESP 3, and quotes in lines typed by hand.

use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

/// The longest request in bytes. Redis takes 512 MB for each string of it.
pub const MAX_REQUEST: usize = 64 * 1024 * 1024;
/// The most words in a request.
pub const MAX_WORDS: i64 = 16 * 1024;
/// The longest line, typed requests included.
pub const MAX_LINE: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Simple(&'static str),
    Error(String),
    Integer(i64),
    Bulk(Bytes),
    Null,
    Array(Vec<Frame>),
}

/// The peer does not speak this protocol. The text is the one that Redis has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError(pub String);

/// What a look into the buffer gave; `None` is "not here yet".
type Parsed<T> = Result<Option<T>, ProtocolError>;

impl Frame {
    pub fn bulk(bytes: impl Into<Bytes>) -> Self {
        Self::Bulk(bytes.into())
    }

    // ANCHOR: redis-parse-frame
    /// Takes one request from the front of `buffer`, or nothing if a part of it has yet to arrive (`FRAME-2`).
    pub fn parse(buffer: &mut BytesMut) -> Parsed<Self> {
        let mut reader = Reader { bytes: buffer, at: 0 };
        let Some(words) = reader.request()? else { return Ok(None) };
        let length = reader.at;
        // A copy of each word, not a slice of the buffer: a stored value of three bytes would keep all of the buffer alive.
        let frame = words.into_iter().map(|word| Self::Bulk(Bytes::copy_from_slice(&buffer[word]))).collect();
        buffer.advance(length);
        Ok(Some(Self::Array(frame)))
    }

    /// Appends the frame as the protocol writes it.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => out.extend(format!("+{text}\r\n").bytes()),
            Self::Error(text) => out.extend(format!("-{text}\r\n").bytes()),
            Self::Integer(number) => out.extend(format!(":{number}\r\n").bytes()),
            Self::Null => out.extend(b"$-1\r\n"),
            Self::Bulk(bytes) => {
                out.extend(format!("${}\r\n", bytes.len()).bytes());
                out.extend_from_slice(bytes);
                out.extend(b"\r\n");
            }
            Self::Array(items) => {
                out.extend(format!("*{}\r\n", items.len()).bytes());
                items.iter().for_each(|item| item.write_to(out));
            }
        }
    }
}

/// A position in bytes that may end anywhere. What it finds, it gives as places in them.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn request(&mut self) -> Parsed<Vec<Range<usize>>> {
        match self.bytes.first() {
            None => Ok(None),
            Some(b'*') => self.array(),
            Some(_) => self.typed(),
        }
    }

    fn array(&mut self) -> Parsed<Vec<Range<usize>>> {
        let Some(count) = self.length("multibulk")? else { return Ok(None) };
        if count > MAX_WORDS {
            return Err(ProtocolError("invalid multibulk length".to_owned()));
        }
        // Not `with_capacity(count)`: `FRAME-1`.
        let mut words = Vec::new();
        for _ in 0..count {
            let Some(word) = self.bulk()? else { return Ok(None) };
            words.push(word);
        }
        Ok(Some(words))
    }

    fn bulk(&mut self) -> Parsed<Range<usize>> {
        match self.bytes.get(self.at) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(&other) => return Err(ProtocolError(format!("expected '$', got '{}'", other.escape_ascii()))),
        }
        let Some(length) = self.length("bulk")? else { return Ok(None) };
        let Some(length) =
            usize::try_from(length).ok().filter(|length| *length <= MAX_REQUEST - self.at.min(MAX_REQUEST))
        else {
            return Err(ProtocolError("invalid bulk length".to_owned()));
        };
        let word = self.at..self.at + length;
        let Some(end) = self.bytes.get(word.end..word.end + 2) else { return Ok(None) };
        if end != b"\r\n" {
            return Err(ProtocolError("a bulk string does not end where it says".to_owned()));
        }
        self.at = word.end + 2;
        Ok(Some(word))
    }

    /// The number in a line such as `$5` or `*2`.
    fn length(&mut self, of: &str) -> Parsed<i64> {
        let Some(line) = self.line()? else { return Ok(None) };
        let digits = &self.bytes[line.start + 1..line.end];
        match std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(ProtocolError(format!("invalid {of} length"))),
        }
    }

    /// A request as one types it into `nc`: words on a line.
    fn typed(&mut self) -> Parsed<Vec<Range<usize>>> {
        let Some(line) = self.line()? else { return Ok(None) };
        let (mut words, mut start) = (Vec::new(), line.start);
        for word in self.bytes[line].split(u8::is_ascii_whitespace) {
            words.push(start..start + word.len());
            start += word.len() + 1;
        }
        words.retain(|word| !word.is_empty());
        Ok(Some(words))
    }

    /// Up to the next line break, without it. People send a bare `\n`, programs `\r\n`.
    fn line(&mut self) -> Parsed<Range<usize>> {
        let (start, rest) = (self.at, &self.bytes[self.at..]);
        let Some(length) = rest.iter().take(MAX_LINE).position(|&byte| byte == b'\n') else {
            let too_long = rest.len() >= MAX_LINE;
            return if too_long { Err(ProtocolError("too big inline request".to_owned())) } else { Ok(None) };
        };
        self.at += length + 1;
        let end = start + length;
        Ok(Some(if rest[..length].ends_with(b"\r") { start..end - 1 } else { start..end }))
    }
}
