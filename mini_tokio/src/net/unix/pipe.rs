//! Pipes: bytes in one direction, from a [`Sender`] to a [`Receiver`].
//!
//! ```text
//!   pipe()                                     a pair without a name, for this process or to give to a child
//!   OpenOptions::open_sender, open_receiver    one end of a named pipe (a FIFO), that other programs open too
//! ```
//!
//! A pipe ends when its last sender is gone: the receiver reads what is left, and then the end. A *named* pipe may begin
//! again: another sender opens it, and the receiver that has read an end reads on. That is why an attempt which answers
//! `WouldBlock` takes back the closing as well (READY-3). And a pipe without receivers breaks: the sender's next write
//! is an error (`BrokenPipe`).
//!
//! A descriptor from elsewhere is checked before it is believed to be a pipe, since everything here relies on edges that
//! a file does not have; and is put into non-blocking mode, which belongs to the *open file*: whoever shares it, the
//! parent process perhaps, gets it too. `into_blocking_fd` is the way back.

mod open_options;
mod receiver;
mod sender;

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;

pub use self::open_options::OpenOptions;
pub use self::receiver::Receiver;
pub use self::sender::Sender;

/// Makes a pipe without a name.
///
/// # Errors
///
/// Those of the operating system; if the runtime has shut down.
///
/// # Panics
///
/// Outside a runtime, or if it was built without I/O.
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let (sender, receiver) = mio::unix::pipe::new()?;
    Ok((Sender::new(sender)?, Receiver::new(receiver)?))
}

/// Which end of a pipe a descriptor is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Sender,
    Receiver,
}

/// The descriptor if it is that end of a pipe, in non-blocking mode.
fn checked(fd: OwnedFd, end: End) -> io::Result<OwnedFd> {
    let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let file = File::from(fd);
    if !file.metadata()?.file_type().is_fifo() {
        return refuse("not a pipe");
    }
    let fd = OwnedFd::from(file);
    let flags = flags(&fd)?;
    match (end, flags & libc::O_ACCMODE) {
        (_, libc::O_RDWR) | (End::Sender, libc::O_WRONLY) | (End::Receiver, libc::O_RDONLY) => {}
        (End::Sender, _) => return refuse("not in O_WRONLY or O_RDWR access mode"),
        (End::Receiver, _) => return refuse("not in O_RDONLY or O_RDWR access mode"),
    }
    if flags & libc::O_NONBLOCK == 0 {
        set_nonblocking(&fd, true)?;
    }
    Ok(fd)
}

fn set_nonblocking(fd: &OwnedFd, nonblocking: bool) -> io::Result<()> {
    let flags = flags(fd)? & !libc::O_NONBLOCK;
    let flags = if nonblocking { flags | libc::O_NONBLOCK } else { flags };
    fcntl(fd, libc::F_SETFL, flags).map(drop)
}

fn flags(fd: &OwnedFd) -> io::Result<libc::c_int> {
    fcntl(fd, libc::F_GETFL, 0)
}

fn fcntl(fd: &OwnedFd, command: libc::c_int, argument: libc::c_int) -> io::Result<libc::c_int> {
    // SAFETY: the descriptor is open, and both commands take a number.
    match unsafe { libc::fcntl(fd.as_raw_fd(), command, argument) } {
        -1 => Err(io::Error::last_os_error()),
        answer => Ok(answer),
    }
}
