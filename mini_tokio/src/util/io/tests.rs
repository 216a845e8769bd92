//! What a mock does, what it waits for, and what it does not let pass.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{Builder, Mock};
use crate::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, split};
use crate::runtime::Runtime;
use crate::time::Instant;

fn runtime() -> Runtime {
    crate::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

#[test]
fn lines_come_as_the_script_says_however_they_are_cut() {
    runtime().block_on(async {
        let mock = Builder::new().read(b"one\ntw").read(b"o\n").read(b"three").build();
        let mut reader = BufReader::new(mock);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).await.unwrap() == 0 {
                break;
            }
            lines.push(line);
        }
        assert_eq!(lines, ["one\n", "two\n", "three"]);
    });
}

#[test]
fn a_dialogue_goes_step_by_step() {
    runtime().block_on(async {
        let mut mock = Builder::new().write(b"PING").read(b"PONG").write(b"QUIT").build();
        mock.write_all(b"PI").await.unwrap();
        assert!(futures::poll!(pin!(mock.read_u8())).is_pending(), "there is something to write first");
        mock.write_all(b"NG").await.unwrap();
        let mut answer = [0; 4];
        mock.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"PONG");
        mock.write_all(b"QUIT").await.unwrap();
        assert_eq!(mock.read(&mut answer).await.unwrap(), 0);
    });
}

#[test]
fn a_reader_that_came_too_early_is_woken_by_the_writer() {
    runtime().block_on(async {
        let (mut reader, mut writer) = split(Builder::new().write(b"question").read(b"answer").build());
        let asking = crate::spawn(async move {
            let mut answer = String::new();
            reader.read_to_string(&mut answer).await.unwrap();
            answer
        });
        crate::task::yield_now().await;
        writer.write_all(b"question").await.unwrap();
        assert_eq!(asking.await.unwrap(), "answer");
    });
}

#[test]
fn a_wait_takes_its_time() {
    runtime().block_on(async {
        let begun = Instant::now();
        let mut mock = Builder::new().read(b"a").wait(Duration::from_secs(60)).read(b"b").build();
        let mut text = String::new();
        mock.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), begun.elapsed()), ("ab", Duration::from_secs(60)));
    });
}

#[test]
fn errors_come_in_their_turn_and_from_every_mock_of_a_builder() {
    runtime().block_on(async {
        let mut builder = Builder::new();
        builder.write_error(io::Error::other("no")).read_error(io::ErrorKind::ConnectionReset.into()).read(b"x");
        for _ in 0..2 {
            let mut mock = builder.build();
            assert_eq!(mock.write(b"x").await.unwrap_err().to_string(), "no");
            assert_eq!(mock.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
            assert_eq!(mock.read_u8().await.unwrap(), b'x');
        }
    });
}

#[test]
fn a_handle_appends_and_its_drop_is_the_end() {
    runtime().block_on(async {
        let (mut mock, mut handle) = Builder::new().build_with_handle();
        let reading = crate::spawn(async move {
            let mut text = String::new();
            mock.read_to_string(&mut text).await.unwrap();
            text
        });
        crate::task::yield_now().await;
        handle.read(b"one ");
        crate::task::yield_now().await;
        assert!(!reading.is_finished());
        handle.read(b"two");
        drop(handle);
        assert_eq!(reading.await.unwrap(), "one two");
    });
}

fn write(mock: &mut Mock, bytes: &[u8]) -> Poll<io::Result<usize>> {
    Pin::new(mock).poll_write(&mut Context::from_waker(Waker::noop()), bytes)
}

#[test]
#[should_panic(expected = "unexpected write (name=\"client\")")]
fn another_write_than_in_the_script_panics() {
    let _ = write(&mut Builder::new().name("client").write(b"right").build(), b"wrong");
}

#[test]
#[should_panic(expected = "the script is over")]
fn a_write_after_the_script_panics() {
    let _ = write(&mut Builder::new().build(), b"more");
}

#[test]
#[should_panic(expected = "There is still data left to read.")]
fn a_script_that_is_not_read_to_its_end_panics() {
    drop(Builder::new().read(b"unread").build());
}

#[test]
#[should_panic(expected = "There is still data left to write.")]
fn a_script_that_is_not_written_to_its_end_panics() {
    drop(Builder::new().write(b"unwritten").build());
}
