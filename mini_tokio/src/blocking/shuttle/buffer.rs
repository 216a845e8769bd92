//! [`Buffer`]: the bytes that travel with a hop.

use std::io::{self, SeekFrom};
use std::ops::Range;

use super::Device;
use crate::io::ReadBuf;

/// Memory that is kept from hop to hop, and which part of it holds bytes.
///
/// A device appends to it, so that it need not be zeroed before: a file has the kernel write into it as it is.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    /// Read and not yet taken, or taken from a writer and not yet written.
    bytes: Range<usize>,
}

/// So many bytes were read from the device that no task has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) struct Unread(usize);

impl Unread {
    /// Moves the device's cursor back by it.
    pub(super) fn seek<D: Device>(self, device: &D) -> io::Result<()> {
        match self.0 {
            0 => Ok(()),
            n => device.seek(SeekFrom::Current(-(n as i64))).map(drop),
        }
    }
}

impl Buffer {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Moves as much as there is room for.
    pub(super) fn copy_to(&mut self, dst: &mut ReadBuf<'_>) {
        let n = self.bytes.len().min(dst.remaining());
        dst.put_slice(&self.memory[self.bytes.start..][..n]);
        self.bytes.start += n;
    }

    /// Forgets what it holds, and says how much that was.
    pub(super) fn discard(&mut self) -> Unread {
        Unread(std::mem::take(&mut self.bytes).len())
    }

    /// Has `read` append up to `room` bytes to the empty buffer. Reads again if a signal came between.
    pub(super) fn fill(
        &mut self,
        room: usize,
        mut read: impl FnMut(&mut Vec<u8>, usize) -> io::Result<()>,
    ) -> io::Result<()> {
        debug_assert!(self.is_empty());
        self.bytes = 0..0;
        self.memory.clear();
        if self.memory.capacity() < room {
            // Not `reserve`: that would copy bytes which nobody wants any more.
            self.memory = Vec::with_capacity(room);
        }
        loop {
            match read(&mut self.memory, room) {
                Ok(()) => {
                    let n = self.memory.len();
                    assert!(n <= room, "the device says that it read more than there was room for");
                    self.bytes = 0..n;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.memory.clear(),
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes a copy of `pieces`, up to `most` bytes in all, and says how many these are.
    pub(super) fn store<'a>(&mut self, pieces: impl IntoIterator<Item = &'a [u8]>, most: usize) -> usize {
        debug_assert!(self.is_empty());
        self.memory.clear();
        for piece in pieces {
            let room = most - self.memory.len();
            self.memory.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        self.bytes = 0..self.memory.len();
        self.bytes.len()
    }

    /// Hands the bytes to `write` and forgets them, also if it fails.
    pub(super) fn drain(&mut self, write: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<()> {
        write(&self.memory[std::mem::take(&mut self.bytes)])
    }
}
