//! `CancellationToken`: a wish to stop, passed down a tree of tasks.
//!
//! ```text
//!      user's handles          nodes                        tree, under one lock
//!      token, clone  ------->  server {flag, notify} <~~~~  entry: no parent, children: [connection 1, connection 2]
//!      child         ------->  connection 1          <~~~~  entry: parent: server, children: [request]
//!      its child     ------->  request               <~~~~  entry: parent: connection 1
//!                               (weak: ~~~)
//! ```
//!
//! Vocabulary. A *node* is what all clones of one token share; it lives as long as one of them. Its *entry* in the *tree*
//! says who its parent and its children are. *Cancelled* is said by the node's *flag*, once and for ever.
//!
//! The files: `tree` the entries, `flag` the word, `wait` the futures, `guard` the drop guards.
//!
//! Invariants:
//! - `CANCEL-1`: a node has an entry exactly as long as it lives: the entry is made with it and removed by its drop. So the
//!   key of a living node is never another's.
//! - `CANCEL-2`: a child belongs to the nearest ancestor that lives and is not cancelled. When a node is dropped its
//!   children go to its parent; when it is cancelled so are they, and nobody is related to anybody any more.
//! - `CANCEL-3`: flags are raised under the tree's lock, all those of one cancellation at once. So a child that is born
//!   meanwhile is either among the children or born cancelled.
//! - `CANCEL-4`: flag first, then notify; and whoever waits makes its `Notified` first, then looks at the flag. Wakers are
//!   called after the lock, when every flag is up: whoever wakes finds the whole subtree cancelled.
//! - `CANCEL-5`: nothing here recurses, since no node owns another. A tree may be as deep as memory allows.
//!
//! One lock for a whole tree serves the same programs as one in each node (tokio's way), which all make children of one
//! token anyway; and it spares them the order in which to lock parent, node and child when one is dropped while another
//! is cancelled.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::{RefUnwindSafe, UnwindSafe},
    pin::pin,
    sync::{Arc, Weak},
    task::Poll,
};

use self::{flag::Flag, tree::Tree};
use crate::leaf::all_at;
use crate::{shim::Mutex, sync::Notify};

mod flag;
mod guard;
#[cfg(all(test, loom))]
mod model;
mod tree;
mod wait;

pub use self::{
    guard::{DropGuard, DropGuardRef},
    wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned},
};

/// Tells tasks to stop.
///
/// Give each task a clone, or a [`child_token`](CancellationToken::child_token); let it wait for
/// [`cancelled`](CancellationToken::cancelled) beside its work, and [`cancel`](CancellationToken::cancel) when it is time.
/// To cancel a token cancels its children and theirs, but not its parent. Nothing undoes it.
///
/// Nothing is stopped by force: a task that does not look goes on.
///
/// The interface is that of `tokio_util::sync::CancellationToken`.
///
/// # Examples
///
/// ```
/// use mini_tokio::util::CancellationToken;
///
/// # futures::executor::block_on(async {
/// let server = CancellationToken::new();
/// let (first, second) = (server.child_token(), server.child_token());
///
/// first.cancel();
/// assert!(first.is_cancelled() && !second.is_cancelled());
///
/// server.cancel();
/// second.cancelled().await;
/// # });
/// ```
#[derive(Clone)]
pub struct CancellationToken {
    node: Arc<Node>,
}

/// What all clones of a token share.
struct Node {
    /// Its own rules: `flag`.
    flag: Flag,
    /// Told once, after the flag. In an `Arc` of its own for the futures that own what they wait for.
    notify: Arc<Notify>,
    tree: Arc<Mutex<Tree>>,
    /// Its entry in the tree: CANCEL-1.
    key: usize,
}

impl CancellationToken {
    /// A token without a parent, not cancelled.
    pub fn new() -> Self {
        let tree = Arc::new(Mutex::new(Tree::new()));
        let node = Node::plant(&tree, None);
        Self { node }
    }

