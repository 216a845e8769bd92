//! A stream that plays a script: [`Mock`], for tests of code that reads and writes.
//!
//! ```text
//!   Builder::new().write(b"PING\n").wait(second).read(b"PONG\n").build()
//!
//!   the code under test            the script
//!   write "PI"                     write "PING\n"    checked, and "NG\n" is left
//!   read: Pending                                    not yet: the script says write
//!   write "NG\n"                   (done)            the reader is woken
//!   read: Pending                  wait 1 s          by the runtime's clock, which may be paused
//!   read "PONG\n"                  read "PONG\n"
//!   read: the end
//! ```
//!
//! - `MOCK-1` Only the first step of the script may happen. Whoever asks for something else waits until it is first, and is
//!   woken by whoever removes what stands before it.
//! - `MOCK-2` A write that the script does not foresee is a panic, at the place of the write; so is a mock that is dropped
//!   with something left in its script.
//!
//! The idea is `tokio-test`'s `io`.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use parking_lot::Mutex;

use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::time::{Sleep, sleep};

#[cfg(test)]
mod tests;

/// One step of a script.
#[derive(Clone, Debug)]
enum Step {
    Read(Vec<u8>),
    /// Shared, for a builder may build several mocks.
    ReadError(Arc<io::Error>),
    Write(Vec<u8>),
    WriteError(Arc<io::Error>),
    Wait(Duration),
}

/// Writes a script.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    steps: VecDeque<Step>,
    name: String,
}

/// A stream that plays a script; made by a [`Builder`].
///
/// A read gets what the script has to read, and the end when the script is over. Before its turn it waits, as does a write.
///
/// # Panics
///
/// When something else is written than the script says. When it is dropped and its script is not over, except while
/// panicking.
#[derive(Debug)]
pub struct Mock {
    steps: VecDeque<Step>,
    name: String,
    /// The wait that is the first step, once somebody has come to it.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Who waits for the script to go on, by direction. (MOCK-1)
    reader: Option<Waker>,
    writer: Option<Waker>,
    more: Option<Arc<Mutex<More>>>,
}

/// Appends to the script of a [`Mock`] that plays already. While it lives, a script that is over is not the end.
#[derive(Debug)]
pub struct Handle(Arc<Mutex<More>>);

/// What a handle and its mock share.
#[derive(Debug, Default)]
struct More {
    steps: VecDeque<Step>,
    is_over: bool,
    wakers: [Option<Waker>; 2],
}

impl Builder {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Then these bytes can be read.
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.step(Step::Read(buf.to_vec()))
    }

    /// Then a read fails.
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.step(Step::ReadError(Arc::new(error)))
    }

    /// Then these bytes are to be written, in one piece or in several.
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.step(Step::Write(buf.to_vec()))
    }

    /// Then a write fails.
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.step(Step::WriteError(Arc::new(error)))
    }

    /// Then nothing happens for so long, from the moment that somebody reads or writes.
    pub fn wait(&mut self, duration: Duration) -> &mut Self {
        self.step(Step::Wait(duration))
    }

    /// A name for messages of panics.
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = name.into();
        self
    }

    /// A mock that plays the script.
    pub fn build(&mut self) -> Mock {
        self.build_with(None)
    }

    /// A mock that plays the script, and a handle to append to it.
    pub fn build_with_handle(&mut self) -> (Mock, Handle) {
        let more = Arc::new(Mutex::new(More::default()));
        (self.build_with(Some(more.clone())), Handle(more))
    }

    fn build_with(&self, more: Option<Arc<Mutex<More>>>) -> Mock {
        Mock { steps: self.steps.clone(), name: self.name.clone(), sleep: None, reader: None, writer: None, more }
    }

    fn step(&mut self, step: Step) -> &mut Self {
        self.steps.push_back(step);
        self
    }
}

impl Handle {
    /// As [`Builder::read`].
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.step(Step::Read(buf.to_vec()))
    }

    /// As [`Builder::read_error`].
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.step(Step::ReadError(Arc::new(error)))
    }

    /// As [`Builder::write`].
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.step(Step::Write(buf.to_vec()))
    }

    /// As [`Builder::write_error`].
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.step(Step::WriteError(Arc::new(error)))
    }

    fn step(&mut self, step: Step) -> &mut Self {
        self.change(|more| more.steps.push_back(step));
        self
    }

    fn change(&self, change: impl FnOnce(&mut More)) {
        let wakers = {
            let mut more = self.0.lock();
            change(&mut more);
            std::mem::take(&mut more.wakers)
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.change(|more| more.is_over = true);
    }
}

