//! The sender of a bounded channel.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    task::{Poll, ready},
    time::Duration,
};

use super::{
    OwnedPermit, Permit, PermitIterator, WeakSender,
    error::{SendError, SendTimeoutError, TrySendError},
    handles::Inlet,
    reserve::Reserve,
};
use crate::{
    coop,
    leaf::{all_at, named},
    sync::blocking::block_on,
};

/// Sends values to the [`Receiver`](super::Receiver) of a bounded channel. Clones send into the same channel.
pub struct Sender<T> {
    pub(super) inlet: Inlet<T>,
}

/// Sending.
impl<T> Sender<T> {
    /// Sends a value, and waits for a free slot before.
    ///
    /// `Ok` does not mean that the value will be received: the receiver may be dropped a moment later.
    ///
    /// # Errors
    /// The value comes back if the receiver is gone or has closed the channel.
    ///
    /// # Cancel safety
    /// A call that is dropped has sent nothing, but the value is lost, and so is the place in line. To keep the value,
    /// [`reserve`](Sender::reserve) first. Places are served in the order of arrival.
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let mut value = Some(value); // the future uses it where it lies: a large value is moved into it once
        let send = async move {
            // One hold of the lock, if there is a free slot.
            let at_once = poll_fn(|cx| {
                let unit = ready!(coop::poll_proceed(cx));
                let outcome = self.inlet.channel().try_send_from(&mut value);
                if !matches!(outcome, Err(TrySendError::Full(()))) {
                    unit.made_progress();
                }
                Poll::Ready(outcome)
            });
            let outcome = match at_once.await {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(())) => Err(SendError(())),
                Err(TrySendError::Full(())) => granted(Reserve::after_full(self.inlet.channel())).await,
            };
            let value = value.take().expect("it was not sent");
            match outcome {
                Ok(()) => {
                    Permit::new(self).send(value);
                    Ok(())
                }
                Err(SendError(())) => Err(SendError(value)),
            }
        };
        named(|| "mpsc::Sender::send", send)
    }

    /// Sends a value if there is a free slot.
    ///
    /// # Errors
    /// The value comes back if there is none, or if the receiver is gone or has closed the channel.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.inlet.channel().try_send(message)
    }

    /// Sends a value, and waits for a free slot before, but not longer than `timeout`.
    ///
    /// # Errors
    /// The value comes back if no slot became free in time, or if the receiver is gone or has closed the channel.
    ///
    /// # Panics
    /// Outside a runtime, or in one without a timer.
    pub fn send_timeout(&self, value: T, timeout: Duration) -> impl Future<Output = Result<(), SendTimeoutError<T>>> {
        all_at(async move {
            match crate::time::timeout(timeout, self.reserve()).await {
                Err(_) => Err(SendTimeoutError::Timeout(value)),
                Ok(Err(SendError(()))) => Err(SendTimeoutError::Closed(value)),
                Ok(Ok(permit)) => {
                    permit.send(value);
                    Ok(())
                }
            }
        })
    }

    /// [`send`](Sender::send) for a thread that drives no futures.
    ///
    /// # Errors
    /// Those of `send`.
    ///
    /// # Panics
    /// Inside a runtime, where it would keep a thread from the tasks.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        block_on(self.send(value))
    }
}

/// Reserving.
impl<T> Sender<T> {
    /// Waits for a free slot and reserves it. The permit is used at any time, also after the channel was closed.
    ///
    /// # Errors
    /// If the receiver is gone or has closed the channel.
    ///
    /// # Cancel safety
    /// A call that is dropped loses its place in line, and nothing else.
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        let reserve = async {
            self.wait_for(1).await?;
            Ok(Permit::new(self))
        };
        named(|| "mpsc::Sender::reserve", reserve)
    }

    /// Waits until `n` slots are reserved. While it is first in line it collects them, and those behind it wait.
    ///
    /// # Errors
    /// If the receiver is gone or has closed the channel, or if `n` is more than the channel has.
    ///
    /// # Cancel safety
    /// A call that is dropped loses its place in line and gives back what it has collected.
    pub fn reserve_many(&self, n: usize) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let reserve = async move {
            self.wait_for(n).await?;
            Ok(PermitIterator::new(self, n))
        };
        named(|| "mpsc::Sender::reserve_many", reserve)
    }

    /// [`reserve`](Sender::reserve), but the permit owns the sender and borrows nothing. Clone the sender to keep one.
    ///
    /// # Errors
    /// If the receiver is gone or has closed the channel; the sender is dropped.
    ///
    /// # Cancel safety
    /// That of `reserve`; the sender is dropped.
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let reserve = async {
            self.wait_for(1).await?;
            Ok(OwnedPermit::new(self))
        };
        named(|| "mpsc::Sender::reserve_owned", reserve)
    }

    /// Reserves a slot if one is free.
    ///
    /// # Errors
    /// If none is, or if the receiver is gone or has closed the channel.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.inlet.channel().try_reserve(1)?;
        Ok(Permit::new(self))
    }

    /// Reserves `n` slots if so many are free.
    ///
    /// # Errors
    /// If they are not, or if the receiver is gone or has closed the channel.
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.inlet.channel().try_reserve(n)?;
        Ok(PermitIterator::new(self, n))
    }

    /// [`try_reserve`](Sender::try_reserve), but the permit owns the sender.
    ///
    /// # Errors
    /// Those of `try_reserve`; the sender comes back.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.inlet.channel().try_reserve(1) {
            Ok(()) => Ok(OwnedPermit::new(self)),
            Err(TrySendError::Full(())) => Err(TrySendError::Full(self)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(self)),
        }
    }

    /// Returns once the caller has `slots` of them.
    async fn wait_for(&self, slots: usize) -> Result<(), SendError<()>> {
        if slots > self.max_capacity() {
            return Err(SendError(())); // it would wait for ever
        }
        granted(Reserve::new(self.inlet.channel(), slots)).await
    }
}

/// Waits in line. The slots are the caller's then.
async fn granted<T>(reserve: Reserve<'_, T>) -> Result<(), SendError<()>> {
    let mut reserve = pin!(reserve);
    poll_fn(|cx| {
        let unit = ready!(coop::poll_proceed(cx));
        let outcome = ready!(reserve.as_mut().poll(cx.waker()));
        unit.made_progress();
        Poll::Ready(outcome)
    })
    .await
}

/// Looking.
impl<T> Sender<T> {
    /// Waits until the receiver is gone or has closed the channel: then nobody wants more values.
    ///
    /// # Cancel safety
    /// Safe: a channel that is closed stays closed.
    pub fn closed(&self) -> impl Future<Output = ()> {
        named(|| "mpsc::Sender::closed", self.inlet.channel().closed())
    }

    /// Whether the receiver is gone or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.inlet.channel().is_closed()
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inlet.same_channel(&other.inlet)
    }

    /// How many slots are free: neither reserved nor taken by a value that waits to be received.
    pub fn capacity(&self) -> usize {
        self.inlet.channel().free()
    }

    /// How many slots the channel was made with.
    pub fn max_capacity(&self) -> usize {
        self.inlet.channel().bound
    }

    /// A sender that does not keep the channel from ending.
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inlet: self.inlet.downgrade() }
    }

    /// How many senders there are. An owned permit is one.
    pub fn strong_count(&self) -> usize {
        self.inlet.channel().census.strong()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.inlet.channel().census.weak()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { inlet: self.inlet.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("capacity", &self.capacity()).field("closed", &self.is_closed()).finish()
    }
}
