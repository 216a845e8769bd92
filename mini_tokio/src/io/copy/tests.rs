//! Copies between scripted readers and writers.

use super::copy;
use crate::io::script::{Step, poll_once, reader, writer};
use crate::io::{
    AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, ErrorKind, copy_bidirectional, copy_bidirectional_with_sizes,
    copy_buf, duplex, empty, join,
};
use futures::executor::block_on;
use std::pin::pin;

#[test]
fn everything_arrives_and_is_flushed() {
    let mut source = reader([Step::Give(b"hello "), Step::Give(b"world")]);
    let mut sink = writer([Step::Take(3)]);
    assert_eq!(block_on(copy(&mut source, &mut sink)).unwrap(), 11);
    assert_eq!((sink.data.as_slice(), sink.flushes), (&b"hello world"[..], 1));
}

#[test]
fn more_than_the_buffer_arrives_too() {
    let bytes: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
    let mut out = Vec::new();
    assert_eq!(block_on(copy(&mut &bytes[..], &mut out)).unwrap(), 100_000);
    assert_eq!(out, bytes);
    out.clear();
    assert_eq!(block_on(copy_buf(&mut BufReader::with_capacity(7, &bytes[..]), &mut out)).unwrap(), 100_000);
    assert_eq!(out, bytes);
}

#[test]
fn interrupted_is_retried_on_both_sides() {
    let source = || {
        reader([
            Step::Fail(ErrorKind::Interrupted),
            Step::Give(b"ab"),
            Step::Fail(ErrorKind::Interrupted),
            Step::Give(b"cd"),
        ])
    };
    let sink = || writer([Step::Fail(ErrorKind::Interrupted), Step::Take(1), Step::Fail(ErrorKind::Interrupted)]);
    let (mut from, mut to) = (source(), sink());
    assert_eq!(block_on(copy(&mut from, &mut to)).unwrap(), 4);
    assert_eq!(to.data, b"abcd");
    let (mut from, mut to) = (BufReader::new(source()), sink());
    assert_eq!(block_on(copy_buf(&mut from, &mut to)).unwrap(), 4);
    assert_eq!(to.data, b"abcd");
}

#[test]
fn what_was_written_is_flushed_before_waiting_for_more() {
    let mut source = reader([Step::Give(b"ping"), Step::Pend]);
    let mut sink = BufWriter::new(writer([]));
    assert!(poll_once(pin!(copy(&mut source, &mut sink))).is_pending());
    assert_eq!((sink.get_ref().data.as_slice(), sink.get_ref().flushes), (&b"ping"[..], 1));

    let mut source = BufReader::new(reader([Step::Give(b"ping"), Step::Pend]));
    let mut sink = BufWriter::new(writer([]));
    assert!(poll_once(pin!(copy_buf(&mut source, &mut sink))).is_pending());
    assert_eq!((sink.get_ref().data.as_slice(), sink.get_ref().flushes), (&b"ping"[..], 1));
}

#[test]
fn nothing_is_flushed_again_while_the_reader_waits_on() {
    let mut source = reader([Step::Give(b"x"), Step::Pend, Step::Pend, Step::Pend]);
    let mut sink = writer([]);
    assert_eq!(block_on(copy(&mut source, &mut sink)).unwrap(), 1);
    assert_eq!(sink.flushes, 2, "once before the first wait, once at the end");
}

#[test]
fn a_waiting_writer_lets_the_reader_run_ahead() {
    let mut source = reader([Step::Give(b"ab"), Step::Give(b"cd")]);
    let mut sink = writer([Step::Pend]);
    assert_eq!(block_on(copy(&mut source, &mut sink)).unwrap(), 4);
    assert_eq!((sink.data.as_slice(), sink.polls), (&b"abcd"[..], 2));
}

#[test]
fn errors_end_the_copy() {
    let mut out = Vec::new();
    let mut source = reader([Step::Give(b"a"), Step::Fail(ErrorKind::ConnectionReset)]);
    assert_eq!(block_on(copy(&mut source, &mut out)).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut sink = writer([Step::Take(0)]);
    assert_eq!(block_on(copy(&mut &b"ab"[..], &mut sink)).unwrap_err().kind(), ErrorKind::WriteZero);
    let mut sink = writer([Step::Take(0)]);
    assert_eq!(block_on(copy_buf(&mut &b"ab"[..], &mut sink)).unwrap_err().kind(), ErrorKind::WriteZero);
}

#[test]
fn a_dropped_copy_buf_loses_and_repeats_nothing() {
    let mut source = &b"abcd"[..];
    let mut sink = writer([Step::Take(1), Step::Pend]);
    assert!(poll_once(pin!(copy_buf(&mut source, &mut sink))).is_pending());
    assert_eq!(source, b"bcd");
    assert_eq!(block_on(copy_buf(&mut source, &mut sink)).unwrap(), 3);
    assert_eq!(sink.data, b"abcd");
}

#[test]
fn a_proxy_keeps_a_half_closed_connection_half_closed() {
    let (mut client, mut proxy_client) = duplex(4);
    let (mut server, mut proxy_server) = duplex(4);
    let proxy = copy_bidirectional(&mut proxy_client, &mut proxy_server);
    let talk = async {
        client.write_all(b"request").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let serve = async {
        let mut request = String::new();
        server.read_to_string(&mut request).await.unwrap();
        server.write_all(b"a longer answer").await.unwrap();
        drop(server);
        request
    };
    let (counts, answer, request) = block_on(async { futures::join!(proxy, talk, serve) });
    assert_eq!(counts.unwrap(), (7, 15));
    assert_eq!((request.as_str(), answer.as_str()), ("request", "a longer answer"));
}

#[test]
fn each_direction_is_shut_down_once() {
    let mut a = join(reader([Step::Give(b"ab")]), writer([]));
    let mut b = join(reader([Step::Pend, Step::Pend, Step::Give(b"c")]), writer([]));
    assert_eq!(block_on(copy_bidirectional_with_sizes(&mut a, &mut b, 1, 1)).unwrap(), (2, 1));
    assert_eq!((a.writer().data.as_slice(), a.writer().shutdowns), (&b"c"[..], 1));
    assert_eq!((b.writer().data.as_slice(), b.writer().shutdowns), (&b"ab"[..], 1));
}

#[test]
fn an_error_in_either_direction_ends_both() {
    let mut a = join(reader([Step::Fail(ErrorKind::Other)]), writer([]));
    let mut b = join(reader([Step::Pend, Step::Pend]), writer([]));
    assert!(matches!(
        poll_once(pin!(copy_bidirectional(&mut b, &mut a))),
        std::task::Poll::Ready(Err(error)) if error.kind() == ErrorKind::Other
    ));
}

#[test]
#[should_panic(expected = "`b_to_a_buf_size` must be greater than 0")]
fn a_pump_without_a_buffer_panics() {
    let _ = block_on(copy_bidirectional_with_sizes(&mut empty(), &mut empty(), 1, 0));
}

#[test]
fn a_copy_in_a_task_is_small() {
    let (mut source, mut sink) = (empty(), empty());
    let future = copy(&mut source, &mut sink);
    assert!(size_of_val(&future) < 256, "the buffer is on the heap: {}", size_of_val(&future));
}