    /// A token that is cancelled with this one, but can be cancelled without it. It is cancelled already if this one is.
    ///
    /// It need not be kept within the life of this one: when all clones of this one are gone, it is the child of this
    /// one's parent.
    pub fn child_token(&self) -> Self {
        Self { node: Node::plant(&self.node.tree, Some(&self.node)) }
    }

    /// Cancels this token and all its descendants, and wakes whoever waits for one of them. The first call counts.
    ///
    /// # Panics
    /// If a waker panics, after all others have been woken. (A second panic then aborts the process.)
    // ANCHOR: cancel-cancel
    pub fn cancel(&self) {
        if self.is_cancelled() {
            return;
        }
        #[cfg(bug_cancel_notify_before_flag)]
        self.node.notify.notify_waiters();
        let reached = self.node.tree.lock().cancel(&self.node);
        Reached(reached.into_iter()).notify_all();
    }

    /// Whether this token is cancelled. When a waker of one of these tokens is called, this is true for its descendants as
    /// well.
    pub fn is_cancelled(&self) -> bool {
        self.node.flag.is_raised()
    }

    /// Waits until this token is cancelled.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self)
    }

    /// Like [`cancelled`](CancellationToken::cancelled), but the future owns the token and borrows nothing.
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self)
    }

    /// A guard that cancels this token when it is dropped, unless it is disarmed.
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// Like [`drop_guard`](CancellationToken::drop_guard), but borrows the token.
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs `future` until it is ready or this token is cancelled; then it is dropped, and the answer is None.
    ///
    /// If the token is cancelled already, `future` is not polled at all. If both happen between two polls, the future
    /// wins.
    ///
    /// # Cancel safety
    /// As safe as `future`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mini_tokio::util::CancellationToken;
    ///
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, Some(5));
    ///
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(std::future::pending::<u32>()).await, None);
    /// # });
    /// ```
    // ANCHOR: cancel-run-until
    pub fn run_until_cancelled<F>(&self, future: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        all_at(async move {
            if self.is_cancelled() {
                return None;
            }
            let (mut cancelled, mut future) = (pin!(self.cancelled()), pin!(future));
            poll_fn(|cx| match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => cancelled.as_mut().poll(cx).map(|()| None),
            })
            .await
        })
    }

    /// Like [`run_until_cancelled`](CancellationToken::run_until_cancelled), but the future owns the token.
    pub fn run_until_cancelled_owned<F>(self, future: F) -> impl Future<Output = Option<F::Output>>
    where
        F: Future,
    {
        all_at(async move { self.run_until_cancelled(future).await })
    }
}

impl Node {
    /// A new node with its entry (CANCEL-1). The child of a cancelled parent is cancelled, and no child (CANCEL-2).
    // ANCHOR: cancel-plant
    fn plant(tree: &Arc<Mutex<Tree>>, parent: Option<&Node>) -> Arc<Node> {
        #[cfg(bug_cancel_unlocked_birth)]
        let orphan = parent.is_some_and(|parent| parent.flag.is_raised());
        let mut entries = tree.lock();
        // Under the lock, since flags are raised there: CANCEL-3.
        #[cfg(not(bug_cancel_unlocked_birth))]
        let orphan = parent.is_some_and(|parent| parent.flag.is_raised());
        let flag = Flag::new(orphan);
        let parent = parent.filter(|_| !orphan).map(|parent| parent.key);
        entries.insert(parent, |key| {
            let notify = Arc::new(Notify::new());
            Arc::new(Node { flag, notify, tree: tree.clone(), key })
        })
    }
}

/// The nodes of one cancellation that are still to be notified. If a waker panics, the others are notified all the same.
struct Reached(std::vec::IntoIter<Arc<Node>>);

impl Reached {
    fn notify_all(&mut self) {
        for node in &mut self.0 {
            node.notify.notify_waiters();
        }
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        self.notify_all();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.tree.lock().remove(self.key);
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

// No panic leaves a tree half changed: no code of users runs under its lock.
impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}
