//! Both directions of a buffered stream.

use super::BufStream;
use crate::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufWriter, duplex};
use futures::executor::block_on;
use std::io::{Cursor, SeekFrom};

#[test]
fn both_directions_are_buffered() {
    let (here, mut there) = duplex(64);
    let mut stream = BufStream::new(here);
    block_on(async {
        there.write_all(b"question\n").await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert_eq!(line, "question\n");
        stream.write_all(b"answer").await.unwrap();
        stream.flush().await.unwrap();
        let mut answer = [0; 6];
        there.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    });
}

#[test]
fn a_seek_writes_out_and_then_moves_both() {
    let mut stream = BufStream::with_capacity(1, 8, Cursor::new(b"abcdef".to_vec()));
    block_on(async {
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        stream.write_all(b"XY").await.unwrap();
        assert_eq!(stream.seek(SeekFrom::Start(0)).await.unwrap(), 0);
        let mut all = String::new();
        stream.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "aXYdef");
    });
}

#[test]
fn turning_the_layers_over_keeps_both_buffers() {
    let mut writer = BufWriter::new(BufReader::new(Cursor::new(b"abc".to_vec())));
    block_on(writer.read_u8()).unwrap();
    block_on(writer.write_all(b"Z")).unwrap();
    let mut stream = BufStream::from(writer);
    assert_eq!(block_on(stream.fill_buf()).unwrap(), b"bc");
    block_on(stream.flush()).unwrap();
    assert_eq!(stream.into_inner().into_inner(), b"abcZ");
}
