//! `copy_buf`: copying straight out of the reader's own buffer.

use super::{AsyncBufRead, AsyncWrite};
use crate::coop::proceed;
use crate::leaf::at;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Reads all of `reader`, writes it to `writer`, flushes, and says how many bytes there were.
///
/// Like [`copy`](crate::io::copy), without a buffer of its own.
///
/// # Errors
///
/// The first error of the reader, of the writer (`WriteZero` if it takes no more) or of the flush. `Interrupted` reads
/// and writes are tried again.
///
/// # Cancel safety
///
/// A dropped call has written exactly what it has consumed: another one goes on from there, and counts from 0 again.
pub fn copy_buf<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> impl Future<Output = io::Result<u64>>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    at(async move {
        let mut progress = Progress { copied: 0, unflushed: false };
        poll_fn(|cx| progress.poll(cx, Pin::new(&mut *reader), Pin::new(&mut *writer))).await
    })
}

#[derive(Debug)]
struct Progress {
    copied: u64,
    unflushed: bool,
}

impl Progress {
    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncBufRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            let permit = ready!(proceed(cx, || "io::copy_buf".into()));
            let bytes = match reader.as_mut().poll_fill_buf(cx) {
                Poll::Ready(Ok(bytes)) => bytes,
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    // Flush before the task sleeps, for the reason given at PUMP-2.
                    if self.unflushed {
                        ready!(writer.poll_flush(cx))?;
                        self.unflushed = false;
                    }
                    return Poll::Pending;
                }
            };
            if bytes.is_empty() {
                ready!(writer.poll_flush(cx))?;
                permit.made_progress();
                return Poll::Ready(Ok(self.copied));
            }
            match ready!(writer.as_mut().poll_write(cx, bytes)) {
                Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Ok(n) => {
                    reader.as_mut().consume(n);
                    self.copied += n as u64;
                    self.unflushed = true;
                    permit.made_progress();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}
