//! A stream split in two and made one again.

use super::split;
use crate::io::script::{Step, poll_once, reader, writer};
use crate::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, join};
use futures::executor::block_on;
use std::pin::pin;
use std::sync::Arc;

#[test]
fn the_halves_read_and_write_the_same_stream() {
    let (mut read, mut write) = split(join(&b"in"[..], Vec::new()));
    let mut text = String::new();
    block_on(read.read_to_string(&mut text)).unwrap();
    block_on(write.write_all(b"out")).unwrap();
    assert!(write.is_write_vectored());
    assert_eq!((text.as_str(), read.unsplit(write).writer().as_slice()), ("in", &b"out"[..]));
}

#[test]
fn a_pending_half_leaves_the_other_free() {
    let (mut read, mut write) = split(join(reader([Step::Pend]), writer([])));
    assert!(poll_once(pin!(read.read(&mut [0]))).is_pending());
    block_on(write.write_all(b"x")).unwrap();
    block_on(write.flush()).unwrap();
    block_on(write.shutdown()).unwrap();
    let stream = read.unsplit(write);
    assert_eq!((stream.writer().flushes, stream.writer().shutdowns), (1, 1));
}

#[test]
fn halves_know_their_pair() {
    let (read, write) = split(join(&b""[..], Vec::new()));
    let (other_read, other_write) = split(join(&b""[..], Vec::new()));
    assert!(read.is_pair_of(&write) && write.is_pair_of(&read));
    assert!(!read.is_pair_of(&other_write) && !other_write.is_pair_of(&read));
    drop(other_read);
}

#[test]
#[should_panic(expected = "two different streams")]
fn halves_of_two_streams_do_not_join() {
    let (read, _write) = split(duplex(1).0);
    let (_read, write) = split(duplex(1).0);
    read.unsplit(write);
}

#[test]
fn the_stream_is_dropped_with_its_last_half() {
    let witness = Arc::new([0u8; 1]);
    let (read, write) = split(join(std::io::Cursor::new(SharedBytes(witness.clone())), Vec::new()));
    drop(read);
    assert_eq!(Arc::strong_count(&witness), 2);
    drop(write);
    assert_eq!(Arc::strong_count(&witness), 1);
}

struct SharedBytes(Arc<[u8; 1]>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &*self.0
    }
}

#[test]
fn halves_work_from_two_threads() {
    let (near, far) = duplex(3);
    let (mut read, mut write) = split(near);
    let (mut far_read, mut far_write) = split(far);
    std::thread::scope(|scope| {
        scope.spawn(move || block_on(write.write_all(&[1; 1000])).unwrap());
        scope.spawn(move || {
            let mut buf = [0; 1000];
            block_on(far_read.read_exact(&mut buf)).unwrap();
            block_on(far_write.write_all(&buf)).unwrap();
        });
        let mut buf = [0; 1000];
        block_on(read.read_exact(&mut buf)).unwrap();
        assert_eq!(buf, [1; 1000]);
    });
}
