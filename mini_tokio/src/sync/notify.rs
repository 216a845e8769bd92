//! `Notify`: wakes one task, or all that wait, and remembers one wake-up that came too early.
//!
//! ```text
//!   notify_one ---- nobody waits: one CAS ----> [ permit ] <---- one CAS ---- notified().await
//!       |                                                                          |
//!       |  somebody waits: lock                                    no permit: lock |
//!       v                                                                          v
//!   +---------------------------- Lists, under the lock ---------------------------------+
//!   | waiting:  future - future - future     (all born in the present generation)        |
//!   | called:   future - future              (older; each already counts as notified)    |
//!   +------------------------------------------------------------------------------------+
//! ```
//!
//! Vocabulary. A *permit* is a notification that nobody waited for; there is at most one. The *generation* counts the
//! calls of `notify_waiters`; a future is *born* in one. A *delivery* is how a notification reaches a future that
//! waits.
//!
//! The files: `state` is the word (permit, waiting, generation: `NOTIFY-1` to `-4`), `waiter` what a future and its
//! notifier share (`NOTIFY-5`, `-6`), `notified` the futures, and this one the lists:
//!
//! - `NOTIFY-7`: every future in `waiting` was born in the present generation, every one in `called` in an earlier one.
//!   So the birth of a future tells its list, and a future whose generation has passed is notified wherever its node
//!   is.
//! - `NOTIFY-8`: no user code (clone, wake or drop of a waker) runs under the lock. Wakers re-enter this very `Notify`.
//!
//! The two sides of a wake-up:
//!
//! ```text
//!   notify_one                                     notified().await
//!   1. CAS the permit in, unless WAITING: done     1. CAS a permit out: done
//!   2. lock                                        2. clone the waker (NOTIFY-8), lock
//!   3. again 1: the last waiter may have left      3. again 1, and in the same CAS set WAITING
//!   4. pop a waiter, deliver                       4. enter the list
//!   5. unlock, wake                                5. unlock, Pending
//! ```
//!
//! `notify_waiters` must wake those who are there and nobody else, although it unlocks every 32 wake-ups and a woken
//! task may wait again at once. So it moves the whole of `waiting` to `called` in one step under the lock, together
//! with the new generation, and then empties `called`, but only of futures older than its own generation. Rejected:
//! waking until the list is empty (two tasks that re-register keep it going for ever), and a list on the caller's stack
//! (leaving futures would unlink themselves from a list whose head is somebody's local variable, and a panic would have
//! to repair it).
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

use self::{
    state::{Broadcast, Claim, Deposit, Generation, State},
    waiter::{End, Notification, Waiter},
};
use super::{
    waiters::{Node, WaitList},
    wake_batch::WakeBatch,
};
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
    /// The lock. Guards the lists, the links of all nodes in them, and the wakers of all waiters in them.
    lists: Mutex<Lists>,
}

struct Lists {
    waiting: WaitList<Waiter>,
    called: WaitList<Waiter>,
}

