//! The mpsc channels, behind [`Channel`].

use super::tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use crate::workloads::channels::{Channel, Kind};

pub struct Bounded;

impl Channel for Bounded {
    const KIND: Kind = Kind::Bounded;
    const HAS_MANY: bool = true;

    type Sender<T: Send + 'static> = Sender<T>;
    type Receiver<T: Send + 'static> = Receiver<T>;

    fn create<T: Send + 'static>(capacity: usize) -> (Sender<T>, Receiver<T>) {
        mpsc::channel(capacity)
    }

    async fn send<T: Send + 'static>(sender: &mut Sender<T>, value: T) {
        assert!(sender.send(value).await.is_ok(), "the receiver is there");
    }

    async fn receive<T: Send + 'static>(receiver: &mut Receiver<T>) -> Option<T> {
        receiver.recv().await
    }

    async fn receive_many<T: Send + 'static>(receiver: &mut Receiver<T>, into: &mut Vec<T>, limit: usize) -> usize {
        receiver.recv_many(into, limit).await
    }
}

pub struct Unbounded;

impl Channel for Unbounded {
    const KIND: Kind = Kind::Unbounded;
    const HAS_MANY: bool = true;

    type Sender<T: Send + 'static> = UnboundedSender<T>;
    type Receiver<T: Send + 'static> = UnboundedReceiver<T>;

    fn create<T: Send + 'static>(_: usize) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
        mpsc::unbounded_channel()
    }

    async fn send<T: Send + 'static>(sender: &mut UnboundedSender<T>, value: T) {
        assert!(sender.send(value).is_ok(), "the receiver is there");
    }

    async fn receive<T: Send + 'static>(receiver: &mut UnboundedReceiver<T>) -> Option<T> {
        receiver.recv().await
    }

    async fn receive_many<T: Send + 'static>(
        receiver: &mut UnboundedReceiver<T>,
        into: &mut Vec<T>,
        limit: usize,
    ) -> usize {
        receiver.recv_many(into, limit).await
    }
}
