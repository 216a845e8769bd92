//! The adapter of smol's executor, run by as many threads as there are workers.

use std::future::{Future, pending};
use std::thread;

use async_channel::{Receiver, Sender};
use smol::{Executor, Task, future};

use super::{Rt, Shape};

/// One for the process: smol's own `spawn` does it so, too.
static EXECUTOR: Executor<'static> = Executor::new();

pub struct Smol {
    shape: Shape,
}

/// Detaches when dropped, as tokio's handles do; smol's cancel.
pub struct Join<T>(Option<Task<T>>);

impl<T> Drop for Join<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

impl Rt for Smol {
    type Join<T: Send + 'static> = Join<T>;
    type Sender = Sender<()>;
    type Receiver = Receiver<()>;

    fn build(shape: Shape) -> Self {
        for _ in 0..shape.workers.unwrap_or(0) {
            thread::spawn(|| smol::block_on(EXECUTOR.run(pending::<()>())));
        }
        Self { shape }
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.shape.workers {
            None => smol::block_on(EXECUTOR.run(future)),
            Some(_) => smol::block_on(future),
        }
    }

    fn spawn_on<F>(&self, future: F) -> Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Self::spawn(future)
    }

    fn spawn<F>(future: F) -> Join<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Join(Some(EXECUTOR.spawn(future)))
    }

    async fn join<T: Send + 'static>(mut task: Join<T>) -> T {
        task.0.take().expect("it is taken only here and when dropped").await
    }

    fn yield_now() -> impl Future<Output = ()> + Send + 'static {
        future::yield_now()
    }

    fn oneshot() -> (Sender<()>, Receiver<()>) {
        async_channel::bounded(1)
    }

    fn send(sender: Sender<()>) {
        sender.try_send(()).expect("there is room, and somebody to receive");
    }

    async fn receive(receiver: Receiver<()>) {
        receiver.recv().await.expect("the other half sends");
    }
}
