//! Buffered writing: few writes to the inner writer, and every byte in order.

use super::BufWriter;
use crate::io::script::{Step, poll_once, writer};
use crate::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, ErrorKind};
use futures::executor::block_on;
use std::io::{Cursor, IoSlice, SeekFrom};
use std::pin::pin;

#[test]
fn many_small_writes_are_one_large_one() {
    let mut sink = BufWriter::new(writer([]));
    for number in 0..10 {
        block_on(sink.write_u8(number)).unwrap();
    }
    assert_eq!((sink.buffer().len(), sink.get_ref().polls), (10, 0));
    block_on(sink.flush()).unwrap();
    assert_eq!((sink.buffer().len(), sink.get_ref().polls, sink.get_ref().flushes), (0, 1, 1));
}

#[test]
fn what_does_not_fit_empties_the_buffer_first() {
    let mut sink = BufWriter::with_capacity(4, writer([]));
    block_on(async {
        assert_eq!(sink.write(b"abc").await.unwrap(), 3);
        assert_eq!(sink.write(b"de").await.unwrap(), 2);
        assert_eq!((sink.get_ref().data.as_slice(), sink.buffer()), (&b"abc"[..], &b"de"[..]));
        assert_eq!(sink.write(b"fghij").await.unwrap(), 5);
        assert_eq!((sink.get_ref().data.as_slice(), sink.buffer()), (&b"abcdefghij"[..], &b""[..]));
    });
}

#[test]
fn a_dropped_flush_loses_and_repeats_nothing() {
    let mut sink = BufWriter::new(writer([Step::Take(2), Step::Pend, Step::Take(1)]));
    block_on(sink.write_all(b"hello")).unwrap();
    assert!(poll_once(pin!(sink.flush())).is_pending());
    assert_eq!(sink.buffer(), b"llo");
    block_on(sink.write_all(b"!")).unwrap();
    block_on(sink.flush()).unwrap();
    assert_eq!(sink.into_inner().data, b"hello!");
}

#[test]
fn a_flush_retries_interrupted_and_reports_a_writer_that_takes_no_more() {
    let mut sink = BufWriter::new(writer([Step::Fail(ErrorKind::Interrupted)]));
    block_on(sink.write_all(b"hello")).unwrap();
    block_on(sink.flush()).unwrap();
    assert_eq!(sink.get_ref().data, b"hello");

    let mut sink = BufWriter::new(writer([Step::Take(1), Step::Take(0)]));
    block_on(sink.write_all(b"hello")).unwrap();
    assert_eq!(block_on(sink.flush()).unwrap_err().kind(), ErrorKind::WriteZero);
    assert_eq!(sink.buffer(), b"ello");
}

#[test]
fn shutdown_empties_the_buffer_first() {
    let mut sink = BufWriter::new(writer([]));
    block_on(sink.write_all(b"bye")).unwrap();
    block_on(sink.shutdown()).unwrap();
    assert_eq!((sink.get_ref().data.as_slice(), sink.get_ref().shutdowns), (&b"bye"[..], 1));
}

#[test]
fn without_capacity_writes_go_straight_through() {
    let mut sink = BufWriter::with_capacity(0, writer([]));
    block_on(sink.write_all(b"ab")).unwrap();
    assert_eq!(sink.get_ref().data, b"ab");
}

#[test]
fn vectored_writes_are_joined_in_the_buffer() {
    for vectored in [false, true] {
        let mut inner = writer([]);
        inner.vectored = vectored;
        let mut sink = BufWriter::new(inner);
        let bufs = [IoSlice::new(b""), IoSlice::new(b"foo "), IoSlice::new(b"bar")];
        assert_eq!(block_on(sink.write_vectored(&bufs)).unwrap(), 7);
        assert_eq!(block_on(sink.write_vectored(&[])).unwrap(), 0);
        assert_eq!((sink.buffer(), sink.get_ref().polls), (&b"foo bar"[..], 0));
    }
}

#[test]
fn large_vectored_writes_pass_by_the_buffer_if_the_writer_gains_by_them() {
    let bufs = [IoSlice::new(b"foo "), IoSlice::new(b"bar "), IoSlice::new(b"baz")];
    let mut inner = writer([Step::Take(10)]);
    inner.vectored = true;
    let mut sink = BufWriter::with_capacity(8, inner);
    assert_eq!(block_on(sink.write_vectored(&bufs)).unwrap(), 10);
    assert_eq!(sink.buffer(), b"");

    let mut sink = BufWriter::with_capacity(8, writer([]));
    assert_eq!(block_on(sink.write_vectored(&bufs)).unwrap(), 8);
    assert_eq!(sink.buffer(), b"foo bar ");
    assert_eq!(block_on(sink.write_vectored(&bufs[2..])).unwrap(), 3);
    assert_eq!((sink.get_ref().data.as_slice(), sink.buffer()), (&b"foo bar "[..], &b"baz"[..]));
}

#[test]
fn a_vectored_write_never_buffers_behind_a_short_direct_one() {
    let mut sink = BufWriter::with_capacity(2, writer([Step::Take(1)]));
    let bufs = [IoSlice::new(b"abc"), IoSlice::new(b"d")];
    assert_eq!(block_on(sink.write_vectored(&bufs)).unwrap(), 1);
    assert_eq!((sink.get_ref().data.as_slice(), sink.buffer()), (&b"a"[..], &b""[..]));
}

#[test]
fn a_seek_empties_the_buffer_first() {
    let mut sink = BufWriter::with_capacity(3, Cursor::new(Vec::new()));
    block_on(async {
        sink.write_all(&[0, 1, 2, 3, 4, 5]).await.unwrap();
        sink.write_all(&[6, 7]).await.unwrap();
        assert_eq!(sink.stream_position().await.unwrap(), 8);
        assert_eq!(sink.seek(SeekFrom::Start(2)).await.unwrap(), 2);
        sink.write_all(&[8, 9]).await.unwrap();
        sink.flush().await.unwrap();
        assert!(sink.seek(SeekFrom::Current(-100)).await.is_err());
        assert_eq!(sink.stream_position().await.unwrap(), 4);
    });
    assert_eq!(sink.into_inner().into_inner(), [0, 1, 8, 9, 4, 5, 6, 7]);
}

#[test]
fn reading_goes_straight_through() {
    let mut stream = BufWriter::new(Cursor::new(b"abc".to_vec()));
    assert_eq!(block_on(stream.read_u8()).unwrap(), b'a');
}
