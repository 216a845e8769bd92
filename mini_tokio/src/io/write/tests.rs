//! The writing methods against scripted writers.

use super::AsyncWriteExt;
use crate::io::ErrorKind;
use crate::io::script::{Step, poll_once, writer};
use bytes::{Buf, Bytes};
use futures::executor::block_on;
use std::io::IoSlice;
use std::pin::pin;

#[test]
fn a_write_may_be_short() {
    let mut sink = writer([Step::Take(2)]);
    assert_eq!(block_on(sink.write(b"hello")).unwrap(), 2);
    assert_eq!(sink.polls, 1);
}

#[test]
fn write_all_writes_on_over_short_pending_and_interrupted() {
    let mut sink = writer([Step::Take(2), Step::Pend, Step::Fail(ErrorKind::Interrupted), Step::Take(1)]);
    block_on(sink.write_all(b"hello")).unwrap();
    assert_eq!((sink.data.as_slice(), sink.polls), (&b"hello"[..], 5));
}

#[test]
fn a_writer_that_takes_no_more_is_an_error() {
    assert_eq!(
        block_on(writer([Step::Take(2), Step::Take(0)]).write_all(b"abc")).unwrap_err().kind(),
        ErrorKind::WriteZero
    );
    assert_eq!(block_on(writer([Step::Take(0)]).write_u16(1)).unwrap_err().kind(), ErrorKind::WriteZero);
    let mut src = &b"abc"[..];
    let mut sink = writer([Step::Take(1), Step::Take(0)]);
    assert_eq!(block_on(sink.write_all_buf(&mut src)).unwrap_err().kind(), ErrorKind::WriteZero);
    assert_eq!(src, b"bc");
}

#[test]
fn writing_nothing_polls_nothing() {
    let mut sink = writer([]);
    block_on(sink.write_all(b"")).unwrap();
    assert_eq!(block_on(sink.write_buf(&mut Bytes::new())).unwrap(), 0);
    block_on(sink.write_all_buf(&mut Bytes::new())).unwrap();
    assert_eq!(sink.polls, 0);
}

#[test]
fn a_dropped_write_all_buf_loses_and_repeats_nothing() {
    let mut sink = writer([Step::Take(2), Step::Pend, Step::Take(1)]);
    let mut src = Bytes::from_static(b"hello");
    assert!(poll_once(pin!(sink.write_all_buf(&mut src))).is_pending());
    assert_eq!((sink.data.as_slice(), &src[..]), (&b"he"[..], &b"llo"[..]));
    block_on(sink.write_all_buf(&mut src)).unwrap();
    assert_eq!((sink.data.as_slice(), src.remaining()), (&b"hello"[..], 0));
}

#[test]
fn write_buf_takes_one_chunk_or_all_as_the_writer_likes() {
    let chunks = || Bytes::from_static(b"hello").chain(Bytes::from_static(b"world"));
    let mut sink = writer([]);
    assert_eq!(block_on(sink.write_buf(&mut chunks())).unwrap(), 5);
    assert_eq!(sink.vectored_writes, 0);
    sink.vectored = true;
    let mut src = chunks();
    assert_eq!(block_on(sink.write_buf(&mut src)).unwrap(), 10);
    assert_eq!((sink.data.as_slice(), src.remaining()), (&b"hellohelloworld"[..], 0));

    let mut sink = writer([Step::Take(7)]);
    sink.vectored = true;
    block_on(sink.write_all_buf(&mut chunks())).unwrap();
    assert_eq!((sink.data.as_slice(), sink.vectored_writes), (&b"helloworld"[..], 2), "the last of a single chunk");
}

#[test]
fn a_failed_write_all_buf_leaves_what_was_not_written() {
    let mut src = Bytes::from_static(b"hello").chain(Bytes::from_static(b"world"));
    let mut sink = writer([Step::Take(4), Step::Fail(ErrorKind::BrokenPipe)]);
    assert_eq!(block_on(sink.write_all_buf(&mut src)).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(src.copy_to_bytes(src.remaining()), "oworld");
}

#[test]
fn a_vectored_write_defaults_to_the_first_buffer_with_bytes() {
    struct Plain(Vec<u8>);
    impl crate::io::AsyncWrite for Plain {
        fn poll_write(
            mut self: std::pin::Pin<&mut Self>,
            _cx: &mut std::task::Context<'_>,
            buf: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            self.0.extend_from_slice(buf);
            std::task::Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn poll_shutdown(
            self: std::pin::Pin<&mut Self>,
            _cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }
    let mut sink = Plain(Vec::new());
    let bufs = [IoSlice::new(b""), IoSlice::new(b"ab"), IoSlice::new(b"cd")];
    assert_eq!(block_on(sink.write_vectored(&bufs)).unwrap(), 2);
    assert_eq!(block_on(sink.write_vectored(&[])).unwrap(), 0);
    assert_eq!(sink.0, b"ab");
}

#[test]
fn numbers_go_in_both_byte_orders() {
    let mut out = Vec::new();
    block_on(async {
        out.write_u8(1).await.unwrap();
        out.write_i8(-1).await.unwrap();
        out.write_u16(0x0203).await.unwrap();
        out.write_i32_le(-2).await.unwrap();
        out.write_u64_le(4).await.unwrap();
        out.write_f32(1.5).await.unwrap();
    });
    let mut expected = vec![1, 0xff, 2, 3, 0xfe, 0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0, 0, 0];
    expected.extend_from_slice(&1.5f32.to_be_bytes());
    assert_eq!(out, expected);
}

#[test]
fn a_number_is_written_once_over_short_writes() {
    let mut sink = writer([Step::Take(1), Step::Pend, Step::Take(2)]);
    block_on(sink.write_u32(0x01020304)).unwrap();
    assert_eq!(sink.data, [1, 2, 3, 4]);
}

#[test]
fn flush_and_shutdown_reach_the_writer() {
    let mut sink = writer([]);
    block_on(sink.flush()).unwrap();
    block_on(sink.shutdown()).unwrap();
    assert_eq!((sink.flushes, sink.shutdowns), (1, 1));
}
