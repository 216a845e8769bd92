//! [`File`]: an open file, read and written by way of the blocking pool.
//!
//! ```text
//!   File  --  Arc<std::fs::File>  ----------------------------  metadata, set_permissions ...: one hop each
//!     |
//!     '--  Berth<Shuttle>  -- &mut self: poll_read, poll_write, seek ...
//!                          -- &self:     sync_all, set_len, try_clone: take it out, wait until it is here, hop
//! ```
//!
//! The machine of reads and writes is `blocking/shuttle.rs`; read that first. Here is what makes it a file.
//!
//! - **FILE-1** What was written before comes before: `sync_all`, `set_len`, `into_std` and `try_clone` wait for the hop
//!   under way. They have the shuttle meanwhile, so that none can begin.
//! - **FILE-2** Reading ahead moves the cursor further than the program knows. So it is done only where nobody can see
//!   the cursor but us: in files that we opened ourselves, on a disk, as long as nobody has borrowed the descriptor or
//!   cloned the file. Whoever is given the descriptor finds the cursor where it belongs.
//!
//! tokio reads exactly what is asked for, hop by hop. Left out: its Windows half.

use std::fmt;
use std::fs::{File as StdFile, Metadata, Permissions};
use std::future::poll_fn;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use bytes::BufMut;

use super::{FileTimes, OpenOptions};
use crate::blocking;
use crate::blocking::borrow::{Berth, Taken};
use crate::blocking::shuttle::{Device, MOST_PER_HOP, Shuttle};
use crate::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf, spare};
use crate::leaf::named;

/// An open file.
///
/// It is read and written with the methods of [`AsyncReadExt`](crate::io::AsyncReadExt),
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt) and [`AsyncSeekExt`](crate::io::AsyncSeekExt).
///
/// A write is ready when the bytes are in the file's buffer; they are written in the background, in order, and an error is
/// reported by the next write or by [`flush`](crate::io::AsyncWriteExt::flush). So a program that wants to know, or that
/// drops the file and wants it closed then, flushes. To have the data on the disk: [`sync_all`](Self::sync_all).
///
/// Reads go to the blocking pool, up to 2 MiB at a time. A program that reads on and on in small pieces is served from
/// more than it asked for; the file's position is still where the program thinks.
///
/// Any runtime will do for any operation. Outside a runtime they panic.
pub struct File {
    file: Arc<StdFile>,
    shuttle: Berth<Shuttle<StdFile>>,
    max_buf_size: usize,
    /// FILE-2: somebody else may see the cursor. Relaxed: a hint of this thread's, or of one that synchronised with us
    /// to hand the file over.
    exposed: AtomicBool,
}

impl Device for StdFile {
    fn read(&self, into: &mut Vec<u8>, room: usize) -> io::Result<()> {
        spare::append(&mut into.limit(room), |spare| spare.read(self)).map(drop)
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        (&mut &*self).write_all(bytes)
    }

    fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        (&mut &*self).seek(to)
    }
}

impl File {
    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn open(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        named(|| "fs::File::open", async move { Self::options().read(true).open(path).await })
    }

