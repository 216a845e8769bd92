//! Channels that belong to no runtime, behind [`Channel`].

use crate::workloads::channels::{Channel, Kind};

/// One adapter. All three libraries have the same few functions under different names.
macro_rules! channel {
    ($name:ident, $kind:ident, $sender:path, $receiver:path, $create:expr, $send:ident, $receive:ident) => {
        pub struct $name;

        impl Channel for $name {
            const KIND: Kind = Kind::$kind;

            type Sender<T: Send + 'static> = $sender;
            type Receiver<T: Send + 'static> = $receiver;

            fn create<T: Send + 'static>(capacity: usize) -> (Self::Sender<T>, Self::Receiver<T>) {
                $create(capacity)
            }

            async fn send<T: Send + 'static>(sender: &mut Self::Sender<T>, value: T) {
                assert!(sender.$send(value).await.is_ok(), "the receiver is there");
            }

            async fn receive<T: Send + 'static>(receiver: &mut Self::Receiver<T>) -> Option<T> {
                receiver.$receive().await.ok()
            }
        }
    };
}

channel!(
    AsyncBounded,
    Bounded,
    async_channel::Sender<T>,
    async_channel::Receiver<T>,
    async_channel::bounded,
    send,
    recv
);
channel!(
    AsyncUnbounded,
    Unbounded,
    async_channel::Sender<T>,
    async_channel::Receiver<T>,
    |_| async_channel::unbounded(),
    send,
    recv
);
channel!(FlumeBounded, Bounded, flume::Sender<T>, flume::Receiver<T>, flume::bounded, send_async, recv_async);
channel!(
    FlumeUnbounded,
    Unbounded,
    flume::Sender<T>,
    flume::Receiver<T>,
    |_| flume::unbounded(),
    send_async,
    recv_async
);
channel!(KanalBounded, Bounded, kanal::AsyncSender<T>, kanal::AsyncReceiver<T>, kanal::bounded_async, send, recv);
channel!(
    KanalUnbounded,
    Unbounded,
    kanal::AsyncSender<T>,
    kanal::AsyncReceiver<T>,
    |_| kanal::unbounded_async(),
    send,
    recv
);
