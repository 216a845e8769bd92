//! [`Channel`]: channels for many senders and one receiver, of whatever maker; and what they are measured with.

use std::future::Future;
use std::hint::black_box;

use super::{List, cores, multi, roots};
use crate::meter::Meter;
use crate::rt::{Root, Rt, Shape};

/// A kind of channel.
pub trait Channel: 'static {
    /// In workloads' names: channels are compared with others of their kind.
    const KIND: Kind;
    /// Whether many messages can be received at once.
    const HAS_MANY: bool = false;

    type Sender<T: Send + 'static>: Clone + Send + 'static;
    type Receiver<T: Send + 'static>: Send + 'static;

    /// An unbounded one does not look at the capacity.
    fn create<T: Send + 'static>(capacity: usize) -> (Self::Sender<T>, Self::Receiver<T>);

    fn send<T: Send + 'static>(sender: &mut Self::Sender<T>, value: T) -> impl Future<Output = ()> + Send;

    /// None when all senders are gone.
    fn receive<T: Send + 'static>(receiver: &mut Self::Receiver<T>) -> impl Future<Output = Option<T>> + Send;

    /// Appends at least one and at most `limit`, and says how many; 0 when all senders are gone.
    fn receive_many<T: Send + 'static>(
        _receiver: &mut Self::Receiver<T>,
        _into: &mut Vec<T>,
        _limit: usize,
    ) -> impl Future<Output = usize> + Send {
        async { unreachable!("asked only where HAS_MANY") }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bounded,
    Unbounded,
}

const SENDERS: usize = 5;
const EACH: usize = 1_000;
const ALL: u32 = (SENDERS * EACH) as u32;

/// What `C` takes part in, its tasks run by `R`.
pub fn list<R: Rt, C: Channel>(list: &mut List) {
    let ct = Shape::CURRENT_THREAD;
    match C::KIND {
        Kind::Bounded => {
            list.add("mpsc/create", create::<C>);
            list.add("ct/mpsc_send_512B", |meter| medium::<R, C, 512>(meter));
            list.add("ct/mpsc_send_32KiB", |meter| medium::<R, C, { 32 << 10 }>(meter));
            list.add(format!("{ct}/mpsc_bounded_uncontended"), move |meter| uncontended::<R, C>(meter, ct));
            contended::<R, C>(list, "bounded", 1_000_000);
            contended::<R, C>(list, "full", 100);
        }
        Kind::Unbounded => {
            list.add(format!("{ct}/mpsc_unbounded_uncontended"), move |meter| uncontended::<R, C>(meter, ct));
            contended::<R, C>(list, "unbounded", 0);
        }
    }
}

fn contended<R: Rt, C: Channel>(list: &mut List, how: &str, capacity: usize) {
    for shape in multi() {
        // Both places on as many workers as cores; elsewhere tokio's.
        for &root in if shape == cores() { roots(shape) } else { &[Root::Outside] } {
            let name = format!("{shape}/mpsc_{how}{}", root.suffix());
            list.add(name, move |meter| five_senders::<R, C>(meter, shape, root, capacity, false));
        }
        if C::HAS_MANY {
            let name = format!("{shape}/mpsc_{how}_many");
            list.add(name, move |meter| five_senders::<R, C>(meter, shape, Root::Outside, capacity, true));
        }
    }
}

/// One channel, made and dropped.
fn create<C: Channel>(meter: &mut Meter) {
    const BATCH: u32 = 1_000;
    meter.repeat(BATCH, || {
        for _ in 0..BATCH {
            drop(black_box(C::create::<usize>(1_000)));
        }
    });
}

/// Send and receive a message of this size through a channel that is otherwise empty.
fn medium<R: Rt, C: Channel, const BYTES: usize>(meter: &mut Meter) {
    const BATCH: u32 = 1_000;
    let runtime = R::build(Shape::CURRENT_THREAD);
    meter.repeat(BATCH, || {
        runtime.block_on(async {
            let (mut sender, mut receiver) = C::create::<[u8; BYTES]>(1_000);
            for _ in 0..BATCH {
                C::send(&mut sender, black_box([0; BYTES])).await;
                black_box(C::receive(&mut receiver).await);
            }
        });
    });
}

/// 5,000 messages, all sent before the first is received, on one thread.
fn uncontended<R: Rt, C: Channel>(meter: &mut Meter, shape: Shape) {
    let runtime = R::build(shape);
    meter.repeat(ALL, || {
        runtime.block_on(async {
            let (mut sender, mut receiver) = C::create::<usize>(1_000_000);
            for i in 0..SENDERS * EACH {
                C::send(&mut sender, i).await;
            }
            drop(sender);
            while C::receive(&mut receiver).await.is_some() {}
        });
    });
}

/// 5 tasks send 1,000 messages each; the root receives.
fn five_senders<R: Rt, C: Channel>(meter: &mut Meter, shape: Shape, root: Root, capacity: usize, many: bool) {
    let runtime = R::build(shape);
    meter.repeat(ALL, || {
        let received = root.run(&runtime, async move {
            let (sender, mut receiver) = C::create::<usize>(capacity);
            for _ in 0..SENDERS {
                let mut sender = sender.clone();
                drop(R::spawn(async move {
                    for i in 0..EACH {
                        C::send(&mut sender, i).await;
                    }
                }));
            }
            drop(sender);
            if many { drain_many::<C>(&mut receiver).await } else { drain::<C>(&mut receiver).await }
        });
        assert_eq!(received, SENDERS * EACH, "no message is lost");
    });
}

async fn drain<C: Channel>(receiver: &mut C::Receiver<usize>) -> usize {
    let mut received = 0;
    while C::receive(receiver).await.is_some() {
        received += 1;
    }
    received
}

async fn drain_many<C: Channel>(receiver: &mut C::Receiver<usize>) -> usize {
    let (mut received, mut buffer) = (0, Vec::with_capacity(EACH));
    loop {
        match C::receive_many(receiver, &mut buffer, EACH).await {
            0 => return received,
            count => received += count,
        }
        buffer.clear();
    }
}
