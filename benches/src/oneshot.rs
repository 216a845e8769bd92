//! A channel for one value, of a lock and the runtime's `Notify`: the same code on every runtime.

use std::sync::{Arc, Mutex};

use crate::rt::Signal;

struct Slot<T, S> {
    value: Mutex<Option<T>>,
    sent: S,
}

pub struct Sender<T, S>(Arc<Slot<T, S>>);

pub struct Receiver<T, S>(Arc<Slot<T, S>>);

pub fn channel<T, S: Signal>() -> (Sender<T, S>, Receiver<T, S>) {
    let slot = Arc::new(Slot { value: Mutex::new(None), sent: S::default() });
    (Sender(slot.clone()), Receiver(slot))
}

impl<T, S: Signal> Sender<T, S> {
    pub fn send(self, value: T) {
        *self.0.value.lock().expect("nothing panics under this lock") = Some(value);
        self.0.sent.notify_one();
    }
}

impl<T, S: Signal> Receiver<T, S> {
    /// The value; never, if the sender was dropped with it.
    pub async fn receive(self) -> T {
        self.0.sent.notified().await;
        let value = self.0.value.lock().expect("nothing panics under this lock").take();
        value.expect("it was sent before the signal")
    }
}
