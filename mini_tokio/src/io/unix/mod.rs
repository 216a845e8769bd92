//! Waiting for descriptors of any kind: [`AsyncFd`].

mod async_fd;
mod guard;
mod register_error;

pub use self::async_fd::AsyncFd;
pub use self::guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, TryIoError};
pub use self::register_error::AsyncFdRegisterError;

/// The former name of [`AsyncFdRegisterError`].
#[doc(hidden)]
#[deprecated(note = "use `AsyncFdRegisterError` instead")]
pub type AsyncFdTryNewError<T> = AsyncFdRegisterError<T>;
