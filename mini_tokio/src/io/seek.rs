//! `AsyncSeekExt`: the seeking methods that programs call, and `Seek`, their future.

use super::AsyncSeek;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io::{self, SeekFrom};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Seeking methods of everything that implements [`AsyncSeek`].
pub trait AsyncSeekExt: AsyncSeek {
    /// Moves the position and says where it is, counted from the start. Waits for an earlier seek first.
    ///
    /// # Cancel safety
    ///
    /// A dropped call may or may not have moved the position; another one may follow it.
    fn seek(&mut self, pos: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek { target: self, not_started: Some(pos), _pin: PhantomPinned }
    }

    /// Moves the position to the start.
    fn rewind(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Start(0))
    }

    /// Says the position, counted from the start.
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}

pin_project! {
    /// The future of [`seek`](AsyncSeekExt::seek).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Seek<'a, S: ?Sized> {
        target: &'a mut S,
        not_started: Option<SeekFrom>,
        #[pin]
        _pin: PhantomPinned,
    }
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(position) = *this.not_started {
            // An earlier seek, dropped half way, may still be running; `start_seek` refuses while it is.
            ready!(Pin::new(&mut **this.target).poll_complete(cx))?;
            Pin::new(&mut **this.target).start_seek(position)?;
            *this.not_started = None;
        }
        Pin::new(&mut **this.target).poll_complete(cx)
    }
}

#[cfg(test)]
mod tests;
