//! The functions of [`std::fs`], each in one hop to the blocking pool.
//!
//! For all of them: the errors are those of the standard library's function of the same name, and one that says
//! "background task failed" if the runtime shut down before it began. They panic outside a runtime. Dropping the future
//! does not stop what has begun.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use crate::blocking;
use crate::leaf::named;

/// The absolute form of `path`, without links and dots in it.
pub fn canonicalize(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    named(|| "fs::canonicalize", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::canonicalize(path)).await
    })
}

/// Copies the contents and the permissions of one file to another, which is replaced. Returns how many bytes these are.
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> impl Future<Output = io::Result<u64>> {
    named(|| "fs::copy", async move {
        let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
        blocking::run(move || fs::copy(from, to)).await
    })
}

/// Creates a directory, whose parent must exist.
pub fn create_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::create_dir", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::create_dir(path)).await
    })
}

/// Creates a directory and those above it, where they are missing.
pub fn create_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::create_dir_all", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::create_dir_all(path)).await
    })
}

/// Gives the file at `original` a second name.
pub fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::hard_link", async move {
        let (original, link) = (original.as_ref().to_owned(), link.as_ref().to_owned());
        blocking::run(move || fs::hard_link(original, link)).await
    })
}

/// What the file system knows of the file at `path`; of a link, what it knows of its target.
pub fn metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    named(|| "fs::metadata", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::metadata(path)).await
    })
}

/// Reads a whole file, in one hop.
// ANCHOR: fs-one-hop
pub fn read(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Vec<u8>>> {
    named(|| "fs::read", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::read(path)).await
    })
}

/// The path that the link at `path` stands for.
pub fn read_link(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    named(|| "fs::read_link", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::read_link(path)).await
    })
}

/// Reads a whole file of text, in one hop. Fails with `InvalidData` if it is not UTF-8.
pub fn read_to_string(path: impl AsRef<Path>) -> impl Future<Output = io::Result<String>> {
    named(|| "fs::read_to_string", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::read_to_string(path)).await
    })
}

/// Removes an empty directory.
pub fn remove_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::remove_dir", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::remove_dir(path)).await
    })
}

/// Removes a directory with all that is in it. Links are removed, not followed.
pub fn remove_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::remove_dir_all", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::remove_dir_all(path)).await
    })
}

/// Removes a name of a file. The file goes with its last name and the last descriptor of it.
pub fn remove_file(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::remove_file", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::remove_file(path)).await
    })
}

/// Renames a file or a directory, and replaces what has that name, in one moment. Both names are on one file system.
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::rename", async move {
        let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
        blocking::run(move || fs::rename(from, to)).await
    })
}

/// Says who may do what with the file at `path`.
pub fn set_permissions(path: impl AsRef<Path>, perm: Permissions) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::set_permissions", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::set_permissions(path, perm)).await
    })
}

/// Makes `link` stand for `original`, which need not exist.
pub fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::symlink", async move {
        let (original, link) = (original.as_ref().to_owned(), link.as_ref().to_owned());
        blocking::run(move || std::os::unix::fs::symlink(original, link)).await
    })
}

/// What the file system knows of the file at `path`, be it a link.
pub fn symlink_metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    named(|| "fs::symlink_metadata", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || fs::symlink_metadata(path)).await
    })
}

/// Whether there is anything at `path`. An error says that this cannot be known.
pub fn try_exists(path: impl AsRef<Path>) -> impl Future<Output = io::Result<bool>> {
    named(|| "fs::try_exists", async move {
        let path = path.as_ref().to_owned();
        blocking::run(move || path.try_exists()).await
    })
}

/// Makes a file with these contents, in one hop; replaces those of one that exists.
///
/// A future that is dropped may leave the file as it was, or written, or anything between.
pub fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> impl Future<Output = io::Result<()>> {
    named(|| "fs::write", async move {
        let (path, contents) = (path.as_ref().to_owned(), contents.as_ref().to_owned());
        blocking::run(move || fs::write(path, contents)).await
    })
}
