//! Files and directories, without blocking a worker.
//!
//! A disk file is always "ready" in the eyes of epoll, and a read of it blocks all the same until the disk has answered.
//! So every operation here runs on the blocking pool, and the art is to go there rarely:
//!
//! * [`read`], [`write`](write()), [`copy`] and the like are the standard library's functions, each one hop to the pool and
//!   back, however large the file is.
//! * A [`File`] has a buffer, which carries many bytes per hop, and takes writes before they are done: see `file`, and
//!   `blocking/shuttle.rs` below it.
//! * [`ReadDir`] fetches entries by the dozen.
//!
//! A future that is dropped does not undo or stop an operation that has begun. One that was not begun when the runtime
//! shuts down is not done, and fails; except for writes, which were reported as done already: these happen.
//!
//! Everything here panics outside a runtime. Under a paused clock time stands still while an operation is under way.
//!
//! Left out: io_uring, which tokio uses under `--cfg tokio_unstable` for some of this.

mod dir_builder;
mod file;
mod file_times;
mod functions;
mod open_options;
mod read_dir;

pub use dir_builder::DirBuilder;
pub use file::File;
pub use file_times::FileTimes;
pub use functions::{
    canonicalize, copy, create_dir, create_dir_all, hard_link, metadata, read, read_link, read_to_string, remove_dir,
    remove_dir_all, remove_file, rename, set_permissions, symlink, symlink_metadata, try_exists, write,
};
pub use open_options::OpenOptions;
pub use read_dir::{DirEntry, ReadDir, read_dir};
