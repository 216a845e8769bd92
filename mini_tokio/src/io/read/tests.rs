//! The reading methods against scripted readers.

use super::AsyncReadExt;
use crate::io::script::{Step, poll_once, reader};
use crate::io::{AsyncBufReadExt, AsyncRead, ErrorKind, ReadBuf};
use futures::executor::block_on;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

#[test]
fn a_read_gives_what_is_there_and_polls_once() {
    let mut source = reader([Step::Give(b"hello")]);
    let mut buf = vec![0; 16].into_boxed_slice();
    assert_eq!(block_on(source.read(&mut buf)).unwrap(), 5);
    assert_eq!(&buf[..5], b"hello");
    assert_eq!(source.polls, 1);
}

#[test]
fn a_read_does_not_retry_interrupted() {
    let mut source = reader([Step::Fail(ErrorKind::Interrupted), Step::Give(b"x")]);
    assert_eq!(block_on(source.read(&mut [0])).unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(source.polls, 1);
}

#[test]
fn read_buf_appends_without_growing_what_has_room() {
    let mut source = reader([Step::Give(b"hello")]);
    let mut buf = Vec::with_capacity(8);
    buf.push(b'>');
    let place = buf.as_ptr();
    assert_eq!(block_on(source.read_buf(&mut buf)).unwrap(), 5);
    assert_eq!((buf.as_slice(), buf.as_ptr()), (&b">hello"[..], place));
}

#[test]
fn read_buf_into_a_full_buffer_polls_nothing() {
    let mut source = reader([Step::Give(b"hello")]);
    assert_eq!(block_on(source.read_buf(&mut &mut [0u8; 0][..])).unwrap(), 0);
    assert_eq!(source.polls, 0);
}

#[test]
fn read_exact_collects_over_pending_and_interrupted() {
    let mut source =
        reader([Step::Give(b"he"), Step::Pend, Step::Fail(ErrorKind::Interrupted), Step::Give(b"llo, and more")]);
    let mut buf = vec![0; 5];
    assert_eq!(block_on(source.read_exact(&mut buf)).unwrap(), 5);
    assert_eq!(buf, b"hello");
    assert_eq!(source.polls, 4);
    let mut rest = Vec::new();
    block_on(source.read_to_end(&mut rest)).unwrap();
    assert_eq!(rest, b", and more");
}

#[test]
fn an_end_in_the_middle_of_a_frame_is_unexpected() {
    let error = block_on(reader([Step::Give(b"hel")]).read_exact(&mut [0; 5])).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::UnexpectedEof, "early eof"));
    let error = block_on(reader([Step::Give(&[1, 2, 3])]).read_u32()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn reading_exactly_nothing_polls_nothing() {
    let mut source = reader([]);
    assert_eq!(block_on(source.read_exact(&mut [])).unwrap(), 0);
    assert_eq!(source.polls, 0);
}

#[test]
fn numbers_come_in_both_byte_orders() {
    let bytes: Vec<u8> = (1..=16).collect();
    assert_eq!(block_on((&bytes[..]).read_u8()).unwrap(), 1);
    assert_eq!(block_on((&[0xfe][..]).read_i8()).unwrap(), -2);
    assert_eq!(block_on((&bytes[..]).read_u16()).unwrap(), 0x0102);
    assert_eq!(block_on((&bytes[..]).read_u16_le()).unwrap(), 0x0201);
    assert_eq!(block_on((&[0xff, 0xfe][..]).read_i16()).unwrap(), -2);
    assert_eq!(block_on((&bytes[..]).read_u32()).unwrap(), 0x01020304);
    assert_eq!(block_on((&bytes[..]).read_i64_le()).unwrap(), 0x0807060504030201);
    assert_eq!(block_on((&bytes[..]).read_u128()).unwrap(), 0x0102030405060708090a0b0c0d0e0f10);
    assert_eq!(block_on((&bytes[..]).read_i128_le()).unwrap(), 0x100f0e0d0c0b0a090807060504030201);
    assert_eq!(block_on((&1.5f32.to_be_bytes()[..]).read_f32()).unwrap(), 1.5);
    assert_eq!(block_on((&(-2.5f64).to_le_bytes()[..]).read_f64_le()).unwrap(), -2.5);
}

#[test]
fn a_number_survives_pending_in_its_middle() {
    let mut source = reader([Step::Give(&[1]), Step::Pend, Step::Give(&[2, 3, 4, 5])]);
    assert_eq!(block_on(source.read_u32()).unwrap(), 0x01020304);
    assert_eq!(block_on(source.read_u8()).unwrap(), 5);
}

#[test]
fn a_dropped_read_has_read_nothing() {
    let mut source = reader([Step::Pend, Step::Give(b"kept")]);
    assert!(poll_once(pin!(source.read(&mut [0; 4]))).is_pending());
    let mut buf = [0; 4];
    block_on(source.read(&mut buf)).unwrap();
    assert_eq!(&buf, b"kept");
}

#[test]
fn a_dropped_read_to_end_can_be_gone_on_with() {
    let mut source = reader([Step::Give(b"one "), Step::Pend, Step::Give(b"two")]);
    let mut buf = Vec::new();
    assert!(poll_once(pin!(source.read_to_end(&mut buf))).is_pending());
    assert_eq!(buf, b"one ");
    assert_eq!(block_on(source.read_to_end(&mut buf)).unwrap(), 3);
    assert_eq!(buf, b"one two");
}

#[test]
fn read_to_end_does_not_grow_a_vec_of_the_right_size() {
    static BYTES: [u8; 100] = [7; 100];
    for len in 1..100 {
        for capacity in len..=100 {
            let mut source = reader([Step::Give(&BYTES[..len / 3]), Step::Give(&BYTES[len / 3..len])]);
            if len < 3 {
                source = reader([Step::Give(&BYTES[..len])]);
            }
            let mut buf = Vec::with_capacity(capacity);
            assert_eq!(block_on(source.read_to_end(&mut buf)).unwrap(), len);
            assert_eq!((buf.len(), buf.capacity()), (len, capacity));
        }
    }
}

#[test]
fn read_to_end_keeps_what_came_before_an_error_and_retries_interrupted() {
    let mut source = reader([
        Step::Give(b"ab"),
        Step::Fail(ErrorKind::Interrupted),
        Step::Give(b"cd"),
        Step::Fail(ErrorKind::ConnectionReset),
    ]);
    let mut buf = Vec::new();
    assert_eq!(block_on(source.read_to_end(&mut buf)).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(buf, b"abcd");
}

/// Takes one byte at a time from memory that it asks to be zeroed, and adds up how much of it was not yet.
struct Zeroing {
    left: usize,
    zeroed: usize,
}

impl AsyncRead for Zeroing {
    fn poll_read(mut self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.zeroed += buf.remaining() - (buf.initialized().len() - buf.filled().len());
        buf.initialize_unfilled();
        if self.left > 0 {
            self.left -= 1;
            buf.advance(1);
        }
        Poll::Ready(Ok(()))
    }
}

#[test]
fn read_to_end_zeroes_each_byte_once() {
    let mut source = Zeroing { left: 900, zeroed: 0 };
    let mut buf = Vec::with_capacity(1000);
    assert_eq!(block_on(source.read_to_end(&mut buf)).unwrap(), 900);
    assert_eq!((buf.len(), source.zeroed), (900, 1000));
}

/// Says "filled" about memory of its own.
struct Impostor;

impl AsyncRead for Impostor {
    fn poll_read(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        *buf = ReadBuf::new(Box::leak(vec![1; buf.capacity()].into_boxed_slice()));
        buf.advance(buf.capacity());
        Poll::Ready(Ok(()))
    }
}

#[test]
#[should_panic(expected = "replaced the buffer")]
fn read_buf_does_not_trust_a_replaced_buffer() {
    let _ = block_on(Impostor.read_buf(&mut Vec::with_capacity(8)));
}

#[test]
#[should_panic(expected = "replaced the buffer")]
fn read_to_end_does_not_trust_a_replaced_buffer() {
    let _ = block_on(Impostor.read_to_end(&mut Vec::new()));
}

#[test]
#[should_panic(expected = "replaced the buffer")]
fn take_does_not_trust_a_replaced_buffer() {
    let _ = block_on(Impostor.take(4).read_buf(&mut Vec::with_capacity(8)));
}

#[test]
fn read_to_string_appends() {
    let mut text = String::from("say ");
    assert_eq!(block_on((&b"hello"[..]).read_to_string(&mut text)).unwrap(), 5);
    assert_eq!(text, "say hello");
}

#[test]
fn read_to_string_leaves_the_string_alone_if_it_fails() {
    let mut text = String::from("before");
    let error = block_on((&b"abc\xff"[..]).read_to_string(&mut text)).unwrap_err();
    assert_eq!((error.kind(), text.as_str()), (ErrorKind::InvalidData, "before"));

    let mut source = reader([Step::Give(b"abc"), Step::Fail(ErrorKind::TimedOut)]);
    let error = block_on(source.read_to_string(&mut text)).unwrap_err();
    assert_eq!((error.kind(), text.as_str()), (ErrorKind::TimedOut, "before"));
}

#[test]
fn a_dropped_or_panicking_read_to_string_gives_the_string_back() {
    let mut text = String::from("before");
    let mut source = reader([Step::Give(b"abc"), Step::Pend]);
    assert!(poll_once(pin!(source.read_to_string(&mut text))).is_pending());
    assert_eq!(text, "before");

    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(Impostor.read_to_string(&mut text))));
    assert!(panic.is_err());
    assert_eq!(text, "before");

    drop((&b""[..]).read_to_string(&mut text));
    assert_eq!(text, "before");
}

