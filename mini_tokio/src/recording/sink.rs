//! [`Sink`]: the file of a recording, and the thread that fills it while nobody else does.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread::Thread;
use std::time::Duration;

use super::recorder::Recorder;

/// How old an event can become before it is in the file.
const PERIOD: Duration = Duration::from_millis(50);

pub(super) struct Sink {
    path: PathBuf,
    /// None once a write has failed.
    file: Option<File>,
}

impl Sink {
    pub(super) fn create(path: &Path, header: &[u8]) -> io::Result<Self> {
        let explain =
            |error: io::Error| io::Error::new(error.kind(), format!("recording to {}: {error}", path.display()));
        let mut file = File::create(path).map_err(explain)?;
        file.write_all(header).map_err(explain)?;
        Ok(Self { path: path.to_owned(), file: Some(file) })
    }

    pub(super) fn write(&mut self, block: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(block) {
            eprintln!("mini_tokio: the recording {} ends here: {error}", self.path.display());
            self.file = None;
        }
    }
}

/// Starts the thread. It holds no reference to the recorder while it sleeps, and ends after the recorder did.
pub(super) fn start_thread(recorder: &Arc<Recorder>) -> io::Result<Thread> {
    let recorder: Weak<Recorder> = Arc::downgrade(recorder);
    let body = move || {
        while let Some(recorder) = recorder.upgrade() {
            recorder.flush();
            drop(recorder);
            std::thread::park_timeout(PERIOD); // or until a lane fills
        }
    };
    std::thread::Builder::new().name("mini-recorder".to_owned()).spawn(body).map(|handle| handle.thread().clone())
}
