//! Readers and writers that do what a test tells them, step by step, and count how often they are polled.

use super::{AsyncRead, AsyncWrite, ReadBuf};
use futures::task::noop_waker;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// What a scripted stream does at one poll. After its last step a reader is at end of file, and a writer takes
/// everything.
#[derive(Debug)]
pub(super) enum Step {
    /// Reader: gives these bytes, over several polls if they do not fit.
    Give(&'static [u8]),
    /// Writer: takes at most so many bytes.
    Take(usize),
    /// Is pending once, and wakes the task at once.
    Pend,
    /// Fails.
    Fail(ErrorKind),
}

#[derive(Debug)]
pub(super) struct Reader {
    steps: VecDeque<Step>,
    pub(super) polls: usize,
}

pub(super) fn reader(steps: impl IntoIterator<Item = Step>) -> Reader {
    Reader { steps: steps.into_iter().collect(), polls: 0 }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.polls += 1;
        match self.steps.pop_front() {
            None => Poll::Ready(Ok(())),
            Some(Step::Give(bytes)) => {
                let (now, later) = bytes.split_at(bytes.len().min(buf.remaining()));
                buf.put_slice(now);
                if !later.is_empty() {
                    self.steps.push_front(Step::Give(later));
                }
                Poll::Ready(Ok(()))
            }
            Some(Step::Take(_)) => panic!("a reader gives"),
            Some(Step::Pend) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Fail(kind)) => Poll::Ready(Err(kind.into())),
        }
    }
}

#[derive(Debug)]
pub(super) struct Writer {
    steps: VecDeque<Step>,
    pub(super) data: Vec<u8>,
    pub(super) vectored: bool,
    pub(super) vectored_writes: usize,
    pub(super) polls: usize,
    pub(super) flushes: usize,
    pub(super) shutdowns: usize,
}

pub(super) fn writer(steps: impl IntoIterator<Item = Step>) -> Writer {
    let steps = steps.into_iter().collect();
    Writer { steps, data: Vec::new(), vectored: false, vectored_writes: 0, polls: 0, flushes: 0, shutdowns: 0 }
}

impl AsyncWrite for Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.polls += 1;
        let n = match self.steps.pop_front() {
            None => buf.len(),
            Some(Step::Take(n)) => n.min(buf.len()),
            Some(Step::Give(_)) => panic!("a writer takes"),
            Some(Step::Pend) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Step::Fail(kind)) => return Poll::Ready(Err(kind.into())),
        };
        self.data.extend_from_slice(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shutdowns += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(self.vectored, "a vectored write to a writer that said it gains nothing by it");
        self.vectored_writes += 1;
        self.poll_write(cx, &bufs.iter().flat_map(|buf| buf.iter().copied()).collect::<Vec<u8>>())
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }
}

/// Polls once, with a waker that does nothing.
pub(super) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&noop_waker()))
}

/// A waker that counts its wakes.
#[derive(Debug, Default)]
pub(super) struct Wakes(AtomicUsize);

impl Wakes {
    pub(super) fn new() -> (Arc<Wakes>, Waker) {
        let wakes = Arc::new(Wakes::default());
        (wakes.clone(), Waker::from(wakes))
    }

    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
