//! The adapter of the futures crate's `ThreadPool`. It has no current-thread form whose tasks may come from other threads,
//! and so takes part in multi-thread shapes only.

use std::future::Future;
use std::sync::OnceLock;

use futures::channel::oneshot::{self, Receiver, Sender};
use futures::executor::{ThreadPool, block_on};
use futures::future::RemoteHandle;
use futures::task::SpawnExt;

use super::{Rt, Shape};

/// What a task spawns on: a pool has no notion of a current one.
static POOL: OnceLock<ThreadPool> = OnceLock::new();

pub struct Pool;

/// Detaches when dropped, as tokio's handles do; a `RemoteHandle` cancels.
pub struct Join<T: Send + 'static>(Option<RemoteHandle<T>>);

impl<T: Send + 'static> Drop for Join<T> {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.forget();
        }
    }
}

impl Rt for Pool {
    const HAS_CURRENT_THREAD: bool = false;

    type Join<T: Send + 'static> = Join<T>;
    type Sender = Sender<()>;
    type Receiver = Receiver<()>;

    fn build(shape: Shape) -> Self {
        let workers = shape.workers.expect("it is a pool of threads");
        POOL.get_or_init(|| ThreadPool::builder().pool_size(workers).create().expect("threads can be spawned"));
        Self
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
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
        let pool = POOL.get().expect("it was built");
        Join(Some(pool.spawn_with_handle(future).expect("the pool is never shut down")))
    }

    async fn join<T: Send + 'static>(mut task: Join<T>) -> T {
        task.0.take().expect("it is taken only here and when dropped").await
    }

    fn yield_now() -> impl Future<Output = ()> + Send + 'static {
        smol::future::yield_now()
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
