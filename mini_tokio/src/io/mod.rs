//! Reading and writing bytes without blocking.
//!
//! ```text
//!   traits                 AsyncRead   AsyncBufRead   AsyncWrite   AsyncSeek       what a stream must do: poll_...
//!   methods                AsyncReadExt   AsyncBufReadExt   AsyncWriteExt ...      what a program calls: futures
//!   layers                 BufReader   BufWriter   BufStream   Chain   Take        streams made of streams
//!   ends                   split   join   duplex   simplex   empty   sink          streams made of memory
//!   pumps                  copy   copy_buf   copy_bidirectional                    from one stream to another
//! ```
//!
//! Everything here knows wakers and nothing of reactors or schedulers, and runs under any executor. Sockets and files
//! implement the traits in their own rooms. The one exception is `stdin`, `stdout` and `stderr`, which need the blocking
//! pool of a runtime.
//!
//! Two rules hold everywhere:
//! - `IO-1`: a poll that returns `Pending` or an error has moved no byte that the caller cannot find again: bytes are
//!   taken from a source only in the moment in which they are stored at the destination.
//! - `IO-2`: a future that is dropped half way loses at most what its documentation says under *Cancel safety*.

mod async_buf_read;
mod async_read;
mod async_seek;
mod async_write;
mod buf_read;
mod buf_reader;
mod buf_stream;
mod buf_writer;
mod copy;
mod copy_bidirectional;
mod copy_buf;
mod duplex;
mod empty;
mod halves;
mod join;
mod pipe;
pub(crate) mod poll_evented;
mod read;
mod read_buf;
mod repeat;
mod seek;
mod sink;
pub(crate) mod spare;
mod stdio;
pub mod unix;
mod write;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use async_buf_read::AsyncBufRead;
pub use async_read::AsyncRead;
pub use async_seek::AsyncSeek;
pub use async_write::AsyncWrite;
pub use buf_read::{AsyncBufReadExt, Lines, Split};
pub use buf_reader::BufReader;
pub use buf_stream::BufStream;
pub use buf_writer::BufWriter;
pub use copy::copy;
pub use copy_bidirectional::{copy_bidirectional, copy_bidirectional_with_sizes};
pub use copy_buf::copy_buf;
pub use duplex::{DuplexStream, duplex};
pub use empty::{Empty, empty};
pub use halves::{ReadHalf, WriteHalf, split};
pub use join::{Join, join};
pub use pipe::{SimplexStream, simplex};
pub use reactor::{Interest, Ready};
pub use read::{AsyncReadExt, Chain, Take};
pub use read_buf::ReadBuf;
pub use repeat::{Repeat, repeat};
pub use seek::AsyncSeekExt;
pub use sink::{Sink, sink};
pub use std::io::{Error, ErrorKind, Result, SeekFrom};
pub use stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use write::AsyncWriteExt;
