//! A shuttle to a device that counts its calls, waits where it is told to, and fails on demand.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, SeekFrom};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::{Device, Shuttle};
use crate::io::ReadBuf;
use crate::runtime::{Builder, Runtime};

/// A file in memory, and what was asked of it.
#[derive(Default)]
struct Fake {
    state: Mutex<State>,
    /// If present, every call waits for a word from it before it begins.
    gate: Option<Mutex<Receiver<()>>>,
}

#[derive(Default)]
struct State {
    contents: Vec<u8>,
    cursor: usize,
    calls: Vec<String>,
    failures: VecDeque<ErrorKind>,
}

impl Fake {
    fn of(contents: &[u8]) -> Arc<Self> {
        let state = State { contents: contents.to_vec(), ..Default::default() };
        Arc::new(Self { state: Mutex::new(state), gate: None })
    }

    fn gated(contents: &[u8]) -> (Arc<Self>, Sender<()>) {
        let (open, gate) = channel();
        let state = State { contents: contents.to_vec(), ..Default::default() };
        (Arc::new(Self { state: Mutex::new(state), gate: Some(Mutex::new(gate)) }), open)
    }

    fn call(&self, name: String) -> io::Result<()> {
        if let Some(gate) = &self.gate {
            // A sender that is gone means that the gate stays open.
            let _ = gate.lock().recv();
        }
        let mut state = self.state.lock();
        state.calls.push(name);
        state.failures.pop_front().map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn fail_next(&self, kind: ErrorKind) {
        self.state.lock().failures.push_back(kind);
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().calls)
    }
}

impl Device for Fake {
    const HOLDS_BACK: bool = true;

    fn read(&self, into: &mut Vec<u8>, room: usize) -> io::Result<()> {
        self.call(format!("read {room}"))?;
        let mut state = self.state.lock();
        let n = room.min(state.contents.len() - state.cursor);
        into.extend_from_slice(&state.contents[state.cursor..][..n]);
        state.cursor += n;
        Ok(())
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        self.call(format!("write {}", String::from_utf8_lossy(bytes)))
    }

    fn flush(&self) -> io::Result<()> {
        self.call("flush".to_owned())
    }

    fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        self.call(format!("seek {to:?}"))?;
        let mut state = self.state.lock();
        state.cursor = match to {
            SeekFrom::Start(n) => n as usize,
            SeekFrom::Current(by) => state.cursor.checked_add_signed(by as isize).ok_or(ErrorKind::InvalidInput)?,
            SeekFrom::End(by) => state.contents.len().checked_add_signed(by as isize).ok_or(ErrorKind::InvalidInput)?,
        };
        Ok(state.cursor as u64)
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

async fn read(shuttle: &mut Shuttle<Fake>, room: usize) -> io::Result<Vec<u8>> {
    let mut memory = vec![0; room];
    let mut buf = ReadBuf::new(&mut memory);
    poll_fn(|cx| shuttle.poll_read(cx, &mut buf)).await?;
    Ok(buf.filled().to_vec())
}

async fn write(shuttle: &mut Shuttle<Fake>, bytes: &[u8]) -> io::Result<usize> {
    poll_fn(|cx| shuttle.poll_write(cx, bytes)).await
}

async fn flush(shuttle: &mut Shuttle<Fake>) -> io::Result<()> {
    poll_fn(|cx| shuttle.poll_flush(cx)).await
}

async fn seek(shuttle: &mut Shuttle<Fake>, to: SeekFrom) -> io::Result<u64> {
    poll_fn(|cx| shuttle.poll_here(cx)).await;
    shuttle.start_seek(to)?;
    poll_fn(|cx| shuttle.poll_seek(cx)).await
}

#[test]
fn a_read_asks_for_what_its_task_asks_for() {
    let device = Fake::of(b"hello world");
    let mut shuttle = Shuttle::new(device.clone());
    runtime().block_on(async {
        assert_eq!(read(&mut shuttle, 5).await.unwrap(), b"hello");
        assert_eq!(read(&mut shuttle, 99).await.unwrap(), b" world");
        assert_eq!(read(&mut shuttle, 99).await.unwrap(), b"");
    });
    assert_eq!(device.calls(), ["read 5", "read 99", "read 99"]);
}

#[test]
fn a_read_into_no_room_goes_nowhere() {
    let device = Fake::of(b"x");
    let mut shuttle = Shuttle::new(device.clone());
    runtime().block_on(async {
        assert_eq!(read(&mut shuttle, 0).await.unwrap(), b"");
        assert_eq!(read(&mut shuttle, 1).await.unwrap(), b"x");
    });
    assert_eq!(device.calls(), ["read 1"]);
}

#[test]
fn who_reads_on_and_on_is_served_from_few_hops() {
    let contents: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    let device = Fake::of(&contents);
    let mut shuttle = Shuttle::new(device.clone());
    shuttle.read_ahead(true);
    let mut all = Vec::new();
    runtime().block_on(async {
        loop {
            let piece = read(&mut shuttle, 1000).await.unwrap();
            if piece.is_empty() {
                break;
            }
            all.extend(piece);
        }
    });
    assert!(all == contents, "every byte once, in order");
    // Exact, then 16, 64 and 256 KiB, then 256 KiB until the end and one that hears of the end.
    let calls = device.calls();
    assert_eq!(calls[..4], ["read 1000", "read 16384", "read 65536", "read 262144"]);
    assert_eq!(calls.len(), 8);
}

#[test]
fn a_hop_carries_at_most_what_it_may() {
    let device = Fake::of(b"hello world");
    let mut shuttle = Shuttle::new(device.clone());
    shuttle.read_ahead(true);
    shuttle.set_most_per_hop(3);
    runtime().block_on(async {
        assert_eq!(read(&mut shuttle, 99).await.unwrap(), b"hel");
        assert_eq!(read(&mut shuttle, 99).await.unwrap(), b"lo ");
        assert_eq!(write(&mut shuttle, b"abcd").await.unwrap(), 3);
        flush(&mut shuttle).await.unwrap();
    });
    assert_eq!(device.calls(), ["read 3", "read 3", "write abc", "flush"]);
}

#[test]
fn a_write_is_ready_before_it_is_written() {
    let (device, gate) = Fake::gated(b"");
    let mut shuttle = Shuttle::new(device.clone());
    let runtime = runtime();
    assert_eq!(runtime.block_on(write(&mut shuttle, b"one")).unwrap(), 3);
    assert!(device.calls().is_empty());
    {
        // The second has to wait for the first.
        let _context = runtime.enter();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(shuttle.poll_write(&mut cx, b"two").is_pending());
    }
    gate.send(()).unwrap();
    assert_eq!(runtime.block_on(write(&mut shuttle, b"two")).unwrap(), 3);
    drop(gate);
    runtime.block_on(flush(&mut shuttle)).unwrap();
    assert_eq!(device.calls(), ["write one", "write two", "flush"]);
}

#[test]
fn flush_reports_the_error_of_a_write_once() {
    let device = Fake::of(b"");
    let mut shuttle = Shuttle::new(device.clone());
    device.fail_next(ErrorKind::StorageFull);
    runtime().block_on(async {
        write(&mut shuttle, b"lost").await.unwrap();
        assert_eq!(flush(&mut shuttle).await.unwrap_err().kind(), ErrorKind::StorageFull);
        flush(&mut shuttle).await.unwrap();
        assert_eq!(write(&mut shuttle, b"next").await.unwrap(), 4);
        flush(&mut shuttle).await.unwrap();
    });
    assert_eq!(device.calls(), ["write lost", "flush", "write next", "flush"]);
}

#[test]
fn the_next_write_reports_the_error_of_a_write_and_takes_nothing() {
    let device = Fake::of(b"");
    let mut shuttle = Shuttle::new(device.clone());
    device.fail_next(ErrorKind::StorageFull);
    runtime().block_on(async {
        write(&mut shuttle, b"lost").await.unwrap();
        assert_eq!(write(&mut shuttle, b"not taken").await.unwrap_err().kind(), ErrorKind::StorageFull);
    });
    assert_eq!(device.calls(), ["write lost"]);
}

#[test]
fn reads_and_seeks_keep_the_error_of_a_write() {
    let device = Fake::of(b"hello");
    let mut shuttle = Shuttle::new(device.clone());
    device.fail_next(ErrorKind::StorageFull);
    runtime().block_on(async {
        write(&mut shuttle, b"lost").await.unwrap();
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"he");
        assert_eq!(seek(&mut shuttle, SeekFrom::Start(4)).await.unwrap(), 4);
        assert_eq!(flush(&mut shuttle).await.unwrap_err().kind(), ErrorKind::StorageFull);
    });
}

#[test]
fn the_error_of_a_read_is_the_readers() {
    let device = Fake::of(b"hello");
    let mut shuttle = Shuttle::new(device.clone());
    device.fail_next(ErrorKind::PermissionDenied);
    runtime().block_on(async {
        assert_eq!(read(&mut shuttle, 2).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"he");
        flush(&mut shuttle).await.unwrap();
    });
    assert_eq!(device.calls(), ["read 2", "read 2"], "nothing was written, nothing is flushed");
}

