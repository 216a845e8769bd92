//! [`Input`]: the text that the acts count, send and hash.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use examples::count;

use crate::stage::Failure;

/// Where the source of the runtime is.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../mini_tokio/src");
/// Less than this is no work.
const AT_LEAST: usize = 64 * 1024;

pub struct Input {
    pub text: Bytes,
    files: usize,
}

impl Input {
    /// The files at or below `path`, one after the other; the source of the runtime if no path is given.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or hold nothing.
    pub fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.unwrap_or(Path::new(SOURCE));
        let explain = |error: io::Error| Failure(format!("cannot read {}: {error}", path.display()));
        let mut files = Vec::new();
        list(path, &mut files).map_err(explain)?;
        files.sort();
        let mut text = Vec::new();
        for file in &files {
            text.extend(fs::read(file).map_err(explain)?);
        }
        if text.is_empty() {
            return Err(Failure(format!("{} holds no text", path.display())));
        }
        // A short input is repeated: all acts find enough to do.
        let once = text.clone();
        while text.len() < AT_LEAST {
            text.extend_from_slice(&once);
        }
        Ok(Self { text: text.into(), files: files.len() })
    }

    /// `length` bytes of the text from `at` on, as if it were a ring.
    pub fn slice(&self, at: usize, length: usize) -> Bytes {
        let length = length.min(self.text.len());
        let at = at % (self.text.len() - length + 1);
        self.text.slice(at..at + length)
    }
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        list(&entry?.path(), files)?;
    }
    Ok(())
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files, {} KiB of text", count(self.files), count(self.text.len() / 1024))
    }
}
