//! The futures that wait for a cancellation.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::CancellationToken;
use crate::leaf;
use crate::sync::futures::{Notified, OwnedNotified};

pin_project! {
    /// The future of [`CancellationToken::cancelled`]. Once ready, it stays ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFuture<'a> {
        token: &'a CancellationToken,
        // Made before the first look at the flag: CANCEL-4.
        #[pin]
        notified: Notified<'a>,
    }
}

impl<'a> WaitForCancellationFuture<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { token, notified: token.node.notify.notified() }
    }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    // ANCHOR: cancel-wait
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.token.is_cancelled() {
            return Poll::Ready(());
        }
        leaf::known_as(this.notified.poll(cx), || "CancellationToken::cancelled".into())
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture").finish()
    }
}

pin_project! {
    /// The future of [`CancellationToken::cancelled_owned`]. Once ready, it stays ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFutureOwned {
        token: CancellationToken,
        #[pin]
        notified: OwnedNotified,
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken) -> Self {
        let notified = token.node.notify.clone().notified_owned();
        Self { token, notified }
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.token.is_cancelled() {
            return Poll::Ready(());
        }
        leaf::known_as(this.notified.poll(cx), || "CancellationToken::cancelled".into())
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned").finish()
    }
}
