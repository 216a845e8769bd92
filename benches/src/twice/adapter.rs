//! The adapter to [`Rt`].

use std::future::Future;

use super::tokio::runtime::{Builder, Runtime};
use super::tokio::sync::oneshot::{self, Receiver, Sender};
use super::tokio::task::{self, JoinHandle};
use crate::rt::{Rt, Settings, Shape};

pub struct Adapter(Runtime);

/// A runtime of this shape, with the settings of this process.
pub fn build(shape: Shape) -> Runtime {
    let mut builder = match shape.workers {
        None => Builder::new_current_thread(),
        Some(workers) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers);
            builder
        }
    };
    let settings = Settings::current();
    if let Some(interval) = settings.global_queue_interval {
        builder.global_queue_interval(interval);
    }
    if let Some(interval) = settings.event_interval {
        builder.event_interval(interval);
    }
    builder.enable_all().build().expect("a runtime can be built")
}

impl Rt for Adapter {
    type Join<T: Send + 'static> = JoinHandle<T>;
    type Sender = Sender<()>;
    type Receiver = Receiver<()>;

    fn build(shape: Shape) -> Self {
        Self(build(shape))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn_on<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(future)
    }

    fn spawn<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn(future)
    }

    async fn join<T: Send + 'static>(task: JoinHandle<T>) -> T {
        task.await.expect("the task does not fail")
    }

    fn yield_now() -> impl Future<Output = ()> + Send + 'static {
        task::yield_now()
    }

    fn oneshot() -> (Sender<()>, Receiver<()>) {
        oneshot::channel()
    }

    fn send(sender: Sender<()>) {
        sender.send(()).expect("somebody receives");
    }

    async fn receive(receiver: Receiver<()>) {
        receiver.await.expect("the other half sends");
    }
}

impl From<Runtime> for Adapter {
    fn from(runtime: Runtime) -> Self {
        Self(runtime)
    }
}
