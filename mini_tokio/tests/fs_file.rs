//! `fs::File` on real files: order, position, errors of writes that nobody waited for, and who sees the cursor.

mod fs_support;

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::PermissionsExt;

use fs_support::{Dir, current_thread, multi_thread};
use mini_tokio::fs::{File, FileTimes, OpenOptions};
use mini_tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};

/// A pattern in which no two positions near each other look the same.
fn pattern(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[test]
fn what_is_written_is_read_back_in_order() {
    let dir = Dir::new();
    let path = dir.join("data");
    let contents = pattern(300_000);
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let mut file = File::create(&path).await.unwrap();
            for piece in contents.chunks(997) {
                file.write_all(piece).await.unwrap();
            }
            file.flush().await.unwrap();
            assert!(std::fs::read(&path).unwrap() == contents);
            let mut file = BufReader::new(File::open(&path).await.unwrap());
            let mut all = Vec::new();
            file.read_to_end(&mut all).await.unwrap();
            assert!(all == contents);
        });
    }
}

#[test]
fn reads_of_every_size_give_every_byte_once() {
    let dir = Dir::new();
    let contents = pattern(700_000);
    let path = dir.file("data", &contents);
    current_thread().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        let (mut all, mut size) = (Vec::new(), 1);
        loop {
            let mut piece = vec![0; size];
            let n = file.read(&mut piece).await.unwrap();
            if n == 0 {
                break;
            }
            all.extend_from_slice(&piece[..n]);
            assert_eq!(file.stream_position().await.unwrap(), all.len() as u64);
            size = size * 7 % 70_001;
        }
        assert!(all == contents);
    });
}

#[test]
fn a_full_disk_is_reported_at_flush() {
    current_thread().block_on(async {
        let mut full = OpenOptions::new().write(true).open("/dev/full").await.unwrap();
        assert_eq!(full.write(b"lost").await.unwrap(), 4, "it is in the buffer");
        assert_eq!(full.flush().await.unwrap_err().kind(), ErrorKind::StorageFull);
        full.flush().await.unwrap();
        // Or at the next write.
        full.write_all(b"lost").await.unwrap();
        assert_eq!(full.write(b"more").await.unwrap_err().kind(), ErrorKind::StorageFull);
    });
}

#[test]
fn a_write_to_a_file_open_for_reading_fails_at_flush() {
    let dir = Dir::new();
    let path = dir.file("data", b"hello");
    current_thread().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        file.write_all(b"no").await.unwrap();
        assert!(file.shutdown().await.is_err());
    });
    assert_eq!(std::fs::read(path).unwrap(), b"hello");
}

#[test]
fn reads_and_writes_share_one_position() {
    let dir = Dir::new();
    let path = dir.file("data", &pattern(100_000));
    current_thread().block_on(async {
        let mut file = File::options().read(true).write(true).open(&path).await.unwrap();
        let mut piece = [0; 100];
        for _ in 0..3 {
            file.read_exact(&mut piece).await.unwrap(); // from the second on ahead
        }
        file.write_all(b"written").await.unwrap();
        file.read_exact(&mut piece).await.unwrap();
        file.flush().await.unwrap();
        let mut expected = pattern(100_000);
        expected[300..307].copy_from_slice(b"written");
        assert!(std::fs::read(&path).unwrap() == expected);
        assert_eq!(piece, expected[307..407]);
    });
}

#[test]
fn a_seek_leads_where_it_says() {
    let dir = Dir::new();
    let contents = pattern(100_000);
    let path = dir.file("data", &contents);
    current_thread().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        let mut piece = [0; 50];
        for (to, at) in [
            (SeekFrom::Start(10), 10),
            (SeekFrom::Current(40), 100),
            (SeekFrom::Current(-120), 30),
            (SeekFrom::End(-50), 99_950),
            (SeekFrom::Start(0), 0),
        ] {
            assert_eq!(file.seek(to).await.unwrap(), at as u64);
            file.read_exact(&mut piece).await.unwrap();
            assert_eq!(piece, contents[at..at + 50]);
        }
        assert_eq!(file.seek(SeekFrom::Current(-51)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(file.stream_position().await.unwrap(), 50, "a seek that fails goes nowhere");
    });
}

#[test]
fn whoever_gets_the_descriptor_finds_the_cursor_where_the_program_is() {
    let dir = Dir::new();
    let contents = pattern(100_000);
    let path = dir.file("data", &contents);
    // Each way of getting at the descriptor, after reads that went ahead of the program.
    let mut ways: Vec<Box<dyn FnMut(File) -> std::fs::File>> = vec![
        Box::new(|file| file.try_into_std().unwrap()),
        Box::new(|file| current_thread().block_on(file.into_std())),
        Box::new(|file| file.as_fd().try_clone_to_owned().unwrap().into()),
        Box::new(|file| {
            assert!(file.as_raw_fd() > 0);
            file.as_fd().try_clone_to_owned().unwrap().into()
        }),
        Box::new(|file| {
            let clone = current_thread().block_on(file.try_clone()).unwrap();
            clone.try_into_std().unwrap()
        }),
    ];
    for way in &mut ways {
        let mut file = current_thread().block_on(File::open(&path)).unwrap();
        current_thread().block_on(async {
            for _ in 0..3 {
                file.read_exact(&mut [0; 10]).await.unwrap();
            }
        });
        let mut std = way(file);
        assert_eq!(std.stream_position().unwrap(), 30);
        let mut piece = [0; 10];
        std.read_exact(&mut piece).unwrap();
        assert_eq!(piece, contents[30..40]);
    }
}

