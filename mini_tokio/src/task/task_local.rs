//! [`LocalKey`]: a value that belongs to a task, or to a part of one.
//!
//! A thread-local is the wrong place for what belongs to a task: others run on the thread in between, and the task itself
//! may go on elsewhere. So the value lives in the future that was given it ([`TaskLocalFuture`]) and lies in a thread-local
//! only while that future is polled or dropped:
//!
//! ```text
//!   future's slot   [ 7 ]            [   ]              [ 7 ]
//!                     └── enter ──┐         ┌── leave ────┘
//!   thread-local    [ - ]         └──[ 7 ]──┘           [ - ]    or the value of an outer scope, put back
//! ```
//!
//! * `LOCALKEY-1` What a scope swapped in it swaps out again, also when the code in it panics. So outside of a poll, the slot
//!   of a future holds the value, and the thread-local what was there before.
//! * `LOCALKEY-2` The swap happens while the thread-local is not borrowed: from inside [`LocalKey::with`] no scope of the same
//!   key can be entered.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

/// A key of task-local values, declared with [`task_local!`](macro@crate::task_local).
///
/// There is no initial value: one is there only inside [`scope`](Self::scope) and [`sync_scope`](Self::sync_scope). A task
/// that is spawned inside a scope does not inherit it.
pub struct LocalKey<T: 'static> {
    slot: thread::LocalKey<RefCell<Option<T>>>,
}

impl<T: 'static> LocalKey<T> {
    /// For the macro only.
    #[doc(hidden)]
    pub const fn new(slot: thread::LocalKey<RefCell<Option<T>>>) -> Self {
        Self { slot }
    }

    /// Runs `f` with `value` under this key, whenever and on whichever thread it is polled. Scopes nest.
    ///
    /// The value is dropped with the returned future.
    ///
    /// # Panics
    ///
    /// When polled from inside [`with`](Self::with) of the same key.
    pub fn scope<F>(&'static self, value: T, f: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture { key: self, slot: Some(value), future: Some(f), _pinned: PhantomPinned }
    }

    /// Calls `f` with `value` under this key.
    ///
    /// # Panics
    ///
    /// From inside [`with`](Self::with) of the same key, and where the thread-local is destroyed. If `f` panics.
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        match self.scope_inner(&mut value, f) {
            Ok(result) => result,
            Err(refused) => refused.panic(),
        }
    }

    /// Calls `f` with `value` lying in the thread-local.
    // ANCHOR: task-local-scope
    fn scope_inner<R>(&'static self, value: &mut Option<T>, f: impl FnOnce() -> R) -> Result<R, Refused> {
        /// Swaps the values back (`LOCALKEY-1`).
        struct Leave<'a, T: 'static>(&'static LocalKey<T>, &'a mut Option<T>);
        impl<T: 'static> Drop for Leave<'_, T> {
            fn drop(&mut self) {
                // It could be swapped in, and whoever borrowed it meanwhile has returned.
                let _ = self.0.swap(self.1);
            }
        }
        self.swap(value)?;
        let _leave = Leave(self, value);
        Ok(f())
    }

    fn swap(&'static self, value: &mut Option<T>) -> Result<(), Refused> {
        match self.slot.try_with(|slot| slot.try_borrow_mut().map(|mut slot| mem::swap(&mut *slot, value))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Refused::Borrowed),
            Err(_) => Err(Refused::Destroyed),
        }
    }

    /// Calls `f` with the value.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(result) => result,
            Err(_) => panic!("cannot access a task-local storage value without setting it first"),
        }
    }

    /// Calls `f` with the value.
    ///
    /// # Errors
    ///
    /// Where there is none: outside of all scopes of this key.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        // The answer to a thread that ends is the same: no scope is open there.
        let found = self.slot.try_with(|slot| slot.borrow().as_ref().map(f));
        found.ok().flatten().ok_or(AccessError { _private: () })
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// A copy of the value.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// A copy of the value.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("LocalKey { .. }")
    }
}

/// Why a scope could not be entered.
enum Refused {
    Borrowed,
    Destroyed,
}

impl Refused {
    #[track_caller]
    fn panic(&self) -> ! {
        match self {
            Self::Borrowed => panic!("cannot enter a task-local scope while the task-local storage is borrowed"),
            Self::Destroyed => {
                panic!("cannot enter a task-local scope during or after destruction of the underlying thread-local")
            }
        }
    }
}

pin_project! {
    /// The future of [`LocalKey::scope`].
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        key: &'static LocalKey<T>,
        slot: Option<T>,
        // None once it is done: its drop sees the value too, so it cannot be left to the fields' drop.
        #[pin]
        future: Option<F>,
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if mem::needs_drop::<F>() && this.future.is_some() {
                let mut future = this.future;
                // If the scope is refused the future is dropped without its value, with the fields.
                let _ = this.key.scope_inner(this.slot, || future.set(None));
            }
        }
    }
}

impl<T, F> TaskLocalFuture<T, F>
where
    T: 'static,
{
    /// Takes the value out; from then on the future finds none. `None` if that was done before.
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().slot.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut future = this.future;
        let polled = this.key.scope_inner(this.slot, || {
            let polled = future.as_mut().as_pin_mut()?.poll(cx);
            if polled.is_ready() {
                future.set(None);
            }
            Some(polled)
        });
        match polled {
            Ok(Some(polled)) => polled,
            Ok(None) => panic!("`TaskLocalFuture` polled after completion"),
            Err(refused) => refused.panic(),
        }
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Debug = match &self.slot {
            Some(value) => value,
            None => &format_args!("<missing>"),
        };
        f.debug_struct("TaskLocalFuture").field("value", value).finish()
    }
}

/// There is no value under a [`LocalKey`] where it was asked for one.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct AccessError {
    _private: (),
}

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessError").finish()
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("task-local value not set")
    }
}

impl Error for AccessError {}
