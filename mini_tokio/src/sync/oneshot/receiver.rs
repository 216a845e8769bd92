//! The receiving end of a oneshot channel: a future.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{
    error::{RecvError, TryRecvError},
    shared::ReceiverEnd,
    state::Look,
};
use crate::{coop, sync::blocking::block_on};

/// Receives the value of the [`Sender`](super::Sender): awaiting it gives the value, or an error if none will come.
///
/// To wait in a `select!` and keep the receiver, await `&mut receiver`.
///
/// # Cancel safety
/// Safe: nothing is lost by a receiver that is polled and then left alone. A receiver that is dropped closes the channel.
///
/// # Panics
/// If it is polled after it has given its answer, be it to a poll or to [`try_recv`](Receiver::try_recv).
#[must_use = "futures do nothing unless polled"]
pub struct Receiver<T> {
    /// None once the answer was given.
    end: Option<ReceiverEnd<T>>,
}

impl<T> Receiver<T> {
    pub(super) fn new(end: ReceiverEnd<T>) -> Self {
        Self { end: Some(end) }
    }

    /// Prevents the value from being sent, and tells the sender. A value that was sent before can still be received:
    /// after this, [`try_recv`](Receiver::try_recv) tells for good whether there is one.
    pub fn close(&mut self) {
        if let Some(end) = &mut self.end {
            end.close();
        }
    }

    /// Whether the receiver has given its answer, a value or an error, so that it must not be polled again.
    pub fn is_terminated(&self) -> bool {
        self.end.is_none()
    }

    /// Whether there is no value to be received at this moment. Also true if none will ever come.
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_none_or(|end| end.look() != Look::Value)
    }

    /// The value, if it has come.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if it may come later, [`TryRecvError::Closed`] if not.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(end) = &self.end else { return Err(TryRecvError::Closed) };
        match end.look() {
            Look::NotYet => Err(TryRecvError::Empty),
            look => self.answer(look).map_err(|RecvError(())| TryRecvError::Closed),
        }
    }

    /// Waits for the value on a thread that drives no futures.
    ///
    /// # Errors
    /// If no value will come.
    ///
    /// # Panics
    /// Inside a runtime, where it would keep a thread from the tasks.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        block_on(self)
    }

    /// The answer to a look that was not `NotYet`. The channel is over.
    fn answer(&mut self, look: Look) -> Result<T, RecvError> {
        let mut end = self.end.take();
        let value = end.as_mut().filter(|_| look == Look::Value).and_then(ReceiverEnd::take);
        value.ok_or(RecvError(()))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let end = self.end.as_mut().expect("called after complete");
        let unit = ready!(coop::proceed(cx, || "oneshot::Receiver".into()));
        match end.look_or_wait(cx.waker()) {
            Look::NotYet => Poll::Pending,
            look => {
                unit.made_progress();
                Poll::Ready(self.answer(look))
            }
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("look", &self.end.as_ref().map(ReceiverEnd::look)).finish()
    }
}