impl Lists {
    const fn new() -> Self {
        Self { waiting: WaitList::new(), called: WaitList::new() }
    }
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
        Notify { state: State::new(), lists: Mutex::new(Lists::new()) }
    }

    #[cfg(loom)]
    pub fn new() -> Notify {
        Notify { state: State::new(), lists: Mutex::new(Lists::new()) }
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
        self.notify(End::First);
    }

    /// Like [`notify_one`](Notify::notify_one), but wakes the task that came last: its caches are the warmest. Tasks
    /// that came before it may wait for ever, so this is for work that any one of them can do.
    pub fn notify_last(&self) {
        self.notify(End::Last);
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
        if self.state.broadcast_to_nobody() == Broadcast::Done {
            return;
        }
        let mut lists = self.lists.lock();
        let generation = self.state.broadcast();
        let mut sweep = Sweep { notify: self, generation, batch: WakeBatch::new(), finished: false };
        // The new generation and the move are one step for whoever takes the lock next: NOTIFY-7.
        let Lists { waiting, called } = &mut *lists;
        called.append(waiting);
        sweep.collect(&mut lists);
        drop(lists);
        sweep.run();
    }

    /// Gives one notification away: the left side of the picture at the top.
    // ANCHOR: notify-one
    fn notify(&self, end: End) {
        if self.state.deposit() == Deposit::Stored {
            return;
        }
        let waker = {
            let mut lists = self.lists.lock();
            match self.state.deposit() {
                Deposit::Stored => return,
                Deposit::Waiting => self.deliver_one(&mut lists, end),
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Under the lock, with WAITING set.
    fn deliver_one(&self, lists: &mut Lists, end: End) -> Option<Waker> {
        let node = match end {
            End::First => lists.waiting.pop_front(),
            End::Last => lists.waiting.pop_back(),
        };
        let node = node.expect("NOTIFY-1: WAITING is set, so somebody waits");
        if lists.waiting.is_empty() {
            self.state.nobody_waits();
        }
        // SAFETY: the caller holds the lock, and the node comes out of the list.
        unsafe { Waiter::deliver(node, Notification::One(end)) }
    }

    /// Puts `node` into the queue, unless its notification is there already: the right side of the picture at the top,
    /// from step 2.
    ///
    /// # Safety
    /// `node` is in no list and nothing was delivered to it. After `Entry::Waits`, [`leave`](Self::leave) is called
    /// before it is dropped.
    // ANCHOR: notify-enter
    unsafe fn enter(&self, node: Pin<&Node<Waiter>>, waker: Option<Waker>) -> Entry {
        let mut lists = self.lists.lock();
        match self.state.claim_or_wait(node.value().born) {
            Claim::Nothing => {
                // SAFETY: locked, and nothing was delivered, says the caller. The old waker is None: nothing is dropped
                // here.
                let old = unsafe { node.value().replace_waker(waker) };
                debug_assert!(old.is_none());
                // SAFETY: unlinked, and unlinked again before its drop, says the caller.
                unsafe { lists.waiting.push_back(node) };
                Entry::Waits
            }
            Claim::Permit | Claim::Broadcast => {
                drop(lists);
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
        let mut lists = self.lists.lock();
        if let Some(notification) = waiter.notification() {
            return Some(notification);
        }
        if self.was_called(waiter) {
            // SAFETY: nothing delivered, so it is linked (NOTIFY-5), and by its age in this list (NOTIFY-7).
            unsafe { lists.called.remove(node) };
        } else {
            // SAFETY: nothing delivered, so it is linked (NOTIFY-5), and by its age in this list (NOTIFY-7).
            unsafe { lists.waiting.remove(node) };
            if lists.waiting.is_empty() {
                self.state.nobody_waits();
            }
        }
        // SAFETY: locked, and nothing was delivered.
        let waker = unsafe { waiter.replace_waker(None) };
        drop(lists);
        drop(waker); // user code, hence after the lock: NOTIFY-8
        None
    }

    /// Whether a broadcast has come since `waiter` was born, delivered or not. Exact under the lock while it is linked.
    fn was_called(&self, waiter: &Waiter) -> bool {
        self.state.generation() != waiter.born
    }
}

/// The second half of a broadcast: empties `called`, a batch at a time.
struct Sweep<'a> {
    notify: &'a Notify,
    /// Whoever was born before this is to be woken. Younger ones belong to a later broadcast, which has its own sweep;
    /// waiting for them too would let a stream of broadcasts hold up this one for ever.
    generation: Generation,
    batch: WakeBatch,
    finished: bool,
}

impl Sweep<'_> {
    /// Takes a batch out of `called`. Under the lock.
    // ANCHOR: notify-sweep
    fn collect(&mut self, lists: &mut Lists) {
        while self.batch.has_room() {
            let older = lists.called.front().is_some_and(|waiter| waiter.born.is_before(self.generation));
            let Some(node) = older.then(|| lists.called.pop_front()).flatten() else {
                self.finished = true;
                return;
            };
            // SAFETY: locked, and the node comes out of the list.
            if let Some(waker) = unsafe { Waiter::deliver(node, Notification::All) } {
                self.batch.push(waker);
            }
        }
    }

    /// Wakes what was collected, and goes on until nobody is left who was called by this broadcast.
    fn run(&mut self) {
        loop {
            self.batch.wake_all();
            if self.finished {
                return;
            }
            let mut lists = self.notify.lists.lock();
            self.collect(&mut lists);
        }
    }
}

/// If a waker panics, the others are still woken. Without a panic there is nothing left to do here.
impl Drop for Sweep<'_> {
    fn drop(&mut self) {
        self.run();
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

// User code never runs under the lock (NOTIFY-8), so no panic leaves the lists half changed.
impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}
