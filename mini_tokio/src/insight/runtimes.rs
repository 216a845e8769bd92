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
//! fields from here on, and nothing in the runtime reads this list. The commands in `inspect/gdb` know the way.
//!
//! * `RUNTIMES-1` A runtime is in the list from before its first task until its last reference is gone. One that is being
//!   made, or taken down, has a strong count of zero there.

use std::sync::Weak;

use parking_lot::Mutex;

use crate::scheduler::Shared;

// ANCHOR: insight-runtimes
/// Found by its path. (A symbol without mangling would be found faster, and forbid two versions of this crate in a program.)
static RUNTIMES: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

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
        drop(handle);
        assert!(!is_listed(&weak));
    }
}
