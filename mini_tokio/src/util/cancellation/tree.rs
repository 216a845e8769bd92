//! Who is whose child: plain data, under the lock of one tree.
//!
//! A *place* is where a child stands in its parent's list, so that it can leave in O(1): the last one takes its place.

use std::mem;

use slab::Slab;

use super::{Arc, Node, Weak};

/// The entries of all living nodes that descend from one token.
pub(super) struct Tree {
    entries: Slab<Entry>,
}

struct Entry {
    node: Weak<Node>,
    parent: Option<Parent>,
    children: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Parent {
    key: usize,
    place: usize,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { entries: Slab::new() }
    }

    /// Makes a node that knows its key, and its entry.
    pub(super) fn insert(&mut self, parent: Option<usize>, node: impl FnOnce(usize) -> Arc<Node>) -> Arc<Node> {
        let slot = self.entries.vacant_entry();
        let key = slot.key();
        let node = node(key);
        slot.insert(Entry { node: Arc::downgrade(&node), parent: None, children: Vec::new() });
        if let Some(parent) = parent {
            self.adopt(parent, key);
        }
        node
    }

    /// The node is gone: its children are its parent's now. (`CANCEL-2`)
    // ANCHOR: cancel-remove
    pub(super) fn remove(&mut self, key: usize) {
        self.orphan(key);
        let entry = self.entries.remove(key);
        for child in entry.children {
            self.entries[child].parent = None;
            #[cfg(not(bug_cancel_forgotten_grandchild))]
            if let Some(parent) = entry.parent {
                self.adopt(parent.key, child);
            }
        }
    }

    /// Raises the flags of `node` and all below it, and dissolves their relations. Returns those to be notified; they may
    /// be the last handles of their nodes, so they are dropped after the lock.
    // ANCHOR: cancel-descend
    #[must_use = "flags are up, and somebody waits to be told"]
    pub(super) fn cancel(&mut self, node: &Node) -> Vec<Arc<Node>> {
        if node.flag.is_raised() {
            return Vec::new();
        }
        self.orphan(node.key);
        let (mut reached, mut keys) = (Vec::new(), vec![node.key]);
        // A list of its own instead of recursion: CANCEL-5.
        while let Some(key) = keys.pop() {
            let entry = &mut self.entries[key];
            entry.parent = None;
            keys.append(&mut entry.children);
            // None if its last handle is being dropped at this moment: then nobody can wait for it.
            if let Some(node) = entry.node.upgrade() {
                node.flag.raise();
                reached.push(node);
            }
        }
        reached
    }

    fn adopt(&mut self, parent: usize, child: usize) {
        let siblings = &mut self.entries[parent].children;
        let place = siblings.len();
        siblings.push(child);
        self.entries[child].parent = Some(Parent { key: parent, place });
    }

    /// Takes `key` off its parent's list, but leaves it its parent.
    fn orphan(&mut self, key: usize) {
        let Some(Parent { key: parent, place }) = self.entries[key].parent else { return };
        let siblings = &mut self.entries[parent].children;
        siblings.swap_remove(place);
        let Some(&moved) = siblings.get(place) else { return };
        let moved = self.entries[moved].parent.as_mut();
        moved.expect("a child has a parent").place = place;
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let left = mem::take(&mut self.entries);
        debug_assert!(left.is_empty(), "CANCEL-1: each node keeps its tree, and removes its entry");
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::CancellationToken;

    fn entries(token: &CancellationToken) -> usize {
        token.node.tree.lock().entries.len()
    }

    #[test]
    fn a_token_is_freed_with_its_last_clone_whoever_its_relatives_are() {
        let root = CancellationToken::new();
        for _ in 0..100 {
            let (child, cancelled) = (root.child_token(), root.child_token());
            cancelled.cancel();
            drop((child.clone(), child.child_token()));
            assert_eq!(entries(&root), 3);
            drop((child, cancelled));
            assert_eq!(entries(&root), 1);
        }
        let mut token = root;
        for _ in 0..100 {
            token = token.child_token();
            assert_eq!(entries(&token), 1, "an ancestor whose handles are gone is gone");
        }
    }

    #[test]
    fn children_that_leave_leave_no_place_behind() {
        let root = CancellationToken::new();
        let mut children: Vec<_> = (0..10).map(|_| root.child_token()).collect();
        let places = || root.node.tree.lock().entries[root.node.key].children.len();
        for left in (0..10).rev() {
            drop(children.swap_remove(left / 2));
            assert_eq!(places(), left);
        }
    }
}
