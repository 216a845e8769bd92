//! `Notify`: wakes one task, or all that wait, and remembers one wake-up that came too early.
//!
//! ```text
//!   notify_one ---- nobody waits: one CAS ----> [ permit ] <---- one CAS ---- notified().await
//!       |                                                                          |
//!       |  somebody waits: lock                                    no permit: lock |
//!       v                                                                          v
//!   +---------------------------- the list, under the lock ------------------------------+
//!   | waiting:  future - future - future                                                 |
//!   +------------------------------------------------------------------------------------+
//! ```
//!
//! Vocabulary. A *permit* is a notification that nobody waited for; there is at most one. The *generation* counts the
//! calls of `notify_waiters`; a future is *born* in one. A *delivery* is how a notification reaches a future that
//! waits.
//!
//! The files: `state` is the word (permit, waiting, generation: `NOTIFY-1` to `-4`), `waiter` what a future and its
//! notifier share (`NOTIFY-5`, `-6`), `notified` the futures, and this one the list:
//!
//! - `NOTIFY-7`: every future in the list was born in the present generation and has no delivery. So a future that waits
//!   needs to look at its delivery only, and a future that arrives at the word only.
//! - `NOTIFY-8`: no user code (clone, wake or drop of a waker) runs under the lock. Wakers re-enter this very `Notify`.
//!
//! The two sides of a wake-up:
//!
//! ```text
//!   notify_one                                     notified().await
//!   1. CAS the permit in, unless WAITING: done     1. CAS a permit out: done (in a `Streak`, look for one a while)
//!   2. lock                                        2. clone the waker (NOTIFY-8), lock
//!   3. again 1: the last waiter may have left      3. again 1, and in the same CAS set WAITING
//!   4. pop a waiter, deliver                       4. enter the list
//!   5. unlock, wake                                5. unlock, Pending
//! ```
//!
//! `notify_waiters` must wake those who are there and nobody else, although a woken task may wait again at once. So it
//! starts the new generation, empties the list and delivers to all in one hold of the lock, and wakes after it. Rejected:
//! waking in batches and unlocking between them, as tokio does. It bounds how long the lock is held; but then some
//! futures are called and not yet delivered to, and every other step has to know of them. A delivery costs a few
//! nanoseconds. If nobody waits, the new generation is all there is to do, and one CAS does it.
//!
//! Left out: tokio's tracing hooks, hence `const_new` beside `new` (here `new` is `const`, and `const_new` is its
//! alias).

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    sync::Arc,
    task::Waker,
};

use self::state::{Claim, Deposit, State};
use self::waiter::{Notification, Waiter};
use super::streak::Streak;
use super::waiters::{Node, WaitList};
use super::wake_batch::WakeBatch;
use crate::shim::Mutex;

#[cfg(all(test, loom))]
mod model;
mod notified;
mod state;
#[cfg(all(test, not(loom)))]
mod tests;
mod waiter;

pub use notified::{Notified, OwnedNotified};

/// Wakes tasks without passing data.
///
/// Think of a semaphore that starts with no permits and holds at most one. [`notified().await`](Notify::notified) waits
/// until it can take the permit; [`notify_one`](Notify::notify_one) hands the permit to the task that waits longest or,
/// if none does, leaves it for the next that comes. Thus a wake-up is never lost by coming too early, but several that
/// come too early count as one: what to do is to be found in data beside the `Notify`, and looked for again after each
/// wake-up. [`notify_waiters`](Notify::notify_waiters) wakes everybody who waits and leaves no permit.
///
/// What a task wrote before it notified is visible to the task that is notified.
///
/// It works under any executor and from plain threads. The idea is that of [`std::thread::park`] and
/// [`unpark`](std::thread::Thread::unpark), with a queue; the interface is `tokio::sync::Notify`'s.
///
/// # Examples
///
/// A channel for one consumer: the producer notifies after it pushed, the consumer looks again after each notification.
///
/// ```
/// use mini_tokio::sync::Notify;
/// use std::{collections::VecDeque, sync::Mutex};
///
/// #[derive(Default)]
/// struct Channel<T> {
///     values: Mutex<VecDeque<T>>,
///     pushed: Notify,
/// }
///
/// impl<T> Channel<T> {
///     fn send(&self, value: T) {
///         self.values.lock().unwrap().push_back(value);
///         self.pushed.notify_one();
///     }
///
///     async fn recv(&self) -> T {
///         loop {
///             if let Some(value) = self.values.lock().unwrap().pop_front() {
///                 return value;
///             }
///             self.pushed.notified().await;
///         }
///     }
/// }
///
/// let channel = Channel { values: Mutex::default(), pushed: Notify::new() };
/// channel.send(7);
/// assert_eq!(futures::executor::block_on(channel.recv()), 7);
/// ```
///
/// With several consumers each must be in the queue before it looks: see [`Notified::enable`].
pub struct Notify {
    /// Its own rules: `state`.
    state: State,
    /// Of those who found a permit, or that everybody was called, and did not wait.
    streak: Streak,
    /// The lock. Guards the list, the links of all nodes in it, and the wakers of all waiters in it.
    waiting: Mutex<WaitList<Waiter>>,
}

/// What became of a future that asked to wait.
#[derive(PartialEq, Eq)]
#[must_use]
enum Entry {
    /// It is in the list.
    Waits,
    /// Its notification was there already; it is in no list.
    Notified,
}

impl Notify {
    /// A `Notify` without a permit.
    #[cfg(not(loom))]
    pub const fn new() -> Notify {
        Notify { state: State::new(), streak: Streak::new(), waiting: Mutex::new(WaitList::new()) }
    }

