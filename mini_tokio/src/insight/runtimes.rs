//! Every runtime of the process, in one static: where a debugger begins.
//!
//! ```text
//!   RUNTIMES ──▶ Shared ─┬─▶ registry ──▶ every task: id, name, state word, spawn location, future
//!                        ├─▶ remotes ───▶ every worker: its ring, its parker, its core (LIFO slot, what it runs)
//!                        ├─▶ global ────▶ the global queue
//!                        └─▶ driver ────▶ the timer's wheel, the reactor's registrations
//! ```
//!
//! A debugger cannot call functions: the process may be a core file, or stand where a lock is held. So it follows plain
//! fields from here on. The commands in `inspect/gdb` know the way. The runtime itself reads this list where it has no more
//! of a runtime than its number: when a sleep is first polled by somebody else's thread.
//!
//! * `RUNTIMES-1` A runtime is in the list from before its first task until its last reference is gone. One that is being
//!   made, or taken down, has a strong count of zero there.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::runtime::Id;
use crate::scheduler::Shared;

// ANCHOR: insight-runtimes
/// Found by its path. (A symbol without mangling would be found faster, and forbid two versions of this crate in a program.)
static RUNTIMES: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// The runtime with this number, if it has a reference left.
pub(crate) fn find(id: Id) -> Option<Arc<Shared>> {
    // Collected first: one of these may be a runtime's last reference by now, and its drop wants the list.
    let runtimes: Vec<_> = RUNTIMES.lock().iter().filter_map(Weak::upgrade).collect();
    runtimes.into_iter().find(|runtime| runtime.id == id)
}

/// A runtime's place in the list; it leaves when this is dropped.
pub(crate) struct Listed(Weak<Shared>);

impl Listed {
    pub(crate) fn new(runtime: &Weak<Shared>) -> Self {
        RUNTIMES.lock().push(runtime.clone());
        Self(runtime.clone())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        RUNTIMES.lock().retain(|listed| !listed.ptr_eq(&self.0));
    }
}

#[cfg(test)]
mod tests {
    //! The list follows the life of runtimes.

    use super::*;
    use crate::runtime::Builder;

    fn is_listed(runtime: &Weak<Shared>) -> bool {
        RUNTIMES.lock().iter().any(|listed| listed.ptr_eq(runtime))
    }

    #[test]
    fn a_runtime_is_listed_until_its_last_handle_is_gone() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        let weak = std::sync::Arc::downgrade(&handle.shared);
        assert!(is_listed(&weak));
        drop(runtime);
        assert!(is_listed(&weak), "its tasks could still be asked for");
        assert!(find(handle.id()).is_some_and(|found| Arc::ptr_eq(&found, &handle.shared)));
        let id = handle.id();
        drop(handle);
        assert!(!is_listed(&weak) && find(id).is_none());
    }
}
