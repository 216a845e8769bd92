//! The adapter of tokio.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use ::tokio::runtime::{Builder, Runtime};
use ::tokio::sync::Notify;
use ::tokio::task::{self, JoinError, JoinHandle};
use ::tokio::time::{self, Sleep};

use super::{Abort, Failure, Rt, Shape, Signal};

/// tokio.
pub struct Tokio(Runtime);

impl Rt for Tokio {
    const NAME: &'static str = "tokio";

    type JoinError = JoinError;
    type Join<T: Send + 'static> = JoinHandle<T>;
    type Sleep = Sleep;
    type Signal = Notify;

    fn build(shape: Shape) -> Self {
        let mut builder = match shape.workers {
            None => Builder::new_current_thread(),
            Some(workers) => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(workers);
                builder
            }
        };
        builder.enable_all().max_blocking_threads(shape.blocking_threads);
        Self(builder.build().expect("a runtime can be built"))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        let _entered = self.0.enter();
        f()
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

    fn spawn_blocking<F, T>(f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        task::spawn_blocking(f)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        task::yield_now()
    }

    fn sleep(duration: Duration) -> Sleep {
        time::sleep(duration)
    }
}

impl<T> Abort for JoinHandle<T> {
    fn abort(&self) {
        JoinHandle::abort(self);
    }
}

impl Failure for JoinError {
    fn is_cancelled(&self) -> bool {
        JoinError::is_cancelled(self)
    }

    fn into_panic(self) -> Option<Box<dyn Any + Send>> {
        self.try_into_panic().ok()
    }
}

impl Signal for Notify {
    fn notify_one(&self) {
        Notify::notify_one(self);
    }

    fn notified(&self) -> impl Future<Output = ()> + Send {
        Notify::notified(self)
    }
}
