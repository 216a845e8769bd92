//! The standard streams, of a process that this test starts: itself, with a word in its environment.

mod fs_support;

use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::process::{Command, Stdio};

use fs_support::current_thread;
use mini_tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};

const ROLE: &str = "MINI_TOKIO_STDIO_ROLE";

/// This test binary, of which only `the_child` runs, and what it is to do there.
fn child(role: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "the_child", "--nocapture"]).env(ROLE, role);
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    child
}

/// Not a test of its own.
#[test]
fn the_child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    current_thread().block_on(async {
        match role.as_str() {
            "echo" => {
                let mut lines = BufReader::new(stdin()).lines();
                while let Some(line) = lines.next_line().await.unwrap() {
                    stdout().write_all(format!("<{line}>").as_bytes()).await.unwrap();
                }
                stderr().write_all(b"complaint").await.unwrap();
            }
            "order" => {
                let mut out = stdout();
                for i in 0..1000 {
                    out.write_all(format!("[{i}]").as_bytes()).await.unwrap();
                }
                out.flush().await.unwrap();
                // At once, and not by way of a destructor that would flush: what was flushed is out.
                // SAFETY: it ends the process.
                unsafe { libc::_exit(0) }
            }
            "broken" => {
                let mut byte = [0];
                stdin().read_exact(&mut byte).await.unwrap(); // now nobody reads what we write
                let mut out = stdout();
                let written = async {
                    out.write_all(&[b'x'; 100_000]).await?;
                    out.flush().await
                };
                let error = written.await.unwrap_err();
                stderr().write_all(format!("{:?}", error.kind()).as_bytes()).await.unwrap();
            }
            other => panic!("no role {other:?}"),
        }
    });
}

#[test]
fn lines_are_read_and_answered() {
    let mut child = child("echo").spawn().unwrap();
    child.stdin.take().unwrap().write_all("one\nzwölf\nlast".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for answer in ["<one>", "<zwölf>", "<last>"] {
        assert!(said.contains(answer), "{said:?}");
    }
    assert!(String::from_utf8(output.stderr).unwrap().contains("complaint"));
}

#[test]
fn what_is_flushed_is_out_and_in_order() {
    let output = child("order").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let expected: String = (0..1000).map(|i| format!("[{i}]")).collect();
    assert!(said.ends_with(&expected), "{said:?}");
}

#[test]
fn a_closed_pipe_is_reported() {
    let mut child = child("broken").spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(b"!").unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    assert!(said.contains("BrokenPipe"), "{said:?}");
}

#[test]
fn the_descriptors_are_the_standard_ones() {
    assert_eq!((stdin().as_raw_fd(), stdout().as_raw_fd(), stderr().as_raw_fd()), (0, 1, 2));
    assert_eq!(stdout().as_fd().as_raw_fd(), 1);
}

#[test]
fn after_shutdown_a_write_is_refused_at_once_and_not_at_a_flush_that_may_never_come() {
    let rt = current_thread();
    let handle = rt.handle().clone();
    rt.shutdown_timeout(std::time::Duration::from_secs(10));
    let error = handle.block_on(async { stdout().write_all(b"lost").await }).unwrap_err();
    assert!(mini_tokio::runtime::is_rt_shutdown_err(&error), "{error}");
}
