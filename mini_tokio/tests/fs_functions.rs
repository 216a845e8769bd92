//! The functions of `fs`, directories, and what happens to them when the runtime ends.

mod fs_support;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::os::unix::fs::{DirEntryExt, PermissionsExt};

use fs_support::{Dir, current_thread};
use mini_tokio::fs;

#[test]
fn files_are_read_written_copied_renamed_and_removed() {
    let dir = Dir::new();
    let (a, b) = (dir.join("a"), dir.join("b"));
    current_thread().block_on(async {
        fs::write(&a, "grüße").await.unwrap();
        assert_eq!(fs::read(&a).await.unwrap(), "grüße".as_bytes());
        assert_eq!(fs::read_to_string(&a).await.unwrap(), "grüße");
        assert_eq!(fs::copy(&a, &b).await.unwrap(), 7);
        fs::rename(&b, &a).await.unwrap();
        assert!(!fs::try_exists(&b).await.unwrap());
        fs::set_permissions(&a, std::fs::Permissions::from_mode(0o400)).await.unwrap();
        assert_eq!(fs::metadata(&a).await.unwrap().permissions().mode() & 0o777, 0o400);
        fs::remove_file(&a).await.unwrap();
        assert_eq!(fs::read(&a).await.unwrap_err().kind(), ErrorKind::NotFound);
        fs::write(&a, [0xff]).await.unwrap();
        assert_eq!(fs::read_to_string(&a).await.unwrap_err().kind(), ErrorKind::InvalidData);
    });
}

#[test]
fn links_are_made_and_read() {
    let dir = Dir::new();
    let file = dir.file("file", b"contents");
    let (hard, soft) = (dir.join("hard"), dir.join("soft"));
    current_thread().block_on(async {
        fs::hard_link(&file, &hard).await.unwrap();
        fs::symlink(&file, &soft).await.unwrap();
        assert_eq!(fs::read(&hard).await.unwrap(), b"contents");
        assert_eq!(fs::read_link(&soft).await.unwrap(), file);
        assert!(fs::symlink_metadata(&soft).await.unwrap().is_symlink());
        assert!(fs::metadata(&soft).await.unwrap().is_file());
        assert_eq!(fs::canonicalize(&soft).await.unwrap(), std::fs::canonicalize(&file).unwrap());
    });
}

#[test]
fn directories_are_made_and_removed() {
    let dir = Dir::new();
    current_thread().block_on(async {
        fs::create_dir(dir.join("a")).await.unwrap();
        assert_eq!(fs::create_dir(dir.join("x/y")).await.unwrap_err().kind(), ErrorKind::NotFound);
        fs::create_dir_all(dir.join("x/y")).await.unwrap();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir.join("p/q")).await.unwrap();
        assert_eq!(fs::metadata(dir.join("p/q")).await.unwrap().permissions().mode() & 0o777, 0o700);
        fs::remove_dir(dir.join("a")).await.unwrap();
        assert_eq!(fs::remove_dir(dir.join("x")).await.unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
        fs::remove_dir_all(dir.join("x")).await.unwrap();
        assert!(!fs::try_exists(dir.join("x")).await.unwrap());
    });
}

#[test]
fn every_entry_of_a_directory_comes_once() {
    let dir = Dir::new();
    // More than two batches.
    let names: HashSet<String> = (0..150).map(|i| format!("entry-{i}")).collect();
    for name in &names {
        dir.file(name, b"");
    }
    std::fs::create_dir(dir.join("sub")).unwrap();
    current_thread().block_on(async {
        let mut entries = fs::read_dir(dir.path()).await.unwrap();
        let (mut seen, mut directories) = (HashSet::new(), 0);
        while let Some(entry) = entries.next_entry().await.unwrap() {
            assert_eq!(entry.path(), dir.path().join(entry.file_name()));
            assert_ne!(entry.ino(), 0);
            if entry.file_type().await.unwrap().is_dir() {
                assert!(entry.metadata().await.unwrap().is_dir());
                directories += 1;
            } else {
                assert!(seen.insert(entry.file_name().into_string().unwrap()));
            }
        }
        assert_eq!((seen, directories), (names, 1));
        assert!(entries.next_entry().await.unwrap().is_none(), "and stays so");
    });
    let inode = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().ino();
    assert_ne!(inode, 0);
}

#[test]
fn after_shutdown_there_are_errors_and_no_panics() {
    let runtime = current_thread();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _context = handle.enter();
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let read = std::pin::pin!(fs::read("/dev/null"));
    let std::task::Poll::Ready(Err(error)) = read.poll(&mut cx) else { panic!("nobody would run it") };
    assert_eq!(error.to_string(), "background task failed");
}
