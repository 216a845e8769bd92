//! Buffered reading: few reads of the inner reader, and every byte in order.

use super::BufReader;
use crate::io::script::{Step, poll_once, reader};
use crate::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWriteExt, ErrorKind, ReadBuf};
use futures::executor::block_on;
use std::future::poll_fn;
use std::io::{self, Cursor, SeekFrom};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

#[test]
fn many_small_reads_are_one_large_one() {
    let mut source = BufReader::new(reader([Step::Give(b"abcdef")]));
    for expected in b"abcdef" {
        assert_eq!(block_on(source.read_u8()).unwrap(), *expected);
    }
    assert_eq!(source.get_ref().polls, 1);
}

#[test]
fn a_large_read_passes_by_an_empty_buffer() {
    let mut source = BufReader::with_capacity(2, reader([Step::Give(b"abcdef")]));
    let mut buf = [0; 4];
    assert_eq!(block_on(source.read(&mut buf)).unwrap(), 4);
    assert_eq!(source.buffer(), b"");
    assert_eq!(block_on(source.read(&mut buf[..1])).unwrap(), 1);
    assert_eq!(source.buffer(), b"f");
    assert_eq!(block_on(source.read(&mut buf)).unwrap(), 1, "what is buffered comes first, alone");
}

#[test]
fn pending_and_errors_lose_nothing() {
    let mut source =
        BufReader::new(reader([Step::Give(b"a"), Step::Pend, Step::Fail(ErrorKind::Other), Step::Give(b"b")]));
    assert_eq!(block_on(source.read_u8()).unwrap(), b'a');
    assert!(poll_once(pin!(source.read(&mut [0]))).is_pending());
    assert_eq!(block_on(source.read_u8()).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(block_on(source.read_u8()).unwrap(), b'b');
}

#[test]
fn consuming_too_much_stops_at_the_end_of_the_buffer() {
    let mut source = BufReader::with_capacity(4, &b"abcdef"[..]);
    block_on(source.fill_buf()).unwrap();
    source.consume(100);
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"ef");
}

#[test]
fn a_seek_is_relative_to_what_was_read_here() {
    let bytes: &[u8] = &[5, 6, 7, 0, 1, 2, 3, 4];
    let mut source = BufReader::with_capacity(2, Cursor::new(bytes));
    block_on(async {
        assert_eq!(source.seek(SeekFrom::Start(3)).await.unwrap(), 3);
        assert_eq!(source.fill_buf().await.unwrap(), [0, 1]);
        assert!(source.seek(SeekFrom::Current(i64::MIN)).await.is_err());
        assert_eq!(source.fill_buf().await.unwrap(), [0, 1]);
        assert_eq!(source.seek(SeekFrom::Current(1)).await.unwrap(), 4);
        assert_eq!(source.fill_buf().await.unwrap(), [1, 2]);
        source.consume(1);
        assert_eq!(source.seek(SeekFrom::Current(-2)).await.unwrap(), 3);
        assert_eq!(source.stream_position().await.unwrap(), 3);
        assert_eq!(source.rewind().await.unwrap(), 0);
    });
    assert_eq!((source.buffer(), source.get_ref().position()), (&[][..], 0));
}

/// Each byte is its position; seeks wrap around.
struct Positions(u64);

impl AsyncRead for Positions {
    fn poll_read(mut self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while buf.remaining() > 0 {
            buf.put_slice(&[self.0 as u8]);
            self.0 = self.0.wrapping_add(1);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for Positions {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.0 = match position {
            SeekFrom::Start(n) => n,
            SeekFrom::Current(n) => self.0.wrapping_add(n as u64),
            SeekFrom::End(n) => u64::MAX.wrapping_add(n as u64),
        };
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.0))
    }
}

#[test]
fn a_distance_too_far_for_one_seek_takes_two() {
    let mut source = BufReader::with_capacity(5, Positions(0));
    block_on(async {
        assert_eq!(source.fill_buf().await.unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(source.seek(SeekFrom::End(-5)).await.unwrap(), u64::MAX - 5);
        assert_eq!(source.fill_buf().await.unwrap().len(), 5);
        let expected = 9_223_372_036_854_775_802;
        assert_eq!(source.seek(SeekFrom::Current(i64::MIN)).await.unwrap(), expected);
        assert_eq!(source.fill_buf().await.unwrap().len(), 5);
        assert_eq!(source.seek(SeekFrom::Current(0)).await.unwrap(), expected);
        assert_eq!(source.get_ref().0, expected);
    });
}

/// Refuses to begin a seek while it is busy.
struct Busy {
    inner: Cursor<&'static [u8]>,
    busy: bool,
}

impl AsyncRead for Busy {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncSeek for Busy {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        assert!(!self.busy, "a seek while another operation is under way");
        Pin::new(&mut self.inner).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if std::mem::take(&mut self.busy) {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_complete(cx)
    }
}

#[test]
fn a_seek_waits_for_what_the_reader_is_doing() {
    let mut source = BufReader::with_capacity(2, Busy { inner: Cursor::new(b"abcd"), busy: false });
    block_on(source.fill_buf()).unwrap();

    source.get_mut().busy = true;
    assert!(poll_once(pin!(poll_fn(|cx| Pin::new(&mut source).poll_complete(cx)))).is_pending());
    assert!(poll_once(pin!(poll_fn(|cx| Pin::new(&mut source).poll_complete(cx)))).is_ready());
    assert_eq!(source.buffer(), b"ab", "waiting without a seek keeps the buffer");

    source.get_mut().busy = true;
    let mut seek = Box::pin(source.seek(SeekFrom::Current(1)));
    assert!(poll_once(seek.as_mut()).is_pending());
    assert!(matches!(poll_once(seek.as_mut()), Poll::Ready(Ok(1))));
    drop(seek);
    assert_eq!(source.buffer(), b"");
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"bc");
}

#[test]
fn a_seek_asked_for_while_the_reader_is_busy_waits_too() {
    let mut source = BufReader::with_capacity(2, Busy { inner: Cursor::new(b"abcd"), busy: true });
    Pin::new(&mut source).start_seek(SeekFrom::Start(2)).unwrap();
    assert!(poll_once(pin!(poll_fn(|cx| Pin::new(&mut source).poll_complete(cx)))).is_pending());
    assert!(poll_once(pin!(poll_fn(|cx| Pin::new(&mut source).poll_complete(cx)))).is_ready());
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"cd");
}

#[test]
fn writing_goes_straight_through() {
    let mut stream = BufReader::new(Cursor::new(Vec::new()));
    block_on(stream.write_all(b"abc")).unwrap();
    assert_eq!(stream.into_inner().into_inner(), b"abc");
}

#[test]
fn debug_shows_how_full_it_is() {
    let mut source = BufReader::with_capacity(4, &b"abc"[..]);
    block_on(source.read_u8()).unwrap();
    assert_eq!(format!("{source:?}"), "BufReader { reader: [], buffer: 2/4 }");
}

#[test]
#[should_panic(expected = "capacity must be greater than zero")]
fn a_buffer_of_nothing_panics() {
    BufReader::with_capacity(0, &b""[..]);
}