#[test]
fn a_chain_reads_one_after_the_other() {
    let mut chain = (&b"hello "[..]).chain(&b"world"[..]);
    assert_eq!(block_on(chain.read(&mut [])).unwrap(), 0);
    let mut all = String::new();
    block_on(chain.read_to_string(&mut all)).unwrap();
    assert_eq!(all, "hello world");

    let mut chain = (&b"a"[..]).chain(&b"b\nc"[..]);
    let mut line = String::new();
    block_on(chain.read_line(&mut line)).unwrap();
    assert_eq!(line, "ab\n");
}

#[test]
fn a_take_ends_at_its_limit_and_leaves_the_rest() {
    let mut take = (&b"hello world"[..]).take(4);
    let mut buf = [0; 6];
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 4);
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 0);
    assert_eq!(&buf, b"hell\0\0");
    take.set_limit(2);
    assert_eq!(block_on(take.fill_buf()).unwrap(), b"o ");
    take.consume(1);
    assert_eq!(take.limit(), 1);
    assert_eq!(take.into_inner(), b" world");
}

#[test]
fn a_take_appends_behind_what_is_filled() {
    let mut memory = [0; 8];
    let mut buf = ReadBuf::new(&mut memory);
    buf.put_slice(b"AB");
    let mut take = (&b"hello"[..]).take(4);
    let waker = futures::task::noop_waker();
    assert!(Pin::new(&mut take).poll_read(&mut Context::from_waker(&waker), &mut buf).is_ready());
    assert_eq!(buf.filled(), b"ABhell");
}
