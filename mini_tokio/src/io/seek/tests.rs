//! Seeking: start, then complete.

use super::AsyncSeekExt;
use crate::io::{AsyncReadExt, AsyncSeek, ErrorKind, SeekFrom};
use futures::executor::block_on;
use std::io::{self, Cursor};
use std::pin::Pin;
use std::task::{Context, Poll};

#[test]
fn a_seek_moves_the_next_read() {
    let mut cursor = Cursor::new(b"abcdef");
    assert_eq!(block_on(cursor.seek(SeekFrom::End(-2))).unwrap(), 4);
    assert_eq!(block_on(cursor.read_u8()).unwrap(), b'e');
    assert_eq!(block_on(cursor.stream_position()).unwrap(), 5);
    assert_eq!(block_on(cursor.rewind()).unwrap(), 0);
    assert_eq!(block_on(cursor.read_u8()).unwrap(), b'a');
}

#[test]
fn a_position_before_the_start_is_an_error_and_moves_nothing() {
    let mut cursor = Cursor::new(b"abcdef");
    block_on(cursor.seek(SeekFrom::Start(3))).unwrap();
    assert_eq!(block_on(cursor.seek(SeekFrom::Current(-4))).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(block_on(cursor.stream_position()).unwrap(), 3);
}

#[test]
fn a_position_behind_the_end_is_none() {
    let mut cursor = Cursor::new(b"abcdef");
    assert_eq!(block_on(cursor.seek(SeekFrom::Start(100))).unwrap(), 100);
    assert_eq!(block_on(cursor.read(&mut [0])).unwrap(), 0);
}

/// Needs one more poll for each seek, and counts them.
#[derive(Default)]
struct Slow {
    started: usize,
    pending: bool,
}

impl AsyncSeek for Slow {
    fn start_seek(mut self: Pin<&mut Self>, _position: SeekFrom) -> io::Result<()> {
        assert!(!self.pending, "a seek while another is under way");
        self.started += 1;
        self.pending = true;
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if std::mem::take(&mut self.pending) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(7))
    }
}

#[test]
fn a_seek_that_has_to_wait_is_started_once() {
    let mut slow = Slow::default();
    assert_eq!(block_on(slow.seek(SeekFrom::Start(7))).unwrap(), 7);
    assert_eq!(slow.started, 1);
}

#[test]
fn a_seek_waits_for_an_earlier_one() {
    let mut slow = Slow { started: 0, pending: true };
    assert_eq!(block_on(slow.rewind()).unwrap(), 7);
    assert_eq!(slow.started, 1);
}
