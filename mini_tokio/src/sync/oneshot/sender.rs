//! The sending end of a oneshot channel.

use std::{
    fmt,
    future::poll_fn,
    task::{Context, Poll, ready},
};

use super::shared::SenderEnd;
use crate::coop;
use crate::leaf;

/// Sends one value to the [`Receiver`](super::Receiver). Dropped instead, it lets the receiver know that none will come.
pub struct Sender<T> {
    end: SenderEnd<T>,
}

impl<T> Sender<T> {
    pub(super) fn new(end: SenderEnd<T>) -> Self {
        Self { end }
    }

    /// Sends the value. Never waits, so it can be called from anywhere.
    ///
    /// `Ok` does not mean that the value will be received: the receiver may be dropped a moment later, and the value with
    /// it.
    ///
    /// # Errors
    /// The value comes back if the receiver was dropped or has closed the channel.
    pub fn send(self, t: T) -> Result<(), T> {
        self.end.send(t)
    }

    /// Waits until the receiver is dropped or closes the channel: then nobody wants the value any more, and computing it
    /// can stop.
    ///
    /// # Cancel safety
    /// Safe: a channel that is closed stays closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use mini_tokio::sync::oneshot;
    ///
    /// # #[mini_tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut sender, receiver) = oneshot::channel::<u8>();
    /// mini_tokio::spawn(async move { drop(receiver) });
    /// sender.closed().await;
    /// assert_eq!(sender.send(1), Err(1));
    /// # }
    /// ```
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        leaf::at(poll_fn(|cx| self.poll_closed(cx)))
    }

    /// Whether the receiver was dropped or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.end.is_closed()
    }

    /// Like [`closed`](Sender::closed), for use in a poll function. Only the task of the latest call is woken.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let unit = ready!(coop::proceed(cx, || "oneshot::Sender::closed".into()));
        ready!(self.end.poll_closed(cx.waker()));
        unit.made_progress();
        Poll::Ready(())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("closed", &self.is_closed()).finish()
    }
}
