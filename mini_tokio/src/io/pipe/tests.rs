//! A pipe in memory: bounds, ends, and wakers that call back.

use super::{SimplexStream, simplex};
use crate::io::script::{Wakes, poll_once};
use crate::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ErrorKind, ReadBuf};
use futures::executor::block_on;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

fn poll_read(pipe: &mut SimplexStream, waker: &Waker) -> Option<u8> {
    let mut byte = [0];
    let mut buf = ReadBuf::new(&mut byte);
    let poll = Pin::new(pipe).poll_read(&mut Context::from_waker(waker), &mut buf);
    if poll.is_pending() { None } else { buf.filled().first().copied() }
}

#[test]
fn bytes_come_out_in_order_around_the_ring() {
    let mut pipe = SimplexStream::new_unsplit(5);
    block_on(async {
        for round in 0..20u8 {
            let bytes = [round, round + 1, round + 2];
            pipe.write_all(&bytes).await.unwrap();
            let mut buf = [0; 3];
            pipe.read_exact(&mut buf).await.unwrap();
            assert_eq!(buf, bytes);
        }
    });
}

#[test]
fn a_full_pipe_takes_what_fits_and_then_waits() {
    let mut pipe = SimplexStream::new_unsplit(4);
    assert_eq!(block_on(pipe.write(b"abcdef")).unwrap(), 4);
    assert!(poll_once(pin!(pipe.write(b"ef"))).is_pending());
    assert_eq!(block_on(pipe.read(&mut [0; 3])).unwrap(), 3);
    let bufs = [std::io::IoSlice::new(b"ef"), std::io::IoSlice::new(b"gh")];
    assert_eq!(block_on(pipe.write_vectored(&bufs)).unwrap(), 3);
    let mut rest = [0; 4];
    block_on(pipe.read_exact(&mut rest)).unwrap();
    assert_eq!(&rest, b"defg");
}

#[test]
fn a_shut_down_pipe_gives_its_rest_and_then_the_end() {
    let (mut read, mut write) = simplex(8);
    block_on(write.write_all(b"rest")).unwrap();
    block_on(write.shutdown()).unwrap();
    assert_eq!(block_on(write.write(b"more")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    let mut all = String::new();
    block_on(read.read_to_string(&mut all)).unwrap();
    assert_eq!(all, "rest");
    read.unsplit(write);
}

#[test]
fn one_write_wakes_the_waiting_reader_once() {
    let (wakes, waker) = Wakes::new();
    let mut pipe = SimplexStream::new_unsplit(8);
    assert_eq!(poll_read(&mut pipe, &waker), None);
    assert_eq!(poll_read(&mut pipe, &waker), None);
    block_on(pipe.write(b"ab")).unwrap();
    block_on(pipe.write(b"cd")).unwrap();
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll_read(&mut pipe, &waker), Some(b'a'));
}

#[test]
fn only_the_latest_waker_is_woken() {
    let (old, old_waker) = Wakes::new();
    let (new, new_waker) = Wakes::new();
    let mut pipe = SimplexStream::new_unsplit(8);
    poll_read(&mut pipe, &old_waker);
    poll_read(&mut pipe, &new_waker);
    block_on(pipe.shutdown()).unwrap();
    assert_eq!((old.count(), new.count()), (0, 1));
}

#[test]
fn one_read_wakes_the_waiting_writer_once() {
    let (wakes, waker) = Wakes::new();
    let mut pipe = SimplexStream::new_unsplit(1);
    block_on(pipe.write(b"x")).unwrap();
    assert!(Pin::new(&mut pipe).poll_write(&mut Context::from_waker(&waker), b"y").is_pending());
    assert_eq!(block_on(pipe.read(&mut [])).unwrap(), 0);
    assert_eq!(wakes.count(), 0, "reading nothing makes no room");
    assert_eq!(block_on(pipe.read_u8()).unwrap(), b'x');
    assert_eq!(wakes.count(), 1);
}

#[test]
#[should_panic(expected = "`max_buf_size` must be greater than 0")]
fn a_pipe_that_holds_nothing_panics() {
    simplex(0);
}
