//! Two ends of a pipe in memory.

use super::{DuplexStream, duplex};
use crate::io::script::poll_once;
use crate::io::{AsyncReadExt, AsyncWriteExt, ErrorKind};
use futures::executor::block_on;
use futures::task::noop_waker;
use parking_lot::Mutex;
use std::future::Future;
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

#[test]
fn each_end_reads_what_the_other_wrote() {
    let (mut a, mut b) = duplex(32);
    let mut buf = [0; 4];
    block_on(async {
        a.write_all(b"ping").await.unwrap();
        b.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"ping");
        b.write_all(b"pong").await.unwrap();
        a.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"pong");
    });
}

#[test]
fn more_than_the_limit_flows_between_two_tasks() {
    let (mut a, mut b) = duplex(7);
    let (sent, received) = block_on(async {
        futures::join!(
            async {
                let bytes: Vec<u8> = (0..1000).map(|n| n as u8).collect();
                a.write_all(&bytes).await.unwrap();
                a.shutdown().await.unwrap();
                bytes
            },
            async {
                let mut bytes = Vec::new();
                b.read_to_end(&mut bytes).await.unwrap();
                bytes
            }
        )
    });
    assert_eq!(sent, received);
}

#[test]
fn a_dropped_end_is_an_end_for_readers_and_a_broken_pipe_for_writers() {
    let (mut a, mut b) = duplex(4);
    block_on(a.write_all(b"last")).unwrap();
    drop(a);
    assert_eq!(block_on(b.write(b"x")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(block_on(b.write(b"")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    let bufs = [IoSlice::new(b"")];
    assert_eq!(block_on(b.write_vectored(&bufs)).unwrap_err().kind(), ErrorKind::BrokenPipe);
    let mut rest = Vec::new();
    assert_eq!(block_on(b.read_to_end(&mut rest)).unwrap(), 4);
}

#[test]
fn nothing_can_be_read_and_written_without_waiting() {
    let (mut a, mut b) = duplex(1);
    assert_eq!(block_on(a.read(&mut [])).unwrap(), 0);
    block_on(b.write_all(b"x")).unwrap();
    assert_eq!(block_on(b.write(b"")).unwrap(), 0);
    assert_eq!(block_on(b.write_vectored(&[IoSlice::new(b"")])).unwrap(), 0);
}

/// A future that its own waker polls to its end, on the spot: it deadlocks if it is woken under a lock that it needs.
struct OnWake {
    future: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    finished: Arc<AtomicBool>,
}

impl Wake for OnWake {
    fn wake(self: Arc<Self>) {
        let mut future = self.future.lock();
        assert!(future.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_ready());
        self.finished.store(true, Ordering::Relaxed);
    }
}

fn finishes_when_woken(future: impl Future<Output = ()> + Send + 'static) -> Arc<AtomicBool> {
    let finished = Arc::new(AtomicBool::new(false));
    let task = Arc::new(OnWake { future: Mutex::new(Box::pin(future)), finished: finished.clone() });
    let waker = Waker::from(task.clone());
    assert!(task.future.lock().as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    finished
}

#[test]
fn wakers_run_outside_the_lock() {
    let acts: [fn(DuplexStream); 3] = [
        |mut writer| assert_eq!(block_on(writer.write(b"x")).unwrap(), 1),
        |mut writer| block_on(writer.shutdown()).unwrap(),
        drop,
    ];
    for act in acts {
        let (writer, mut reader) = duplex(1);
        let finished = finishes_when_woken(async move {
            reader.read(&mut [0]).await.unwrap();
        });
        act(writer);
        assert!(finished.load(Ordering::Relaxed));
    }

    let (mut writer, mut reader) = duplex(1);
    let finished = finishes_when_woken(async move { writer.write_all(b"xy").await.unwrap() });
    block_on(reader.read_u8()).unwrap();
    assert!(finished.load(Ordering::Relaxed));

    let (mut writer, reader) = duplex(1);
    let finished = finishes_when_woken(async move { drop(writer.write_all(b"xy").await.unwrap_err()) });
    drop(reader);
    assert!(finished.load(Ordering::Relaxed));
}

/// A waker that owns the other end: dropping it closes the pipe that it is registered in.
struct Owner {
    _peer: DuplexStream,
}

impl Wake for Owner {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn replaced_wakers_are_dropped_outside_the_lock() {
    let (mut reader, peer) = duplex(1);
    let mut read = pin!(async {
        assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
    });
    let waker = Waker::from(Arc::new(Owner { _peer: peer }));
    assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert!(poll_once(read.as_mut()).is_pending());
    assert!(poll_once(read.as_mut()).is_ready());

    let (mut writer, peer) = duplex(1);
    let mut write = pin!(async { drop(writer.write_all(b"xy").await.unwrap_err()) });
    let waker = Waker::from(Arc::new(Owner { _peer: peer }));
    assert!(write.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert!(poll_once(write.as_mut()).is_pending());
    assert!(poll_once(write.as_mut()).is_ready());
}

#[test]
#[should_panic(expected = "`max_buf_size` must be greater than 0")]
fn a_connection_that_holds_nothing_panics() {
    duplex(0);
}
