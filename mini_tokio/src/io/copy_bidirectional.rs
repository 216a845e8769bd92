//! `copy_bidirectional`: two pumps back to back, as a proxy needs them.
//!
//! Each direction ends for itself: at the end of its reader it shuts its writer down and waits for the other direction,
//! so a half-closed connection stays half closed through the proxy.

use super::buf_reader::DEFAULT_CAPACITY;
use super::copy::Pump;
use super::{AsyncRead, AsyncWrite};
use crate::leaf::all_at;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Copies from `a` to `b` and from `b` to `a` until both have ended; says how many bytes went from `a` to `b` and how
/// many from `b` to `a`.
///
/// When one side ends, the other is shut down for writing, and the opposite direction goes on. Each direction has a
/// buffer of 8 KiB on the heap.
///
/// # Errors
///
/// The first error of any read, write (`WriteZero` if a side takes no more), flush or shutdown, at once. `Interrupted`
/// reads and writes are tried again.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost, as it is after an error.
pub fn copy_bidirectional<A, B>(a: &mut A, b: &mut B) -> impl Future<Output = io::Result<(u64, u64)>>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, DEFAULT_CAPACITY, DEFAULT_CAPACITY)
}

/// Like [`copy_bidirectional`], with buffers of the given sizes.
///
/// # Panics
///
/// If a size is 0.
pub fn copy_bidirectional_with_sizes<A, B>(
    a: &mut A,
    b: &mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> impl Future<Output = io::Result<(u64, u64)>>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    all_at(async move {
        assert!(a_to_b_buf_size > 0, "`a_to_b_buf_size` must be greater than 0");
        assert!(b_to_a_buf_size > 0, "`b_to_a_buf_size` must be greater than 0");
        let mut a_to_b = Direction::Copying(Pump::new(a_to_b_buf_size));
        let mut b_to_a = Direction::Copying(Pump::new(b_to_a_buf_size));
        poll_fn(|cx| {
            // Both are polled before either may make us wait: a blocked direction does not hold up the other.
            let there = a_to_b.poll(cx, Pin::new(&mut *a), Pin::new(&mut *b))?;
            let back = b_to_a.poll(cx, Pin::new(&mut *b), Pin::new(&mut *a))?;
            Poll::Ready(Ok((ready!(there), ready!(back))))
        })
        .await
    })
}

/// How far one direction has come, and with how many bytes.
#[derive(Debug)]
enum Direction {
    Copying(Pump),
    ShuttingDown(u64),
    Done(u64),
}

impl Direction {
    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            match self {
                Direction::Copying(pump) => {
                    let copied = ready!(pump.poll(cx, reader.as_mut(), writer.as_mut()))?;
                    *self = Direction::ShuttingDown(copied);
                }
                Direction::ShuttingDown(copied) => {
                    ready!(writer.as_mut().poll_shutdown(cx))?;
                    *self = Direction::Done(*copied);
                }
                Direction::Done(copied) => return Poll::Ready(Ok(*copied)),
            }
        }
    }
}