    #[cfg(loom)]
    pub fn new() -> Notify {
        Notify { state: State::new(), streak: Streak::new(), waiting: Mutex::new(WaitList::new()) }
    }

    /// The same as [`new`](Notify::new), under the name that tokio gives to the `const` one.
    #[cfg(not(loom))]
    pub const fn const_new() -> Notify {
        Notify::new()
    }

    /// Waits for a notification.
    ///
    /// If there is a permit, the future takes it and is ready at once. Otherwise it waits in the queue. It enters the
    /// queue for [`notify_one`](Notify::notify_one) with its first poll or with [`Notified::enable`], but
    /// [`notify_waiters`](Notify::notify_waiters) reaches it from the moment this method returns.
    ///
    /// # Cancel safety
    /// A future that is dropped loses its place in the queue. If it had been given a `notify_one` that it has not seen
    /// yet, the notification passes to the next in the queue, or becomes the permit.
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self)
    }

    /// Like [`notified`](Notify::notified), but the future keeps the `Notify` alive and borrows nothing.
    ///
    /// # Cancel safety
    /// That of [`notified`](Notify::notified).
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified::new(self)
    }

    /// Wakes the task that waits longest; if none does, leaves a permit. A second permit is not stored.
    ///
    /// May be called from anywhere: tasks, threads, drops, wakers.
    pub fn notify_one(&self) {
        self.notify(Notification::First);
    }

    /// Like [`notify_one`](Notify::notify_one), but wakes the task that came last: its caches are the warmest. Tasks
    /// that came before it may wait for ever, so this is for work that any one of them can do.
    pub fn notify_last(&self) {
        self.notify(Notification::Last);
    }

    /// Wakes all that wait, and lets every future that exists already be ready, polled or not. Leaves no permit, and
    /// takes none away. Futures made after this call began are not affected, even if the tasks woken by it make them at
    /// once.
    ///
    /// # Panics
    /// If a waker panics, so does this call, after all others have been woken. (A second panic then aborts the
    /// process.)
    // ANCHOR: notify-waiters
    pub fn notify_waiters(&self) {
        if self.state.broadcast_to_nobody() == Deposit::Stored {
            return; // the futures that exist and do not wait yet look at the word first
        }
        let mut wakers = WakeBatch::default(); // wakes when it is dropped, which is after the lock
        let mut waiting = self.waiting.lock();
        self.state.broadcast();
        while let Some(node) = waiting.pop_front() {
            // SAFETY: locked, and the node comes out of the list.
            wakers.push(unsafe { Waiter::deliver(node, Notification::All) });
        }
    }

    /// Gives one notification away: the left side of the picture at the top.
    // ANCHOR: notify-one
    fn notify(&self, one: Notification) {
        if self.state.deposit() == Deposit::Stored {
            return;
        }
        let mut waiting = self.waiting.lock();
        if self.state.deposit() == Deposit::Stored {
            return;
        }
        let node = if one == Notification::Last { waiting.pop_back() } else { waiting.pop_front() };
        let node = node.expect("NOTIFY-1: WAITING is set, so somebody waits");
        if waiting.is_empty() {
            self.state.nobody_waits();
        }
        // SAFETY: locked, and the node comes out of the list.
        let waker = unsafe { Waiter::deliver(node, one) };
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Puts `node` into the queue, unless its notification is there already: the right side of the picture at the top,
    /// from step 2.
    ///
    /// # Safety
    /// `node` is in no list and nothing was delivered to it. After `Entry::Waits`, [`leave`](Self::leave) is called
    /// before it is dropped.
    // ANCHOR: notify-enter
    unsafe fn enter(&self, node: Pin<&Node<Waiter>>, waker: Option<Waker>) -> Entry {
        let mut waiting = self.waiting.lock();
        match self.state.claim_or_wait(node.value().born) {
            Claim::Nothing => {
                // SAFETY: locked, and nothing was delivered, says the caller. The old waker is None: nothing is dropped
                // here.
                let old = unsafe { node.value().replace_waker(waker) };
                debug_assert!(old.is_none());
                // SAFETY: unlinked, and unlinked again before its drop, says the caller.
                unsafe { waiting.push_back(node) };
                Entry::Waits
            }
            Claim::Permit | Claim::Broadcast => {
                drop(waiting);
                drop(waker); // user code, hence after the lock: NOTIFY-8
                Entry::Notified
            }
        }
    }

    /// Takes `node` out of the queue if it is still there. Afterwards it is in no list. Returns what was delivered to
    /// it.
    ///
    /// # Safety
    /// The owner of `node` calls, once, after [`enter`](Self::enter) made it wait in this `Notify`.
    // ANCHOR: notify-leave
    unsafe fn leave(&self, node: &Node<Waiter>) -> Option<Notification> {
        let waiter = node.value();
        if let Some(notification) = waiter.notification() {
            return Some(notification); // the notifier has unlinked it: NOTIFY-5
        }
        let mut waiting = self.waiting.lock();
        if let Some(notification) = waiter.notification() {
            return Some(notification);
        }
        // SAFETY: nothing delivered, so it is linked (NOTIFY-5).
        unsafe { waiting.remove(node) };
        if waiting.is_empty() {
            self.state.nobody_waits();
        }
        // SAFETY: locked, and nothing was delivered.
        let waker = unsafe { waiter.replace_waker(None) };
        drop(waiting);
        drop(waker); // user code, hence after the lock: NOTIFY-8
        None
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (permit, waiting, generation) = self.state.snapshot();
        f.debug_struct("Notify")
            .field("permit", &permit)
            .field("waiting", &waiting)
            .field("broadcasts", &generation)
            .finish()
    }
}

// User code never runs under the lock (NOTIFY-8), so no panic leaves the list half changed.
impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}
