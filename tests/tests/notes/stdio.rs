//! Note C8: the standard streams. What is written to them goes by the test harness, and so a child says it.

use super::current_thread;
use crate::rt::io::{self, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use std::io::Write;
use std::process::{Command, Stdio};

const CHILD: &str = "NOTES_STDIO_CHILD";

/// The child's part: answers each line on one stream or the other, until its input ends.
async fn shout() {
    fn is_reader<T: AsyncRead>(stream: T) -> T {
        stream
    }
    fn is_writer<T: AsyncWrite>(stream: T) -> T {
        stream
    }
    let mut input = BufReader::new(is_reader(io::stdin())).lines();
    let (mut output, mut errors) = (is_writer(io::stdout()), is_writer(io::stderr()));
    while let Some(line) = input.next_line().await.unwrap() {
        output.write_all(format!("said: {}\n", line.to_uppercase()).as_bytes()).await.unwrap();
        errors.write_all(format!("erred: {line}\n").as_bytes()).await.unwrap();
    }
    output.flush().await.unwrap();
    errors.flush().await.unwrap();
}

/// C8.1: standard input is a reader, standard output and error are writers
#[test]
fn a_program_talks_through_its_streams() {
    if std::env::var_os(CHILD).is_some() {
        return current_thread().block_on(shout());
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--nocapture", "a_program_talks_through_its_streams"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = |bytes: Vec<u8>, begin: &str| -> Vec<String> {
        // The harness writes lines of its own, and one that it has not yet ended.
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter_map(|line| Some(line[line.find(begin)?..].to_owned())).collect()
    };
    assert_eq!(lines(output.stdout, "said"), ["said: ONE", "said: TWO"]);
    assert_eq!(lines(output.stderr, "erred"), ["erred: one", "erred: two"]);
}