#[test]
fn a_file_with_two_owners_has_one_position() {
    let dir = Dir::new();
    let contents = pattern(100_000);
    let path = dir.file("data", &contents);
    current_thread().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        let mut clone = file.try_clone().await.unwrap();
        let (mut a, mut b) = ([0; 10], [0; 10]);
        for i in 0..5 {
            file.read_exact(&mut a).await.unwrap();
            clone.read_exact(&mut b).await.unwrap();
            assert_eq!(a, contents[20 * i..][..10]);
            assert_eq!(b, contents[20 * i + 10..][..10]);
        }
    });
}

#[test]
fn set_len_and_sync_wait_for_what_was_written() {
    let dir = Dir::new();
    let path = dir.join("data");
    current_thread().block_on(async {
        let mut file = File::create(&path).await.unwrap();
        file.write_all(b"hello world").await.unwrap();
        file.set_len(5).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"hello");
        file.seek(SeekFrom::End(0)).await.unwrap();
        file.write_all(b"!").await.unwrap();
        file.sync_all().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"hello!");
        file.write_all(b"!").await.unwrap();
        file.sync_data().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"hello!!");
        assert_eq!(file.metadata().await.unwrap().len(), 7);
    });
}

#[test]
fn many_tasks_may_wait_for_one_file() {
    let dir = Dir::new();
    let path = dir.join("data");
    multi_thread().block_on(async {
        let file = std::sync::Arc::new(File::create(&path).await.unwrap());
        let tasks: Vec<_> = (0..20u64)
            .map(|i| {
                let file = file.clone();
                mini_tokio::spawn(async move {
                    file.set_len(i).await.unwrap();
                    file.sync_all().await.unwrap();
                    file.metadata().await.unwrap();
                })
            })
            .collect();
        tasks[7].abort();
        for task in tasks {
            let _ = task.await;
        }
        file.set_len(99).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 99);
    });
}

#[test]
fn a_file_becomes_a_std_file_when_its_writes_are_done() {
    let dir = Dir::new();
    let path = dir.join("data");
    current_thread().block_on(async {
        let mut file = File::create(&path).await.unwrap();
        file.write_all(b"one ").await.unwrap();
        let mut std = file.into_std().await;
        std.write_all(b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one two");
    });
}

#[test]
fn permissions_and_times_can_be_set() {
    let dir = Dir::new();
    let path = dir.file("data", b"");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    current_thread().block_on(async {
        let file = File::options().write(true).open(&path).await.unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).await.unwrap();
        file.set_times(FileTimes::new().set_accessed(long_ago)).await.unwrap();
        file.set_modified(long_ago).await.unwrap();
        let metadata = file.metadata().await.unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert_eq!((metadata.accessed().unwrap(), metadata.modified().unwrap()), (long_ago, long_ago));
    });
}

#[test]
fn options_are_passed_on() {
    let dir = Dir::new();
    let path = dir.join("data");
    current_thread().block_on(async {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o640).open(&path).await.unwrap();
        file.write_all(b"first").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(file.metadata().await.unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(File::create_new(&path).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
        let mut file = OpenOptions::new().append(true).open(&path).await.unwrap();
        file.write_all(b" second").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"first second");
        // O_TRUNC by its number.
        OpenOptions::new().write(true).custom_flags(libc::O_TRUNC).open(&path).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    });
}

#[test]
fn a_closed_pipe_is_reported_at_flush() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    current_thread().block_on(async {
        let mut file = File::from(std::os::fd::OwnedFd::from(writer));
        file.write_all(b"to nobody").await.unwrap();
        assert_eq!(file.flush().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_loop_that_reads_yields() {
    let dir = Dir::new();
    let path = dir.file("data", &pattern(100_000));
    current_thread().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        let turns = std::rc::Rc::new(std::cell::Cell::new(0));
        let local = mini_tokio::task::LocalSet::new();
        let other = turns.clone();
        let _other = local.spawn_local(async move {
            loop {
                other.set(other.get() + 1);
                mini_tokio::task::yield_now().await;
            }
        });
        local
            .run_until(async move {
                file.read_exact(&mut [0]).await.unwrap();
                file.read_exact(&mut [0]).await.unwrap();
                let before = turns.get();
                for _ in 0..10_000 {
                    file.read_exact(&mut [0]).await.unwrap(); // out of the buffer
                }
                assert!(turns.get() > before + 10, "128 reads and then the others");
            })
            .await;
    });
}
