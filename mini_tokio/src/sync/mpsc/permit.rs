//! Permits: slots in somebody's hands. Dropped unused, they go back to the channel.

use std::{fmt, iter::FusedIterator, mem};

use super::Sender;

/// The right to send one value, at any time: the slot is reserved.
pub struct Permit<'a, T> {
    sender: &'a Sender<T>,
}

/// Several slots, to be taken as [`Permit`]s one by one. What is left is given back when this is dropped.
pub struct PermitIterator<'a, T> {
    sender: &'a Sender<T>,
    left: usize,
}

/// A [`Permit`] that owns its sender.
pub struct OwnedPermit<T> {
    /// None only while it is being used up.
    sender: Option<Sender<T>>,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(sender: &'a Sender<T>) -> Self {
        Self { sender }
    }

    /// Sends. A value for a receiver that is gone is dropped.
    pub fn send(self, value: T) {
        let channel = self.sender.inlet.channel();
        mem::forget(self); // the value has the slot now
        channel.send_reserved(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.sender.inlet.channel().release(1);
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("sender", self.sender).finish()
    }
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(sender: &'a Sender<T>, left: usize) -> Self {
        Self { sender, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit::new(self.sender))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.sender.inlet.channel().release(self.left);
        }
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator").field("sender", self.sender).field("capacity", &self.left).finish()
    }
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        Self { sender: Some(sender) }
    }

    fn sender(&self) -> &Sender<T> {
        self.sender.as_ref().expect("None only while it is being used up")
    }

    /// Sends, and returns the sender. A value for a receiver that is gone is dropped.
    pub fn send(mut self, value: T) -> Sender<T> {
        let sender = self.sender.take().expect("not used up before");
        sender.inlet.channel().send_reserved(value);
        sender
    }

    /// Gives the slot back unused, and returns the sender.
    pub fn release(mut self) -> Sender<T> {
        let sender = self.sender.take().expect("not used up before");
        sender.inlet.channel().release(1);
        sender
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.sender().same_channel(other.sender())
    }

    /// Whether `sender` sends into the same channel.
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.sender().same_channel(sender)
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            sender.inlet.channel().release(1);
        }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").field("sender", &self.sender).finish()
    }
}
