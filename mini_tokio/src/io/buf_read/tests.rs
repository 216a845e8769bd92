//! Lines, splits and fills from scripted readers.

use super::AsyncBufReadExt;
use crate::io::script::{Step, poll_once, reader};
use crate::io::{BufReader, ErrorKind};
use futures::executor::block_on;
use std::pin::pin;
use std::str::Utf8Error;
use std::string::FromUtf8Error;

#[test]
fn read_until_takes_the_delimiter_too_and_then_the_rest() {
    let mut source = &b"lorem-ipsum"[..];
    let mut buf = b">".to_vec();
    assert_eq!(block_on(source.read_until(b'-', &mut buf)).unwrap(), 6);
    assert_eq!(buf, b">lorem-");
    assert_eq!(block_on(source.read_until(b'-', &mut buf)).unwrap(), 5);
    assert_eq!(block_on(source.read_until(b'-', &mut buf)).unwrap(), 0);
    assert_eq!(buf, b">lorem-ipsum");
}

#[test]
fn a_dropped_read_until_can_be_gone_on_with() {
    let mut source = BufReader::new(reader([Step::Give(b"GE"), Step::Pend, Step::Give(b"T\r\nSET")]));
    let mut buf = Vec::new();
    assert!(poll_once(pin!(source.read_until(b'\n', &mut buf))).is_pending());
    assert_eq!(buf, b"GE");
    assert_eq!(block_on(source.read_until(b'\n', &mut buf)).unwrap(), 3);
    assert_eq!(buf, b"GET\r\n");
}

#[test]
fn read_until_retries_interrupted_and_keeps_what_came_before_an_error() {
    let steps = [
        Step::Give(b"ab"),
        Step::Fail(ErrorKind::Interrupted),
        Step::Give(b"cd"),
        Step::Fail(ErrorKind::ConnectionReset),
    ];
    let mut buf = Vec::new();
    let error = block_on(BufReader::new(reader(steps)).read_until(b'-', &mut buf)).unwrap_err();
    assert_eq!((error.kind(), buf.as_slice()), (ErrorKind::ConnectionReset, &b"abcd"[..]));
}

#[test]
fn read_line_collects_a_line_from_pieces() {
    let mut source = BufReader::new(reader([Step::Give(b"Hello Wor"), Step::Pend, Step::Give(b"ld\n1\n2")]));
    let mut line = String::from("We say ");
    assert_eq!(block_on(source.read_line(&mut line)).unwrap(), 12);
    assert_eq!(line, "We say Hello World\n");
    line.clear();
    assert_eq!(block_on(source.read_line(&mut line)).unwrap(), 2);
    assert_eq!(block_on(source.read_line(&mut line)).unwrap(), 1);
    assert_eq!(line, "1\n2");
    assert_eq!(block_on(source.read_line(&mut line)).unwrap(), 0);
}

#[test]
fn read_line_keeps_the_memory_of_the_string() {
    let mut line = String::with_capacity(64);
    let place = line.as_ptr();
    block_on((&b"one\n"[..]).read_line(&mut line)).unwrap();
    assert_eq!((line.as_str(), line.as_ptr()), ("one\n", place));
}

#[test]
fn a_line_that_is_no_text_leaves_the_string_alone() {
    let mut source = &b"Hello Wor\xffld.\nnext\n"[..];
    let mut line = String::from("Foo");
    let error = block_on(source.read_line(&mut line)).unwrap_err();
    assert_eq!((error.kind(), line.as_str()), (ErrorKind::InvalidData, "Foo"));
    let utf8 = error.into_inner().unwrap().downcast::<Utf8Error>().unwrap();
    assert_eq!(utf8.valid_up_to(), 12);
    block_on(source.read_line(&mut line)).unwrap();
    assert_eq!(line, "Foonext\n");
}

#[test]
fn a_reader_error_in_a_line_keeps_the_text_and_drops_what_is_none() {
    let mut line = String::from("Foo");
    let mut source = BufReader::new(reader([Step::Give(b"Hello"), Step::Fail(ErrorKind::Other)]));
    assert_eq!(block_on(source.read_line(&mut line)).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(line, "FooHello");
    let mut source = BufReader::new(reader([Step::Give(b"Hello\xff"), Step::Fail(ErrorKind::Other)]));
    assert_eq!(block_on(source.read_line(&mut line)).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(line, "FooHello");
}

#[test]
fn a_dropped_read_line_gives_the_string_back() {
    let mut source = BufReader::new(reader([Step::Give(b"half a li"), Step::Pend]));
    let mut line = String::from("before");
    assert!(poll_once(pin!(source.read_line(&mut line))).is_pending());
    assert_eq!(line, "before");
}

#[test]
fn lines_come_without_their_ends() {
    let mut lines = (&b"a\r\n\nb\r\r\nlast"[..]).lines();
    let mut next = || block_on(lines.next_line()).unwrap();
    assert_eq!(next().as_deref(), Some("a"));
    assert_eq!(next().as_deref(), Some(""));
    assert_eq!(next().as_deref(), Some("b\r"));
    assert_eq!(next().as_deref(), Some("last"));
    assert_eq!(next(), None);
    assert_eq!(next(), None);
}

#[test]
fn a_begun_line_survives_a_drop_and_an_error() {
    let steps = [Step::Give(b"ab\xc3"), Step::Pend, Step::Fail(ErrorKind::Other), Step::Give(b"\xa9cd\nghi\n")];
    let mut lines = BufReader::new(reader(steps)).lines();
    assert!(poll_once(pin!(lines.next_line())).is_pending());
    assert_eq!(block_on(lines.next_line()).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("ab\u{e9}cd"));
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("ghi"));
}

#[test]
fn a_line_that_is_no_text_fails_once() {
    let mut lines = (&b"ok\n\xff\xfe\nnext\n\xff"[..]).lines();
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("ok"));
    let error = block_on(lines.next_line()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let bytes = error.into_inner().unwrap().downcast::<FromUtf8Error>().unwrap().into_bytes();
    assert_eq!(bytes, b"\xff\xfe");
    assert_eq!(block_on(lines.next_line()).unwrap().as_deref(), Some("next"));
    assert!(block_on(lines.next_line()).is_err());
    assert_eq!(block_on(lines.next_line()).unwrap(), None);
}

#[test]
fn segments_come_without_the_delimiter() {
    let mut segments = AsyncBufReadExt::split(&b"ab,,c"[..], b',');
    let mut next = || block_on(segments.next_segment()).unwrap();
    assert_eq!(next().as_deref(), Some(&b"ab"[..]));
    assert_eq!(next().as_deref(), Some(&b""[..]));
    assert_eq!(next().as_deref(), Some(&b"c"[..]));
    assert_eq!(next(), None);
}

#[test]
fn a_look_takes_nothing_and_may_be_dropped() {
    let mut source = BufReader::new(reader([Step::Pend, Step::Give(b"abc")]));
    assert!(poll_once(pin!(source.fill_buf())).is_pending());
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"abc");
    source.consume(2);
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"c");
    assert_eq!(source.get_ref().polls, 2);
    source.consume(1);
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"");
}

#[test]
fn a_look_goes_on_after_waiting() {
    let mut source = BufReader::new(reader([Step::Pend, Step::Pend, Step::Give(b"abc")]));
    assert_eq!(block_on(source.fill_buf()).unwrap(), b"abc");
    assert_eq!(source.get_ref().polls, 3);
}
