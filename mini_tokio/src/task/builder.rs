//! [`Builder`]: spawns tasks that have a name.
//!
//! The name goes where the place of the spawn goes: into the task's header, where a debugger and the hooks of the runtime
//! find it. The interface is tokio's, which has it under `tokio_unstable` and for `tracing` only.

use std::future::Future;
use std::io;

use super::spawn::spawn_local_named;
use super::{JoinHandle, LocalSet};
use crate::runtime::Handle;

/// Settings of a task that is to be spawned; the only one is its name.
///
/// ```
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let handle = mini_tokio::task::Builder::new().name("answer").spawn(async { 42 })?;
/// assert_eq!(handle.await?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// A task without a name.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a name.
    #[must_use = "the settings are returned, not changed"]
    pub fn name(&self, name: &'a str) -> Self {
        Self { name: Some(name) }
    }

    /// As [`task::spawn`](super::spawn()).
    ///
    /// # Errors
    ///
    /// None; tokio's signature leaves room for some.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<Fut>(self, future: Fut) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + Send + 'static,
        Fut::Output: Send + 'static,
    {
        self.spawn_on(future, &Handle::current())
    }

    /// As [`Handle::spawn`].
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn_on<Fut>(self, future: Fut, handle: &Handle) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + Send + 'static,
        Fut::Output: Send + 'static,
    {
        Ok(handle.shared.clone().spawn(future, self.name))
    }

    /// As [`task::spawn_local`](super::spawn_local()).
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Panics
    ///
    /// Outside a `LocalSet` and a `LocalRuntime`.
    #[track_caller]
    pub fn spawn_local<Fut>(self, future: Fut) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        Ok(spawn_local_named(future, self.name))
    }

    /// As [`LocalSet::spawn_local`].
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn_local_on<Fut>(self, future: Fut, local_set: &LocalSet) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        Ok(local_set.spawn_named(future, self.name))
    }

    /// As [`task::spawn_blocking`](super::spawn_blocking()).
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<Function, Output>(self, function: Function) -> io::Result<JoinHandle<Output>>
    where
        Function: FnOnce() -> Output + Send + 'static,
        Output: Send + 'static,
    {
        self.spawn_blocking_on(function, &Handle::current())
    }

    /// As [`Handle::spawn_blocking`].
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn_blocking_on<Function, Output>(
        self,
        function: Function,
        handle: &Handle,
    ) -> io::Result<JoinHandle<Output>>
    where
        Function: FnOnce() -> Output + Send + 'static,
        Output: Send + 'static,
    {
        Ok(handle.shared.blocking.spawn(function, self.name, false))
    }
}
