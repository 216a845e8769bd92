//! Auto traits and implementations for pointers: claims about the module as a whole.

use super::script::{Step, poll_once, reader, writer};
use super::*;
use futures::executor::block_on;
use std::cell::Cell;
use std::marker::PhantomPinned;
use std::pin::{Pin, pin};

/// `Probe::<T>::SEND` and the like say whether `T` has the trait: an inherent constant, where its bound holds, goes
/// before the one of `Not`.
struct Probe<T: ?Sized>(std::marker::PhantomData<T>);

trait Not {
    const SEND: bool = false;
    const SYNC: bool = false;
    const UNPIN: bool = false;
}

impl<T: ?Sized> Not for T {}

impl<T: ?Sized + Send> Probe<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Probe<T> {
    const SYNC: bool = true;
}

impl<T: ?Sized + Unpin> Probe<T> {
    const UNPIN: bool = true;
}

macro_rules! assert_traits {
    ($type:ty: send $send:literal, sync $sync:literal, unpin $unpin:literal) => {
        assert_eq!(Probe::<$type>::SEND, $send, "{}: Send", stringify!($type));
        assert_eq!(Probe::<$type>::SYNC, $sync, "{}: Sync", stringify!($type));
        assert_eq!(Probe::<$type>::UNPIN, $unpin, "{}: Unpin", stringify!($type));
    };
}

/// Checks the unnameable type of a future.
macro_rules! assert_future {
    ($future:expr) => {{
        fn send_and_sync<T: Send + Sync>(_: &T) {}
        trait AmbiguousIfUnpin<A> {
            fn check() {}
        }
        impl<T: ?Sized> AmbiguousIfUnpin<()> for T {}
        struct Invalid;
        impl<T: ?Sized + Unpin> AmbiguousIfUnpin<Invalid> for T {}
        fn not_unpin<T: AmbiguousIfUnpin<A>, A>(_: &T) {
            T::check()
        }
        let future = $future;
        send_and_sync(&future);
        not_unpin(&future);
    }};
}