#[test]
fn a_read_that_a_signal_interrupts_is_made_again() {
    let device = Fake::of(b"hello");
    let mut shuttle = Shuttle::new(device.clone());
    device.fail_next(ErrorKind::Interrupted);
    assert_eq!(runtime().block_on(read(&mut shuttle, 2)).unwrap(), b"he");
    assert_eq!(device.calls(), ["read 2", "read 2"]);
}

#[test]
fn a_dropped_read_leaves_its_bytes_to_the_next() {
    let (device, gate) = Fake::gated(b"hello");
    let mut shuttle = Shuttle::new(device.clone());
    let runtime = runtime();
    {
        let _context = runtime.enter();
        let mut memory = [0; 5];
        let mut cx = Context::from_waker(Waker::noop());
        assert!(shuttle.poll_read(&mut cx, &mut ReadBuf::new(&mut memory)).is_pending());
    }
    drop(gate);
    runtime.block_on(async {
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"he");
        assert_eq!(read(&mut shuttle, 99).await.unwrap(), b"llo");
    });
    assert_eq!(device.calls(), ["read 5"]);
}

#[test]
fn a_write_after_a_read_ahead_goes_where_the_task_is() {
    let device = Fake::of(&[b'x'; 50_000]);
    let mut shuttle = Shuttle::new(device.clone());
    shuttle.read_ahead(true);
    runtime().block_on(async {
        read(&mut shuttle, 100).await.unwrap();
        read(&mut shuttle, 100).await.unwrap();
        write(&mut shuttle, b"here").await.unwrap();
        flush(&mut shuttle).await.unwrap();
        read(&mut shuttle, 100).await.unwrap();
    });
    let calls = device.calls();
    assert_eq!(calls, ["read 100", "read 16384", "seek Current(-16284)", "write here", "flush", "read 100"]);
}

#[test]
fn a_seek_counts_from_where_the_task_is_and_a_failed_one_stays_there() {
    let device = Fake::of(b"0123456789");
    let mut shuttle = Shuttle::new(device.clone());
    shuttle.read_ahead(true);
    runtime().block_on(async {
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"01");
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"23");
        assert_eq!(seek(&mut shuttle, SeekFrom::Current(-1)).await.unwrap(), 3);
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"34");
        assert_eq!(read(&mut shuttle, 1).await.unwrap(), b"5");
        assert_eq!(seek(&mut shuttle, SeekFrom::Current(-99)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(read(&mut shuttle, 2).await.unwrap(), b"67");
    });
}

#[test]
fn a_second_seek_before_the_first_is_complete_is_refused() {
    let (device, gate) = Fake::gated(b"0123456789");
    let mut shuttle = Shuttle::new(device);
    let runtime = runtime();
    let _context = runtime.enter();
    shuttle.start_seek(SeekFrom::Start(1)).unwrap();
    let error = shuttle.start_seek(SeekFrom::Start(2)).unwrap_err();
    assert_eq!(error.to_string(), "other file operation is pending, call poll_complete before start_seek");
    drop(gate);
}

#[test]
fn a_dropped_shuttle_has_still_written() {
    let (device, gate) = Fake::gated(b"");
    let runtime = runtime();
    let mut shuttle = Shuttle::new(device.clone());
    runtime.block_on(write(&mut shuttle, b"late")).unwrap();
    drop(shuttle);
    drop(gate);
    drop(runtime); // waits for what runs
    assert_eq!(device.calls(), ["write late"]);
}

#[test]
fn a_write_that_was_queued_at_shutdown_happens_and_a_read_fails() {
    let (device, gate) = Fake::gated(b"");
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let mut busy = Shuttle::new(device.clone());
    let mut queued = Shuttle::new(device.clone());
    let mut unlucky = Shuttle::new(device.clone());
    runtime.block_on(write(&mut busy, b"first")).unwrap();
    runtime.block_on(write(&mut queued, b"second")).unwrap();
    let handle = runtime.handle().clone();
    while handle.shared.blocking.queued() > 1 {
        std::thread::yield_now(); // until the thread has begun the first one, and is at the gate
    }
    let _context = handle.enter();
    let mut memory = [0; 5];
    let mut cx = Context::from_waker(Waker::noop());
    assert!(unlucky.poll_read(&mut cx, &mut ReadBuf::new(&mut memory)).is_pending());
    runtime.shutdown_background();
    let Poll::Ready(Err(error)) = unlucky.poll_read(&mut cx, &mut ReadBuf::new(&mut memory)) else {
        panic!("the hop was cancelled")
    };
    assert_eq!(error.to_string(), "background task failed");
    drop(gate);
    drop((busy, queued));
    // The only thread has both writes to do, and lets go of the device afterwards.
    while Arc::strong_count(&device) > 2 {
        std::thread::yield_now();
    }
    assert_eq!(device.calls(), ["write first", "write second"]);
}