    /// Opens a file for writing: a new one, or what there is without its contents.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn create(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        named(
            || "fs::File::create",
            async move { Self::options().write(true).create(true).truncate(true).open(path).await },
        )
    }

    /// Makes a new file, for reading and writing. Fails if there is one, without a gap between the look and the making.
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn create_new<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<File>> {
        named(|| "fs::File::create_new", async move {
            Self::options().read(true).write(true).create_new(true).open(path).await
        })
    }

    /// Other ways of opening a file.
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of the standard library. Other descriptors of it may exist: reads are exact (FILE-2).
    pub fn from_std(std: StdFile) -> File {
        Self::opened(std, false)
    }

    pub(super) fn opened(file: StdFile, reads_ahead: bool) -> File {
        Self::assemble(Arc::new(file), reads_ahead, MOST_PER_HOP)
    }

    fn assemble(file: Arc<StdFile>, reads_ahead: bool, max_buf_size: usize) -> File {
        let mut shuttle = Shuttle::new(file.clone());
        shuttle.read_ahead(reads_ahead);
        shuttle.set_most_per_hop(max_buf_size);
        File { file, shuttle: Berth::new(shuttle), max_buf_size, exposed: AtomicBool::new(!reads_ahead) }
    }

    /// Waits until everything that was written, and what the file system knows of the file, is on the disk.
    ///
    /// The error of a write is not reported here but by `flush`; flush first.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::sync_all`].
    pub fn sync_all(&self) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::sync_all", async move {
            let _shuttle = self.settled().await;
            self.hop(StdFile::sync_all).await
        })
    }

    /// As [`sync_all`](Self::sync_all), but leaves out what is not needed for reading the data back, like time stamps.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::sync_data`].
    pub fn sync_data(&self) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::sync_data", async move {
            let _shuttle = self.settled().await;
            self.hop(StdFile::sync_data).await
        })
    }

    /// Cuts the file off at `size` bytes, or fills it up to there with zeros. The position stays.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::set_len`].
    pub fn set_len(&self, size: u64) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::set_len", async move {
            let mut shuttle = self.settled().await;
            shuttle.give_back()?; // or the next read would find bytes that are no more
            self.hop(move |file| file.set_len(size)).await
        })
    }

    /// What the file system knows of the file now. Does not wait for writes.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::metadata`].
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> {
        named(|| "fs::File::metadata", self.hop(StdFile::metadata))
    }

    /// A second owner of the same open file. The position is one for both.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::try_clone`].
    pub fn try_clone(&self) -> impl Future<Output = io::Result<File>> {
        named(|| "fs::File::try_clone", async move {
            let mut shuttle = self.settled().await;
            self.expose(Some(&mut shuttle));
            let mut clone = File::from_std(self.hop(StdFile::try_clone).await?);
            clone.set_max_buf_size(self.max_buf_size);
            Ok(clone)
        })
    }

    /// Waits for what is under way and becomes a file of the standard library.
    ///
    /// # Panics
    ///
    /// If a dropped future of another method still runs and the process has no descriptor left.
    pub fn into_std(self) -> impl Future<Output = StdFile> {
        named(|| "fs::File::into_std", async move {
            self.expose(Some(&mut *self.settled().await));
            let File { file, shuttle, .. } = self;
            drop(shuttle);
            // Not ours alone if the closure of a dropped `metadata` still holds on to it.
            Arc::try_unwrap(file).unwrap_or_else(|file| file.try_clone().expect("a descriptor for the file"))
        })
    }

    /// Becomes a file of the standard library, if nothing is under way.
    ///
    /// # Errors
    ///
    /// With the file, if an operation is under way.
    #[allow(clippy::result_large_err)] // tokio's signature
    pub fn try_into_std(mut self) -> Result<StdFile, Self> {
        let shuttle = self.shuttle();
        // Perhaps it has returned and nobody was told.
        let _ = shuttle.poll_here(&mut Context::from_waker(Waker::noop()));
        if shuttle.is_away() || shuttle.give_back().is_err() {
            return Err(self);
        }
        let File { file, shuttle, max_buf_size, .. } = self;
        drop(shuttle);
        // Not ours alone while the closure of a dropped `metadata` runs.
        Arc::try_unwrap(file).map_err(|file| Self::assemble(file, false, max_buf_size))
    }

    /// Says who may do what with the file.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::set_permissions`].
    pub fn set_permissions(&self, perm: Permissions) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::set_permissions", self.hop(move |file| file.set_permissions(perm)))
    }

    /// Sets time stamps of the file.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::set_times`].
    pub fn set_times(&self, times: FileTimes) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::set_times", self.hop(move |file| file.set_times(times.into_std())))
    }

    /// Sets when the file was last written.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::File::set_modified`].
    pub fn set_modified(&self, time: SystemTime) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::File::set_modified", self.set_times(FileTimes::new().set_modified(time)))
    }

    /// The most bytes that one operation moves, and so the size of the buffer; 2 MiB unless it is set.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.max_buf_size = max_buf_size;
        self.shuttle().set_most_per_hop(max_buf_size);
    }

    /// See [`set_max_buf_size`](Self::set_max_buf_size).
    pub fn max_buf_size(&self) -> usize {
        self.max_buf_size
    }

    /// The shuttle, for the operations that have the file to themselves.
    fn shuttle(&mut self) -> &mut Shuttle<StdFile> {
        let shuttle = self.shuttle.get_mut(|| Shuttle::new(self.file.clone()));
        if *self.exposed.get_mut() {
            shuttle.read_ahead(false);
        }
        shuttle
    }

    /// The shuttle, for those that share it, when no hop is under way. (FILE-1)
    async fn settled(&self) -> Taken<'_, Shuttle<StdFile>> {
        let mut shuttle = self.shuttle.take().await;
        poll_fn(|cx| shuttle.poll_here(cx)).await;
        shuttle
    }

    /// Somebody else is going to see the cursor. (FILE-2)
    // ANCHOR: fs-expose
    fn expose(&self, shuttle: Option<&mut Shuttle<StdFile>>) {
        self.exposed.store(true, Ordering::Relaxed);
        if let Some(shuttle) = shuttle {
            // Fails for pipes and the like, which have no cursor, and so nothing was read ahead.
            let _ = shuttle.give_back();
        }
    }

    async fn hop<R: Send + 'static>(
        &self,
        call: impl FnOnce(&StdFile) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let file = self.file.clone();
        blocking::run(move || call(&file)).await
    }
}

impl AsyncRead for File {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.shuttle().poll_read(cx, buf)
    }
}

impl AsyncWrite for File {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.shuttle().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shuttle().poll_flush(cx)
    }

    /// Flushes, and nothing else.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.shuttle().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl AsyncSeek for File {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.shuttle().start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        self.shuttle().poll_seek(cx)
    }
}

impl From<StdFile> for File {
    fn from(std: StdFile) -> Self {
        Self::from_std(std)
    }
}

impl From<OwnedFd> for File {
    fn from(fd: OwnedFd) -> Self {
        Self::from_std(StdFile::from(fd))
    }
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl AsFd for File {
    /// From now on reads are exact. (FILE-2)
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.expose(self.shuttle.try_take().as_deref_mut());
        self.file.as_fd()
    }
}

impl FromRawFd for File {
    // SAFETY: the caller's promise is that of `FromRawFd`: the descriptor is open and nobody else's.
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: as above.
        Self::from_std(unsafe { StdFile::from_raw_fd(fd) })
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("tokio::fs::File").field("std", &self.file).finish()
    }
}
