//! [`Connection`]: a socket that speaks in frames. Row C9.1 of the notes.
//!
//! ```text
//!              ┌───────────────────── Connection ──────────────────────┐
//!   socket ──▶ │ read_buf ──▶ BytesMut ──▶ Frame::parse ──▶ read_frame │ ──▶ one frame
//!   socket ◀── │ flush   ◀── BufWriter ◀── Frame::write ◀─ write_frame │ ◀── one reply
//!              └───────────────────────────────────────────────────────┘
//! ```
//!
//! A socket knows nothing of frames. One read may bring half a frame, or a hundred; so what was read is kept in a buffer until
//! it makes a frame.
//!
//! # Invariants
//!
//! * `CONNECTION-1` Replies leave when the last frame of a batch is answered: `read_frame` flushes when it has to wait for the
//!   peer, and only then. A client that sends 16 commands at once gets its 16 replies with one system call, and a client that
//!   waits for its reply never waits for ever.
//! * `CONNECTION-2` Dropping the future of `read_frame` loses nothing: bytes are in the buffer or still in the socket.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use mini_tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use mini_tokio::net::TcpStream;
use mini_tokio::time::timeout;

use crate::frame::{Frame, ProtocolError};

/// How long a connection that is done waits for its peer to leave.
const LINGER: Duration = Duration::from_secs(1);

pub struct Connection {
    stream: BufWriter<TcpStream>,
    /// What was read and is not a whole frame yet, or not asked for yet.
    buffer: BytesMut,
    /// Where a reply is put together; kept for its memory.
    scratch: Vec<u8>,
}

/// Why a connection ends early.
#[derive(Debug)]
pub enum ReadError {
    Io(io::Error),
    Protocol(ProtocolError),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream: BufWriter::new(stream), buffer: BytesMut::with_capacity(4096), scratch: Vec::new() }
    }

    // ANCHOR: redis-read-frame
    /// The next frame, or `None` when the peer is done.
    ///
    /// # Errors
    ///
    /// If the peer sends what is no frame, or leaves in the middle of one. Whatever the socket says.
    pub async fn read_frame(&mut self) -> Result<Option<Frame>, ReadError> {
        loop {
            if let Some(frame) = Frame::parse(&mut self.buffer).map_err(ReadError::Protocol)? {
                return Ok(Some(frame));
            }
            self.stream.flush().await?;
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the peer left in the middle of a frame").into())
                };
            }
        }
    }

    /// Puts a reply into the write buffer; see `CONNECTION-1` for when it leaves.
    pub async fn write_frame(&mut self, frame: &Frame) -> io::Result<()> {
        self.scratch.clear();
        frame.write_to(&mut self.scratch);
        self.stream.write_all(&self.scratch).await
    }

    /// Sends what is left and says that there will be no more, then waits for the peer to leave, though not for long.
    ///
    /// Why wait? A socket that is closed with unread bytes in it is reset, and the reset may overtake the last reply: the
    /// client would never learn what was wrong with its request.
    pub async fn close(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let until_it_leaves = async {
            while self.stream.read_buf(&mut self.buffer).await? != 0 {
                self.buffer.clear();
            }
            Ok(())
        };
        timeout(LINGER, until_it_leaves).await.unwrap_or(Ok(()))
    }
}
