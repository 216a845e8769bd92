//! Reading and writing bytes without blocking. Code: `mini_tokio/src/io`.

pub use mini_tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, Error, ErrorKind, ReadBuf, Result, SeekFrom};
#[cfg(feature = "io-util")]
pub use mini_tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufStream, BufWriter, Chain, DuplexStream,
    Empty, Join, Lines, ReadHalf, Repeat, SimplexStream, Sink, Split, Take, WriteHalf, copy, copy_bidirectional,
    copy_bidirectional_with_sizes, copy_buf, duplex, empty, join, repeat, simplex, sink, split,
};
#[cfg(feature = "net")]
pub use mini_tokio::io::{Interest, Ready};

/// Waiting for descriptors of any kind.
#[cfg(feature = "net")]
pub mod unix {
    #[allow(deprecated)]
    pub use mini_tokio::io::unix::AsyncFdTryNewError;
    pub use mini_tokio::io::unix::{
        AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, TryIoError,
    };
}
#[cfg(feature = "io-std")]
pub use mini_tokio::io::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
