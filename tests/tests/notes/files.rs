//! Notes C8 and D: files.

use super::{Lines, block_thread, current_thread};
use crate::rt::fs::{self, File};
use crate::rt::io::{self, AsyncReadExt, AsyncWriteExt};
use crate::rt::time::{Duration, sleep};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

/// A path of its own for each test and each runtime.
fn path(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME"));
    std::fs::create_dir_all(&directory).unwrap();
    directory.join(name)
}

/// C8.2: a file is created, written, opened and read, in part and as a whole
#[test]
fn a_file_is_written_and_read() {
    current_thread().block_on(async {
        let path = path("some_bytes.txt");
        let mut file = File::create(&path).await.unwrap();
        let n = file.write(b"some bytes").await.unwrap();
        file.write_all(&b"some bytes"[n..]).await.unwrap();
        file.write_all(b", and more").await.unwrap();
        file.flush().await.unwrap();

        let mut file = File::open(&path).await.unwrap();
        let mut buffer = [0; 10];
        assert_eq!(file.read_exact(&mut buffer).await.unwrap(), 10);
        assert_eq!(&buffer, b"some bytes");
        let mut rest = Vec::new();
        assert_eq!(file.read_to_end(&mut rest).await.unwrap(), 10);
        assert_eq!(rest, b", and more");
        assert_eq!(file.read(&mut buffer).await.unwrap(), 0);
        assert_eq!(fs::read_to_string(&path).await.unwrap(), "some bytes, and more");
        // To create is to empty.
        drop(File::create(&path).await.unwrap());
        assert_eq!(fs::read(&path).await.unwrap(), b"");
        fs::remove_file(&path).await.unwrap();
        assert_eq!(File::open(&path).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    });
}

/// D6: as the note has it, with a file: it is read while the thread is frozen, and its reader goes on when the thread does
#[test]
fn a_file_is_read_while_the_thread_is_frozen() {
    let lines = Lines::default();
    let (compute, until) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = current_thread();
            let said = lines.clone();
            runtime.spawn(async move {
                said.say("Future 1 executed on thread");
                let content = fs::read_to_string("Cargo.toml").await.unwrap();
                said.say(format!("Content read: {}", !content.is_empty()));
            });
            let said = lines.clone();
            runtime.spawn(async move {
                said.say("Future 2 executed on thread");
                block_thread(&until);
                said.say("Result: computed");
            });
            runtime.block_on(async { sleep(Duration::from_millis(900)).await });
        });
        compute.send(()).unwrap();
    });
    let expected =
        ["Future 1 executed on thread", "Future 2 executed on thread", "Result: computed", "Content read: true"];
    assert_eq!(lines.all(), expected);
}
