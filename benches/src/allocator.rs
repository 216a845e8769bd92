//! [`Allocator`]: glibc's or mimalloc, as the process was told when it began; and how many bytes of it are in use.
//!
//! Which one it is matters: glibc serves blocks of large alignment by a slow way that others do not have, so a runtime's
//! choice of alignment may be most of a result. One binary with both, so that nothing else differs.
//!
//! The choice is read from the environment at the first allocation, before `main`, and kept. Counting is off until somebody
//! turns it on, so that workloads which are timed pay one load for both and no contended counter. What was allocated before
//! counting began and is freed later counts as negative: only differences mean something.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering::Relaxed};

use clap::ValueEnum;
use mimalloc::MiMalloc;
use serde::{Deserialize, Serialize};

/// What a child process is told by.
pub const VARIABLE: &str = "BENCHES_ALLOCATOR";

/// Which allocator a measurement was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The system's.
    Glibc,
    Mimalloc,
}

impl Choice {
    pub fn name(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Mimalloc => "mimalloc",
        }
    }
}

const CHOSEN: u8 = 1;
const MIMALLOC: u8 = 2;
const COUNTING: u8 = 4;

/// The three flags above; 0 before the first allocation.
static FLAGS: AtomicU8 = AtomicU8::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);
static BLOCKS: AtomicI64 = AtomicI64::new(0);

/// To be made the `#[global_allocator]` of a program.
pub struct Allocator;

/// What is in use now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    pub bytes: i64,
    pub blocks: i64,
}

/// Counts from now on.
pub fn start_counting() {
    FLAGS.fetch_or(COUNTING, Relaxed);
}

pub fn live() -> Live {
    Live { bytes: BYTES.load(Relaxed), blocks: BLOCKS.load(Relaxed) }
}

#[cold]
fn choose() -> u8 {
    // SAFETY: the name is a C string, and no thread changes the environment: this runs before `main`.
    let value = unsafe { libc::getenv(c"BENCHES_ALLOCATOR".as_ptr()) };
    // SAFETY: what `getenv` finds is a C string, at least one byte long.
    let is_mimalloc = !value.is_null() && unsafe { *value } == b'm' as libc::c_char;
    let chosen = if is_mimalloc { CHOSEN | MIMALLOC } else { CHOSEN };
    FLAGS.fetch_or(chosen, Relaxed) | chosen
}

/// Counts, and says whether mimalloc is to serve.
fn enter(bytes: i64, blocks: i64) -> bool {
    let mut flags = FLAGS.load(Relaxed);
    if flags == 0 {
        flags = choose();
    }
    if flags & COUNTING != 0 {
        BYTES.fetch_add(bytes, Relaxed);
        BLOCKS.fetch_add(blocks, Relaxed);
    }
    flags & MIMALLOC != 0
}

fn size(layout: Layout) -> i64 {
    layout.size() as i64
}

// SAFETY: every call is passed on unchanged, and all of a process to the same allocator: the choice is made once, by the
// first call.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mimalloc = enter(size(layout), 1);
        // SAFETY: the caller's promise.
        unsafe { if mimalloc { MiMalloc.alloc(layout) } else { System.alloc(layout) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let mimalloc = enter(-size(layout), -1);
        // SAFETY: the caller's promise.
        unsafe { if mimalloc { MiMalloc.dealloc(pointer, layout) } else { System.dealloc(pointer, layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let mimalloc = enter(size(layout), 1);
        // SAFETY: the caller's promise.
        unsafe { if mimalloc { MiMalloc.alloc_zeroed(layout) } else { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let mimalloc = enter(new_size as i64 - size(layout), 0);
        // SAFETY: the caller's promise.
        unsafe {
            if mimalloc {
                MiMalloc.realloc(pointer, layout, new_size)
            } else {
                System.realloc(pointer, layout, new_size)
            }
        }
    }
}
