//! The three parts of a `ReadBuf`, and that nothing uninitialised shows.

use super::ReadBuf;
use bytes::BufMut;
use std::mem::MaybeUninit;

#[test]
fn what_is_put_is_filled_and_initialized() {
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_slice(b"abc");
    assert_eq!(buf.filled(), b"abc");
    assert_eq!(buf.initialized(), b"abc");
    assert_eq!((buf.remaining(), buf.capacity()), (5, 8));
}

#[test]
fn a_byte_is_zeroed_once() {
    let mut memory = [MaybeUninit::uninit(); 4];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.initialize_unfilled_to(2).copy_from_slice(b"xy");
    assert_eq!(buf.initialize_unfilled(), b"xy\0\0");
    buf.advance(1);
    assert_eq!(buf.filled(), b"x");
    assert_eq!(buf.initialize_unfilled_to(1), b"y");
}

#[test]
fn clearing_forgets_data_but_not_initialization() {
    let mut memory = *b"abcd";
    let mut buf = ReadBuf::new(&mut memory);
    buf.advance(4);
    buf.clear();
    assert_eq!(buf.filled(), b"");
    assert_eq!(buf.initialized(), b"abcd");
    buf.set_filled(3);
    buf.set_filled(2);
    buf.filled_mut()[0] = b'z';
    assert_eq!(buf.filled(), b"zb");
}

#[test]
fn a_window_knows_what_was_initialized() {
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_slice(b"ab");
    buf.initialize_unfilled_to(2);
    assert_eq!(buf.take(1).initialized().len(), 1);
    assert_eq!(buf.take(3).initialized().len(), 2);
    let window = buf.take(100);
    assert_eq!((window.capacity(), window.filled().len()), (6, 0));
}

#[test]
fn promises_about_initialization_never_shrink_it() {
    let mut memory = [MaybeUninit::new(7); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    // SAFETY: all eight bytes were written above.
    unsafe { buf.assume_init(6) };
    // SAFETY: as before.
    unsafe { buf.assume_init(2) };
    assert_eq!(buf.initialized().len(), 6);
}

#[test]
fn it_is_a_buf_mut() {
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_u16(0x0102);
    buf.put_bytes(9, 3);
    assert_eq!(buf.filled(), [1, 2, 9, 9, 9]);
    assert_eq!((buf.remaining_mut(), buf.chunk_mut().len()), (3, 3));
}

#[test]
fn debug_shows_the_three_marks() {
    let mut memory = [0; 4];
    let mut buf = ReadBuf::new(&mut memory);
    buf.advance(1);
    assert_eq!(format!("{buf:?}"), "ReadBuf { filled: 1, initialized: 4, capacity: 4 }");
}

#[test]
#[should_panic(expected = "filled must not become larger than initialized")]
fn bytes_never_written_cannot_be_filled() {
    ReadBuf::uninit(&mut [MaybeUninit::uninit(); 4]).advance(1);
}

#[test]
#[should_panic(expected = "must fit")]
fn a_slice_that_does_not_fit_panics() {
    ReadBuf::new(&mut [0; 2]).put_slice(b"abc");
}

#[test]
#[should_panic(expected = "overflow")]
fn an_absurd_advance_panics() {
    let mut memory = [0; 2];
    let mut buf = ReadBuf::new(&mut memory);
    buf.advance(1);
    buf.advance(usize::MAX);
}
