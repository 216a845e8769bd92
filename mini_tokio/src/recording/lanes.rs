//! [`Lanes`]: the memory of a recorder's lanes, which outlives the program.
//!
//! The lanes of a recorder that writes to the file `run.rec` are a file themselves, `run.rec.lanes`, mapped into memory. A record
//! is written there as anywhere else, with a store and no system call, and is in the file at once, for the system keeps what was
//! stored when it kills the program. At its end the recorder has put everything into `run.rec`, and removes the lanes.
//! So if they are still there, and nobody holds their lock, the program was killed, or has crashed, or has ended without dropping
//! its runtime, and they hold what it recorded last: see [`Left`].
//!
//! # Invariants
//!
//! * `LANES-1` What a lane was told is in a block of the recording, or in its ring: the drain gives room back only when the block is
//!   written. A reader knows from the blocks how far each lane was drained.
//! * `LANES-2` An event's cause was stored before the event was, and all threads of a program end before anybody finds the lock
//!   free. So what is found in the lanes has all its causes there or in the blocks, and the last stamp of all ends their order.
//!
//! # The file
//!
//! In the byte order of the machine; nobody but a reader on the same machine is meant to see it.
//!
//! ```text
//!   head    magic "MTLANES" 0x00, check u32 of the recording's header, lanes u32, bytes of a lane's ring u64,
//!           a moment late in the program: nanoseconds u64, stamp u64; up to `HEAD` bytes
//!   lane    tail u64, head u64, ring, as `Lane` has them; so many times `Lane::memory` bytes
//! ```
//!
//! It is filled with zeros before it is mapped: a mapped file without room on the disk would end the program. If there can be no
//! such file (the recording is a pipe, say), the lanes are plain memory, and what they hold dies with the program.
//!
//! Rejected: to write the last events from a handler of signals (there is none for a kill, and after a crash nothing may be
//! relied upon); the lanes at the beginning of the recording itself, which would make megabytes of the shortest one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use memmap2::{MmapMut, MmapOptions};

use super::lane::{self, Lane};

#[cfg(test)]
mod tests;

const MAGIC: [u8; 8] = *b"MTLANES\0";
/// Where the parts of the head stand behind the magic.
const CHECK: usize = 8;
const LANES: usize = CHECK + 4;
const SIZE: usize = LANES + 4;
const MOMENT: usize = SIZE + 8;
/// Where the first lane begins: at a page.
const HEAD: usize = 4096;

// ANCHOR: recording-lanes
/// Makes lanes, and keeps their file, if there is one, until everything is drained.
pub(super) struct Lanes {
    file: Option<Mapped>,
}

struct Mapped {
    path: PathBuf,
    /// Locked for as long as it is open.
    file: File,
    head: MmapMut,
}

impl Lanes {
    /// In plain memory.
    pub(super) fn plain() -> Self {
        Self { file: None }
    }

    /// Beside the recording at `recording`, whose header has this check. In plain memory, if there can be no file.
    pub(super) fn beside(recording: &Path, check: u32, lanes: usize, size: usize) -> Self {
        let is_file = fs::metadata(recording).is_ok_and(|recording| recording.is_file());
        Self { file: is_file.then(|| Mapped::create(path_beside(recording), check, lanes, size).ok()).flatten() }
    }

    /// The lane with this number.
    pub(super) fn lane(&self, number: usize, size: usize) -> Lane {
        let length = Lane::memory(size);
        let mapped = self.file.as_ref().and_then(|mapped| mapped.lane(number, length).ok());
        Lane::new(size, mapped.unwrap_or_else(|| MmapMut::map_anon(length).expect("memory for a lane")))
    }

    /// Notes a moment: a stamp and the same in nanoseconds.
    pub(super) fn note(&mut self, (stamp, nanos): (u64, u64)) {
        if let Some(mapped) = &mut self.file {
            mapped.head[MOMENT..MOMENT + 8].copy_from_slice(&nanos.to_ne_bytes());
            mapped.head[MOMENT + 8..MOMENT + 16].copy_from_slice(&stamp.to_ne_bytes());
        }
    }

    /// Everything is drained.
    pub(super) fn remove(&mut self) {
        if let Some(mapped) = self.file.take() {
            let _ = fs::remove_file(mapped.path); // it may be gone already
        }
    }
}

impl Mapped {
    fn create(path: PathBuf, check: u32, lanes: usize, size: usize) -> io::Result<Self> {
        // A new file, even if there is one: another program may still have that mapped, and would not survive to see it cut.
        let _ = fs::remove_file(&path);
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        file.lock()?;
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&check.to_ne_bytes());
        head.extend_from_slice(&(lanes as u32).to_ne_bytes());
        head.extend_from_slice(&(size as u64).to_ne_bytes());
        let rest = HEAD - head.len() + lanes * Lane::memory(size).next_multiple_of(HEAD);
        let filled = file
            .write_all(&head)
            .and_then(|()| io::copy(&mut io::repeat(0).take(rest as u64), &mut file))
            // SAFETY: the file is ours: it is locked, and named after the recording. Who changes it nevertheless changes records.
            .and_then(|_| unsafe { MmapOptions::new().len(HEAD).map_mut(&file) });
        match filled {
            Ok(head) => Ok(Self { path, file, head }),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error)
            }
        }
    }

    fn lane(&self, number: usize, length: usize) -> io::Result<MmapMut> {
        let offset = HEAD + number * length.next_multiple_of(HEAD);
        // SAFETY: as above.
        unsafe { MmapOptions::new().offset(offset as u64).len(length).map_mut(&self.file) }
    }
}

/// Where the lanes of the recording at `path` are.
fn path_beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lanes");
    name.into()
}

/// The lanes that a program left, which has ended.
pub(super) struct Left {
    bytes: Vec<u8>,
}

impl Left {
    /// Beside the recording at `path`. None if there are none, or the program still runs.
    pub(super) fn beside(path: &Path) -> Option<Self> {
        let mut file = File::open(path_beside(path)).ok()?;
        file.try_lock_shared().ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(Self { bytes })
    }

    fn word(&self, at: usize) -> Option<u64> {
        Some(u64::from_ne_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// Whether they belong to the recording whose header has this check.
    pub(super) fn fits(&self, check: u32) -> bool {
        let told = self.bytes.get(CHECK..).and_then(|rest| rest.first_chunk());
        self.bytes.starts_with(&MAGIC) && told.is_some_and(|told| u32::from_ne_bytes(*told) == check)
    }

    /// A moment late in the program: a stamp and the same in nanoseconds.
    pub(super) fn moment(&self) -> Option<(u64, u64)> {
        Some((self.word(MOMENT + 8)?, self.word(MOMENT)?))
    }

    /// What each lane holds. None if the file is not whole.
    pub(super) fn lanes(&self) -> Option<Vec<lane::Left<'_>>> {
        let size = usize::try_from(self.word(SIZE)?).ok().filter(|&size| size <= self.bytes.len())?;
        let count = u32::from_ne_bytes(*self.bytes.get(LANES..)?.first_chunk()?);
        let length = Lane::memory(size).next_multiple_of(HEAD);
        let memory = |number| self.bytes.get(HEAD + number * length..)?.get(..length);
        (0..count as usize).map(|number| lane::Left::new(memory(number)?, size)).collect()
    }
}
