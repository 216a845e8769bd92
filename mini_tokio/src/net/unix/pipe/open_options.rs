//! [`OpenOptions`]: how a named pipe is opened.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use super::{End, Receiver, Sender};

/// How to open an end of a named pipe.
///
/// ```no_run
/// use mini_tokio::net::unix::pipe;
///
/// # async fn example() -> std::io::Result<()> {
/// let receiver = pipe::OpenOptions::new().open_receiver("/run/orders")?;
/// # drop(receiver);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    read_write: bool,
    unchecked: bool,
}

impl OpenOptions {
    /// The options with which nothing special happens.
    #[allow(clippy::new_without_default)] // there is one, below
    pub fn new() -> OpenOptions {
        OpenOptions {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            read_write: false,
            unchecked: false,
        }
    }

    /// Opens the pipe for both reading and writing, whichever end is asked for. The pipe then never ends, nor breaks,
    /// because this process has the other end too; and a sender may be opened before there is a receiver.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.read_write = value;
        self
    }

    /// Leaves out the check that the path is a named pipe. For something else the results are unspecified.
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.unchecked = value;
        self
    }

    /// Opens the receiving end. There need not be a sender: until there was one, nothing is there to read, and an
    /// attempt answers that the pipe has ended.
    ///
    /// # Errors
    ///
    /// Those of the operating system; `InvalidInput` if the path is no named pipe; if the runtime has shut down.
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        Receiver::from_file_unchecked(self.open(path.as_ref(), End::Receiver)?)
    }

    /// Opens the sending end.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is no receiver; otherwise as for [`open_receiver`](Self::open_receiver).
    ///
    /// # Panics
    ///
    /// Outside a runtime, or if it was built without I/O.
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        Sender::from_file_unchecked(self.open(path.as_ref(), End::Sender)?)
    }

    fn open(&self, path: &Path, end: End) -> io::Result<File> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let both = self.read_write;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let both = false;
        let file = fs::OpenOptions::new()
            .read(both || end == End::Receiver)
            .write(both || end == End::Sender)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        if !self.unchecked && !file.metadata()?.file_type().is_fifo() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a pipe"));
        }
        Ok(file)
    }
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}
