//! [`ReadDir`]: the entries of a directory, fetched by the dozen.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::blocking;
use crate::coop;
use crate::leaf::named;
use crate::task::{JoinHandle, spawn_blocking};

/// How many entries one hop fetches.
const BATCH: usize = 64;

/// The entries of the directory at `path`, except itself and its parent, in no particular order.
///
/// # Errors
///
/// Those of [`std::fs::read_dir`]; if the runtime shuts down.
///
/// # Panics
///
/// Outside a runtime.
pub fn read_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<ReadDir>> {
    named(|| "fs::read_dir", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || {
            let mut batch = Batch { entries: VecDeque::new(), source: Some(std::fs::read_dir(path)?) };
            batch.refill();
            Ok(ReadDir(State::Here(batch)))
        })
        .await
    })
}

/// The entries of a directory: made by [`read_dir`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReadDir(State);

#[derive(Debug)]
enum State {
    Here(Batch),
    Away(JoinHandle<Batch>),
    /// A fetch was cut off by the runtime's end, and the directory is closed.
    Lost,
}

#[derive(Debug)]
struct Batch {
    entries: VecDeque<io::Result<DirEntry>>,
    /// Where more come from, if there are more.
    source: Option<std::fs::ReadDir>,
}

impl Batch {
    /// May block.
    fn refill(&mut self) {
        while let Some(source) = &mut self.source
            && self.entries.len() < BATCH
        {
            match source.next() {
                Some(Ok(entry)) => self.entries.push_back(Ok(DirEntry::new(entry))),
                // What comes after a failure is not asked for before the failure was seen.
                Some(Err(error)) => {
                    self.entries.push_back(Err(error));
                    return;
                }
                None => self.source = None,
            }
        }
    }
}

impl ReadDir {
    /// The next entry; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped future has taken no entry.
    pub fn next_entry(&mut self) -> impl Future<Output = io::Result<Option<DirEntry>>> {
        named(|| "fs::ReadDir::next_entry", poll_fn(move |cx| self.poll_next_entry(cx)))
    }

    /// [`next_entry`](Self::next_entry), poll-style.
    // ANCHOR: fs-read-dir
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        let unit = ready!(coop::proceed(cx, || "the blocking pool".into()));
        loop {
            match &mut self.0 {
                State::Here(batch) => {
                    if let Some(entry) = batch.entries.pop_front() {
                        unit.made_progress();
                        return Poll::Ready(entry.map(Some));
                    }
                    let Some(source) = batch.source.take() else { return Poll::Ready(Ok(None)) };
                    let mut batch = Batch { entries: std::mem::take(&mut batch.entries), source: Some(source) };
                    self.0 = State::Away(spawn_blocking(move || {
                        batch.refill();
                        batch
                    }));
                }
                State::Away(fetch) => match ready!(Pin::new(fetch).poll(cx)) {
                    Ok(batch) => self.0 = State::Here(batch),
                    Err(_) => {
                        self.0 = State::Lost;
                        return Poll::Ready(Err(blocking::not_run()));
                    }
                },
                State::Lost => return Poll::Ready(Ok(None)),
            }
        }
    }
}

/// One entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    entry: Arc<std::fs::DirEntry>,
    /// Most file systems tell it along with the name.
    file_type: Option<FileType>,
}

impl DirEntry {
    /// May block, on the file systems that do not tell the type.
    fn new(entry: std::fs::DirEntry) -> Self {
        let file_type = entry.file_type().ok();
        Self { entry: Arc::new(entry), file_type }
    }

    /// The path that was given to `read_dir`, and the name.
    pub fn path(&self) -> PathBuf {
        self.entry.path()
    }

    /// The name.
    pub fn file_name(&self) -> OsString {
        self.entry.file_name()
    }

    /// What the file system knows of it, be it a link. It is asked now.
    ///
    /// # Errors
    ///
    /// Those of the operating system; the file may be gone.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> {
        named(|| "fs::DirEntry::metadata", async move {
            let entry = self.entry.clone();
            blocking::run(move || entry.metadata()).await
        })
    }

    /// File, directory, link or other. Usually known without asking.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn file_type(&self) -> impl Future<Output = io::Result<FileType>> {
        named(|| "fs::DirEntry::file_type", async move {
            match self.file_type {
                Some(known) => Ok(known),
                None => {
                    let entry = self.entry.clone();
                    blocking::run(move || entry.file_type()).await
                }
            }
        })
    }

    /// The number of the file in its file system.
    pub fn ino(&self) -> u64 {
        self.entry.ino()
    }
}