#[test]
fn streams_have_the_auto_traits_of_what_they_are_made_of() {
    type Owned = std::io::Cursor<Vec<u8>>;
    assert_traits!(ReadBuf<'_>: send true, sync true, unpin true);
    assert_traits!(BufReader<Owned>: send true, sync true, unpin true);
    assert_traits!(BufWriter<Owned>: send true, sync true, unpin true);
    assert_traits!(BufStream<Owned>: send true, sync true, unpin true);
    assert_traits!(Lines<Owned>: send true, sync true, unpin true);
    assert_traits!(Split<Owned>: send true, sync true, unpin true);
    assert_traits!(Take<Owned>: send true, sync true, unpin true);
    assert_traits!(Chain<Owned, Owned>: send true, sync true, unpin true);
    assert_traits!(Join<Owned, Owned>: send true, sync true, unpin true);
    assert_traits!(DuplexStream: send true, sync true, unpin true);
    assert_traits!(SimplexStream: send true, sync true, unpin true);
    assert_traits!(Empty: send true, sync true, unpin true);
    assert_traits!(Repeat: send true, sync true, unpin true);
    assert_traits!(Sink: send true, sync true, unpin true);
    assert_traits!(ReadHalf<Owned>: send true, sync true, unpin true);
    assert_traits!(WriteHalf<Owned>: send true, sync true, unpin true);
    assert_traits!(ReadHalf<*const u8>: send false, sync false, unpin true);
    assert_traits!(BufReader<*const u8>: send false, sync false, unpin true);
    assert_traits!(BufReader<Cell<u8>>: send true, sync false, unpin true);
    assert_traits!(BufReader<PhantomPinned>: send true, sync true, unpin false);
    assert_traits!(ReadHalf<PhantomPinned>: send true, sync true, unpin true);
}

#[test]
fn futures_are_send_and_sync_and_not_unpin() {
    let mut read: Pin<Box<dyn AsyncBufRead + Send + Sync>> = Box::pin(&b""[..]);
    let mut write: Pin<Box<dyn AsyncWrite + Send + Sync>> = Box::pin(Vec::new());
    let mut seek: Pin<Box<dyn AsyncSeek + Send + Sync>> = Box::pin(std::io::Cursor::new([0]));
    let (mut vec, mut string) = (Vec::new(), String::new());
    let (mut bytes, mut here, mut there) = (&b""[..], empty(), empty());
    assert_future!(read.read(&mut []));
    assert_future!(read.read_buf(&mut vec));
    assert_future!(read.read_exact(&mut []));
    assert_future!(read.read_u8());
    assert_future!(read.read_f64_le());
    assert_future!(read.read_to_end(&mut vec));
    assert_future!(read.read_to_string(&mut string));
    assert_future!(read.read_until(0, &mut vec));
    assert_future!(read.read_line(&mut string));
    assert_future!(read.fill_buf());
    assert_future!(write.write(&[]));
    assert_future!(write.write_vectored(&[]));
    assert_future!(write.write_all(&[]));
    assert_future!(write.write_buf(&mut bytes));
    assert_future!(write.write_all_buf(&mut bytes));
    assert_future!(write.write_i8(0));
    assert_future!(write.write_u128(0));
    assert_future!(write.flush());
    assert_future!(write.shutdown());
    assert_future!(seek.seek(SeekFrom::Start(0)));
    assert_future!(seek.stream_position());
    assert_future!(copy(&mut read, &mut write));
    assert_future!(copy_buf(&mut read, &mut write));
    assert_future!(copy_bidirectional(&mut here, &mut there));
    let mut lines = BufReader::new(&b""[..]).lines();
    assert_future!(lines.next_line());
    let mut segments = BufReader::new(&b""[..]).split(0);
    assert_future!(segments.next_segment());
}

#[test]
fn boxed_borrowed_and_pinned_streams_are_streams() {
    let mut buf = [0; 2];
    let mut boxed: Box<dyn AsyncRead + Unpin> = Box::new(&b"abcd"[..]);
    assert_eq!(block_on(boxed.read(&mut buf)).unwrap(), 2);
    assert_eq!(block_on(Pin::new(&mut boxed).read(&mut buf)).unwrap(), 2);
    assert_eq!(&buf, b"cd");

    let mut out = Vec::new();
    let mut boxed: Box<dyn AsyncWrite + Unpin + '_> = Box::new(&mut out);
    assert!(boxed.is_write_vectored());
    block_on(boxed.write_all(b"ab")).unwrap();
    block_on(Pin::new(&mut boxed).write_all(b"cd")).unwrap();
    drop(boxed);
    assert_eq!(out, b"abcd");
}

#[test]
fn a_fixed_cursor_takes_what_fits_and_then_nothing() {
    let mut memory = [0; 3];
    let mut cursor = std::io::Cursor::new(&mut memory[..]);
    assert_eq!(block_on(cursor.write(b"abcd")).unwrap(), 3);
    assert_eq!(block_on(cursor.write_all(b"d")).unwrap_err().kind(), ErrorKind::WriteZero);
    assert_eq!(&memory, b"abc");
}

#[test]
fn a_cursor_behind_its_end_is_at_end_of_file() {
    let mut cursor = std::io::Cursor::new(b"abc");
    cursor.set_position(u64::MAX);
    assert_eq!(block_on(cursor.read(&mut [0; 4])).unwrap(), 0);
    assert_eq!(block_on(cursor.fill_buf()).unwrap(), b"");
}

#[test]
fn ends_in_memory_give_and_take() {
    let mut byte = [0; 3];
    assert_eq!(block_on(empty().read(&mut byte)).unwrap(), 0);
    assert_eq!(block_on(empty().write(&byte)).unwrap(), 3);
    assert_eq!(block_on(empty().seek(SeekFrom::End(-5))).unwrap(), 0);
    assert_eq!(
        block_on(sink().write_vectored(&[std::io::IoSlice::new(b"ab"), std::io::IoSlice::new(b"c")])).unwrap(),
        3
    );
    assert_eq!(block_on(repeat(7).read_exact(&mut byte)).unwrap(), 3);
    assert_eq!(byte, [7; 3]);
}

#[test]
fn a_join_reads_from_one_and_writes_to_the_other() {
    let mut stream = join(&b"in"[..], Vec::new());
    let mut text = String::new();
    block_on(stream.read_to_string(&mut text)).unwrap();
    block_on(stream.write_all(b"out")).unwrap();
    assert_eq!((text.as_str(), stream.into_inner().1.as_slice()), ("in", &b"out"[..]));
}

#[test]
fn the_script_does_what_it_says() {
    let mut read = reader([Step::Pend, Step::Give(b"ab")]);
    let mut buf = [0; 1];
    assert!(poll_once(pin!(read.read(&mut buf))).is_pending());
    assert_eq!(block_on(read.read(&mut buf)).unwrap(), 1);
    assert_eq!(block_on(read.read(&mut buf)).unwrap(), 1);
    assert_eq!(block_on(read.read(&mut buf)).unwrap(), 0);
    let mut write = writer([Step::Take(1)]);
    assert_eq!(block_on(write.write(b"ab")).unwrap(), 1);
    assert_eq!(block_on(write.write(b"b")).unwrap(), 1);
    assert_eq!(write.data, b"ab");
}
