//! What stands in a local queue, for who looks from outside.

use super::Owner;

impl<T> Owner<T> {
    /// Shows the items, oldest first, to `look`. Only where no thief is at work: in a stepper, whose workers share a thread.
    pub(crate) fn for_each(&self, mut look: impl FnMut(&T)) {
        let ends = self.shared.front.load();
        assert_eq!(ends.freed, ends.head, "a thief is at work");
        let mut index = ends.head;
        while index != self.shared.tail.seen_by_owner() {
            // SAFETY: the slot holds an item (QUEUE-2). The caller vouches that nobody claims it meanwhile, and a push
            // needs the `&mut` that this borrow excludes.
            self.shared.ring.slot(index).with(|slot| look(unsafe { (*slot).assume_init_ref() }));
            index = index.wrapping_add(1);
        }
    }
}