/// Which of the two directions somebody comes for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Reader,
    Writer,
}

impl Mock {
    /// Waits until the script's first step is one for `side`. `false`: the script is over.
    // ANCHOR: mock-turn
    fn poll_turn(&mut self, cx: &mut Context<'_>, side: Side) -> Poll<bool> {
        loop {
            let whose = match self.steps.front() {
                Some(Step::Read(_) | Step::ReadError(_)) => Side::Reader,
                Some(Step::Write(_) | Step::WriteError(_)) => Side::Writer,
                Some(Step::Wait(duration)) => {
                    let duration = *duration;
                    let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(duration)));
                    if sleep.as_mut().poll(cx).is_pending() {
                        // The sleep knows the last who came. The other hears from him.
                        return self.wait(cx, side);
                    }
                    self.sleep = None;
                    self.done();
                    continue;
                }
                None => {
                    ready!(self.poll_more(cx, side));
                    if self.steps.is_empty() {
                        return Poll::Ready(false);
                    }
                    continue;
                }
            };
            return if whose == side { Poll::Ready(true) } else { self.wait(cx, side) };
        }
    }

    /// Fetches what the handle has appended; pending while it lives and has nothing.
    fn poll_more(&mut self, cx: &mut Context<'_>, side: Side) -> Poll<()> {
        let Some(more) = &self.more else { return Poll::Ready(()) };
        let waker = cx.waker().clone();
        let mut more = more.lock();
        self.steps.append(&mut more.steps);
        let (answer, spare) = if self.steps.is_empty() && !more.is_over {
            (Poll::Pending, more.wakers[side as usize].replace(waker))
        } else {
            (Poll::Ready(()), Some(waker))
        };
        drop(more);
        drop(spare); // not under the lock
        answer
    }

    fn wait(&mut self, cx: &mut Context<'_>, side: Side) -> Poll<bool> {
        let place = if side == Side::Reader { &mut self.reader } else { &mut self.writer };
        *place = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The first step is done.
    fn done(&mut self) {
        self.steps.pop_front();
        [self.reader.take(), self.writer.take()].into_iter().flatten().for_each(Waker::wake);
    }

    /// `error` for the caller: the same if it is the only one, else one that says the same.
    fn error(error: Arc<io::Error>) -> io::Error {
        Arc::try_unwrap(error).unwrap_or_else(|error| io::Error::new(error.kind(), error.to_string()))
    }
}

impl AsyncRead for Mock {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !ready!(self.poll_turn(cx, Side::Reader)) {
            return Poll::Ready(Ok(()));
        }
        match self.steps.front_mut().expect("it is the reader's turn") {
            Step::Read(bytes) => {
                let n = bytes.len().min(buf.remaining());
                buf.put_slice(&bytes[..n]);
                bytes.drain(..n);
                if bytes.is_empty() {
                    self.done();
                }
                Poll::Ready(Ok(()))
            }
            Step::ReadError(error) => {
                let error = error.clone();
                self.done();
                Poll::Ready(Err(Self::error(error)))
            }
            _ => unreachable!("it is the reader's turn"),
        }
    }
}

impl AsyncWrite for Mock {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if !ready!(self.poll_turn(cx, Side::Writer)) {
            panic!(
                "unexpected write of {:?} (name={:?}): the script is over",
                buf.escape_ascii().to_string(),
                self.name
            );
        }
        let name = self.name.clone();
        match self.steps.front_mut().expect("it is the writer's turn") {
            Step::Write(expected) => {
                let n = expected.len().min(buf.len());
                let (wrote, due) = (buf[..n].escape_ascii().to_string(), expected[..n].escape_ascii().to_string());
                assert_eq!(wrote, due, "unexpected write (name={name:?})");
                expected.drain(..n);
                if expected.is_empty() {
                    self.done();
                }
                Poll::Ready(Ok(n))
            }
            Step::WriteError(error) => {
                let error = error.clone();
                self.done();
                Poll::Ready(Err(Self::error(error)))
            }
            _ => unreachable!("it is the writer's turn"),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return; // a second panic would hide the first
        }
        if let Some(more) = &self.more {
            let steps = std::mem::take(&mut more.lock().steps);
            self.steps.extend(steps);
        }
        for step in &self.steps {
            match step {
                Step::Read(_) => panic!("There is still data left to read. (name={:?})", self.name),
                Step::Write(_) => panic!("There is still data left to write. (name={:?})", self.name),
                Step::ReadError(_) | Step::WriteError(_) | Step::Wait(_) => {}
            }
        }
    }
}
