//! Pipes, named and not: bytes in one direction, an end, and for named ones a new beginning.

mod net_support;

use std::ffi::CString;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Command;
use std::task::{Context, Poll};

use mini_tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use mini_tokio::net::unix::pipe::{self, OpenOptions, Receiver, Sender};
use mini_tokio::task;
use net_support::{Wakes, current_thread, runtimes};

/// A named pipe, removed at the end.
struct Fifo(PathBuf);

impl Fifo {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mini_tokio-{}-{name}.fifo", std::process::id()));
        let c_path = CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: a pointer to a string that ends with a zero byte and lives through the call.
        assert_eq!(unsafe { libc::mkfifo(c_path.as_ptr(), 0o600) }, 0);
        Self(path)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn every_byte_goes_through_and_the_end_comes_with_the_last_sender() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut sender, mut receiver) = pipe::pipe().unwrap();
            let sent: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(31) >> 3) as u8).collect();
            let expected = sent.clone();
            let writing = task::spawn(async move { sender.write_all(&sent).await.unwrap() });
            let mut received = Vec::new();
            receiver.read_to_end(&mut received).await.unwrap();
            writing.await.unwrap();
            assert!(received == expected);
        });
    }
}

#[test]
fn a_pipe_without_receivers_breaks() {
    for rt in runtimes() {
        rt.block_on(async {
            let (mut sender, receiver) = pipe::pipe().unwrap();
            let writing = task::spawn(async move { sender.write_all(&[0; 1_000_000]).await });
            receiver.readable().await.unwrap(); // the pipe is filling
            drop(receiver);
            assert_eq!(writing.await.unwrap().unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
    }
}

#[test]
fn a_named_pipe_begins_again_with_its_next_sender_and_nobody_spins() {
    current_thread().block_on(async {
        let fifo = Fifo::new("again");
        let mut receiver = OpenOptions::new().open_receiver(&fifo.0).unwrap();
        for round in 0..3u8 {
            let mut sender = OpenOptions::new().open_sender(&fifo.0).unwrap();
            sender.write_all(&[round]).await.unwrap();
            assert_eq!(receiver.read_u8().await.unwrap(), round);
            drop(sender);
            assert_eq!(receiver.read(&mut [0]).await.unwrap(), 0, "the end");
            while !receiver.ready(Interest::READABLE).await.unwrap().is_read_closed() {
                task::yield_now().await; // until the reactor has been turned
            }
        }
        // A sender is there again and has nothing to say: that the pipe was closed must be forgotten, or every poll
        // would try in vain for ever (READY-3).
        let mut sender = OpenOptions::new().open_sender(&fifo.0).unwrap();
        let (wakes, waker) = Wakes::new();
        let mut byte = [0];
        let mut reading = pin!(receiver.read(&mut byte));
        assert!(reading.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        sender.write_all(b"x").await.unwrap();
        while wakes.count() == 0 {
            task::yield_now().await;
        }
        assert!(matches!(reading.poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(1))));
    });
}

#[test]
fn a_sender_needs_a_receiver_unless_it_is_both() {
    current_thread().block_on(async {
        let fifo = Fifo::new("both");
        let error = OpenOptions::new().open_sender(&fifo.0).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
        let mut both = OpenOptions::new().read_write(true).open_sender(&fifo.0).unwrap();
        both.write_all(b"early").await.unwrap();
        let mut receiver = OpenOptions::new().open_receiver(&fifo.0).unwrap();
        let mut bytes = [0; 5];
        receiver.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"early");
    });
}

#[test]
fn what_is_no_pipe_or_its_wrong_end_is_refused() {
    current_thread().block_on(async {
        let refused = |outcome: std::io::Result<()>, message: &str| {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidInput, message));
        };
        refused(OpenOptions::new().open_receiver("/dev/null").map(drop), "not a pipe");
        refused(Sender::from_file(File::create("/dev/null").unwrap()).map(drop), "not a pipe");
        let (reader, writer) = std::io::pipe().unwrap();
        refused(Sender::from_owned_fd(reader.into()).map(drop), "not in O_WRONLY or O_RDWR access mode");
        refused(Receiver::from_owned_fd(writer.into()).map(drop), "not in O_RDONLY or O_RDWR access mode");
    });
}

#[test]
fn a_descriptor_comes_from_elsewhere_and_goes_back_as_it_is_wanted() {
    current_thread().block_on(async {
        let (mut theirs, ours) = std::io::pipe().unwrap();
        let mut sender = Sender::from_owned_fd(ours.into()).unwrap(); // and is non-blocking now
        sender.write_all(b"1").await.unwrap();
        let mut back = File::from(sender.into_blocking_fd().unwrap());
        back.write_all(b"2").unwrap();
        let mut two = [0; 2];
        theirs.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"12");

        let receiver = Receiver::from_owned_fd(theirs.into()).unwrap();
        assert_eq!(receiver.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        let mut fd = File::from(receiver.into_nonblocking_fd().unwrap());
        assert_eq!(fd.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_child_process_reads_what_is_sent() {
    current_thread().block_on(async {
        let (mut sender, receiver) = pipe::pipe().unwrap();
        let (mut answer, child_out) = std::io::pipe().unwrap();
        let mut child =
            Command::new("cat").stdin(receiver.into_blocking_fd().unwrap()).stdout(child_out).spawn().unwrap();
        sender.write_all(b"through cat").await.unwrap();
        drop(sender);
        child.wait().unwrap();
        let mut text = [0; 11];
        answer.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"through cat");
    });
}
