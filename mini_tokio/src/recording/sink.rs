//! [`Sink`]: the file of a recording, that of its lanes, and the thread that empties these while nobody else does.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::Thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::drain::Drain;
use super::format::{self, HEADER_CHECK};
use super::lanes::Lanes;

/// How old an event can become before it is in the file.
const PERIOD: Duration = Duration::from_millis(50);

pub(super) struct Sink {
    path: PathBuf,
    /// None once a write has failed.
    file: Option<File>,
    pub(super) lanes: Lanes,
}

impl Sink {
    /// For so many lanes of `size` bytes.
    pub(super) fn create(path: &Path, header: &[u8], lanes: usize, size: usize) -> io::Result<Self> {
        let explain =
            |error: io::Error| io::Error::new(error.kind(), format!("recording to {}: {error}", path.display()));
        let mut file = File::create(path).map_err(explain)?;
        file.write_all(header).map_err(explain)?;
        let lanes = Lanes::beside(path, format::word(header, HEADER_CHECK), lanes, size);
        Ok(Self { path: path.to_owned(), file: Some(file), lanes })
    }

    pub(super) fn write(&mut self, block: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(block) {
            eprintln!("mini_tokio: the recording {} ends here: {error}", self.path.display());
            self.file = None;
        }
    }
}

/// Starts the thread. It ends after the recorder did.
pub(super) fn start_thread(drain: Arc<Mutex<Drain>>) -> io::Result<Thread> {
    let body = move || {
        while drain.lock().goes_on() {
            std::thread::park_timeout(PERIOD); // or until a lane fills
        }
    };
    std::thread::Builder::new().name("mini-recorder".to_owned()).spawn(body).map(|handle| handle.thread().clone())
}
