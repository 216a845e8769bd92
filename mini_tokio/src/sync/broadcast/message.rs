//! A value on its way to several receivers.
//!
//! Its readers may be on different threads, and the value need not be `Sync`: while one thread clones it, the others wait.
//! `T::clone` is the user's and may do anything, even receive this same message from another receiver, on this same
//! thread. A common mutex would then wait for itself. But one thread may well look at a value twice at once (that is
//! `&T`), and a *reentrant* mutex says just that: any number of `&T`, all on one thread.
//!
//! No lock of the channel is held meanwhile, so `clone` may send, receive, subscribe and drop handles as it likes.

use std::sync::Arc;

#[cfg(not(loom))]
use parking_lot::ReentrantMutex as Guarded;

#[cfg(loom)]
use self::loomed::Guarded;

/// loom's mutex in the shape of the reentrant one. Models do not take it twice.
#[cfg(loom)]
mod loomed {
    pub(super) struct Guarded<T>(loom::sync::Mutex<T>);

    impl<T> Guarded<T> {
        pub(super) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(super) fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }

        pub(super) fn get_mut(&mut self) -> &mut T {
            self.0.get_mut().unwrap()
        }

        pub(super) fn into_inner(self) -> T {
            self.0.into_inner().unwrap()
        }
    }
}

/// A value that is cloned by one thread at a time.
pub(super) struct Message<T>(Guarded<T>);

impl<T> Message<T> {
    pub(super) fn new(value: T) -> Arc<Self> {
        Arc::new(Self(Guarded::new(value)))
    }

    /// The value back, of a message that was never shown to anybody.
    pub(super) fn take_back(message: Arc<Self>) -> T {
        let message = Arc::into_inner(message).expect("it has never been in the ring, so nobody else has it");
        message.0.into_inner()
    }
}

impl<T: Clone> Message<T> {
    /// A clone of the value.
    // ANCHOR: broadcast-clone
    pub(super) fn share(message: Arc<Self>) -> T {
        let value = message.0.lock().clone();
        drop(message); // maybe the last one, and then it drops the value: after the lock
        value
    }

    /// For the last one to come, who has the value for himself unless somebody is still at his clone. It is a clone that he
    /// gets all the same: what the first gets and what the last gets must not depend on who comes first.
    pub(super) fn share_last(message: Arc<Self>) -> T {
        match Arc::try_unwrap(message) {
            Ok(mut message) => message.0.get_mut().clone(),
            Err(message) => Self::share(message),
        }
    }
}
