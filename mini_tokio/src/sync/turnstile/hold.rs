//! Permits in somebody's hands, given back when they are let go.
//!
//! A guard has one of these as a field, and no `Drop` of its own: so it can be taken apart and put together as another kind
//! of guard without unsafe code.

use super::Turnstile;

/// `permits` of a turnstile.
pub(in crate::sync) struct Hold<'a> {
    turnstile: &'a Turnstile,
    permits: usize,
}

impl<'a> Hold<'a> {
    /// The caller has acquired so many permits and leaves them to this.
    #[inline]
    pub(in crate::sync) fn new(turnstile: &'a Turnstile, permits: usize) -> Self {
        Self { turnstile, permits }
    }

    /// Keeps `permits` of them and gives the others back. At no moment has it fewer.
    // ANCHOR: turnstile-shrink
    pub(in crate::sync) fn shrink_to(&mut self, permits: usize) {
        if cfg!(bug_rwlock_downgrade_gap) {
            // Unlock and lock again, as one would write it without a `downgrade`.
            self.turnstile.release(self.permits);
            self.permits = 0;
            while self.turnstile.try_acquire(permits) != super::Take::Taken {
                crate::shim::spin_loop();
            }
            self.permits = permits;
            return;
        }
        let surplus = self.permits - permits;
        self.permits = permits; // first: a panicking waker must not make it give back twice
        self.turnstile.release(surplus);
    }
}

impl Drop for Hold<'_> {
    #[inline]
    fn drop(&mut self) {
        self.turnstile.release(self.permits);
    }
}
