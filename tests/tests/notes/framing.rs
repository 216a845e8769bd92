//! Note C, section 9: frames out of a stream of bytes. The protocol is Redis's, the parser as small as it can be.

use super::current_thread;
use crate::rt::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, duplex};
use crate::rt::task;
use bytes::{Buf, Bytes, BytesMut};
use std::io;

#[derive(Clone, Debug, PartialEq)]
enum Frame {
    Simple(String),
    Error(String),
    Integer(u64),
    Bulk(Bytes),
    Null,
    Array(Vec<Frame>),
}

/// The first line of `input`, and what comes after its end.
fn line(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&input[..end]).expect("the tests send text"), &input[end + 2..]))
}

/// The frame at the beginning of `input`, and what comes after it; `None` while some of it is missing.
fn parse(input: &[u8]) -> Option<(Frame, &[u8])> {
    let (head, mut rest) = line(input)?;
    let (kind, value) = head.split_at(1);
    let frame = match (kind, value) {
        ("+", text) => Frame::Simple(text.to_owned()),
        ("-", text) => Frame::Error(text.to_owned()),
        (":", number) => Frame::Integer(number.parse().expect("the tests send numbers")),
        ("$", "-1") => Frame::Null,
        ("$", length) => {
            let length: usize = length.parse().expect("the tests send lengths");
            let bytes = rest.get(..length)?;
            rest = rest.get(length + 2..)?;
            Frame::Bulk(Bytes::copy_from_slice(bytes))
        }
        ("*", length) => {
            let mut items = Vec::new();
            for _ in 0..length.parse().expect("the tests send lengths") {
                let (item, after) = parse(rest)?;
                (rest, _) = (after, items.push(item));
            }
            Frame::Array(items)
        }
        _ => panic!("no such frame: {head}"),
    };
    Some((frame, rest))
}

/// Frames in and out: a buffer that grows until a frame is whole, and a writer that gathers until it is flushed.
struct Connection<S: AsyncWrite> {
    stream: BufWriter<S>,
    buffer: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn new(stream: S) -> Self {
        Self { stream: BufWriter::new(stream), buffer: BytesMut::with_capacity(4096) }
    }

    fn parse_frame(&mut self) -> Option<Frame> {
        let (frame, rest) = parse(&self.buffer)?;
        let used = self.buffer.len() - rest.len();
        self.buffer.advance(used);
        Some(frame)
    }

    async fn read_frame(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.parse_frame() {
                return Ok(Some(frame));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                return Err(io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer"));
            }
        }
    }

    async fn write_frame(&mut self, frame: &Frame) -> io::Result<()> {
        match frame {
            Frame::Simple(text) => self.write_line(b'+', text).await?,
            Frame::Error(text) => self.write_line(b'-', text).await?,
            Frame::Integer(number) => self.write_line(b':', &number.to_string()).await?,
            Frame::Null => self.write_line(b'$', "-1").await?,
            Frame::Bulk(bytes) => {
                self.write_line(b'$', &bytes.len().to_string()).await?;
                self.stream.write_all(bytes).await?;
                self.stream.write_all(b"\r\n").await?;
            }
            Frame::Array(_) => return Err(io::ErrorKind::Unsupported.into()),
        }
        self.stream.flush().await
    }

    async fn write_line(&mut self, kind: u8, text: &str) -> io::Result<()> {
        self.stream.write_u8(kind).await?;
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await
    }
}

/// C9.1: frames come out whole, however the bytes come in; what comes after a frame is kept for the next
#[test]
fn frames_are_put_together_from_pieces() {
    current_thread().block_on(async {
        let wire = b"+OK\r\n-no such key\r\n:42\r\n$5\r\nhe\r\nl\r\n$-1\r\n*2\r\n+GET\r\n$1\r\nk\r\n";
        let (mut peer, ours) = duplex(64);
        task::spawn(async move {
            for byte in wire {
                peer.write_all(&[*byte]).await.unwrap();
                task::yield_now().await;
            }
        });
        let mut connection = Connection::new(ours);
        let mut frames = Vec::new();
        while let Some(frame) = connection.read_frame().await.unwrap() {
            frames.push(frame);
        }
        let command = Frame::Array(vec![Frame::Simple("GET".to_owned()), Frame::Bulk(Bytes::from_static(b"k"))]);
        assert_eq!(
            frames,
            [
                Frame::Simple("OK".to_owned()),
                Frame::Error("no such key".to_owned()),
                Frame::Integer(42),
                Frame::Bulk(Bytes::from_static(b"he\r\nl")),
                Frame::Null,
                command,
            ]
        );
    });
}

/// C9.1: what is written arrives at the flush and is read as the same frame; a number costs no write of its own
#[test]
fn a_written_frame_is_flushed_in_one_piece() {
    current_thread().block_on(async {
        let (mut peer, ours) = duplex(64);
        let mut connection = Connection::new(ours);
        connection.write_line(b':', "7").await.unwrap();
        let mut buffer = [0; 64];
        // Still in the buffer of the writer.
        assert!(futures::poll!(std::pin::pin!(peer.read(&mut buffer))).is_pending());
        connection.stream.flush().await.unwrap();
        assert_eq!(peer.read(&mut buffer).await.unwrap(), 4);
        assert_eq!(&buffer[..4], b":7\r\n");

        let mut peer = Connection::new(peer);
        let frames = [
            Frame::Simple("OK".to_owned()),
            Frame::Error("unimplemented".to_owned()),
            Frame::Integer(u64::MAX),
            Frame::Bulk(Bytes::from_static(b"value")),
            Frame::Null,
        ];
        for frame in frames {
            connection.write_frame(&frame).await.unwrap();
            assert_eq!(peer.read_frame().await.unwrap(), Some(frame));
        }
    });
}

/// C9.1: the end between two frames is the end; the end inside of a frame is an error
#[test]
fn an_end_inside_of_a_frame_is_an_error() {
    current_thread().block_on(async {
        for (wire, last) in [("+OK\r\n", Ok(None)), ("+OK\r\n$5\r\nhel", Err(io::ErrorKind::ConnectionReset))] {
            let (mut peer, ours) = duplex(64);
            peer.write_all(wire.as_bytes()).await.unwrap();
            drop(peer);
            let mut connection = Connection::new(ours);
            assert_eq!(connection.read_frame().await.unwrap(), Some(Frame::Simple("OK".to_owned())));
            assert_eq!(connection.read_frame().await.map_err(|error| error.kind()), last);
        }
    });
}
