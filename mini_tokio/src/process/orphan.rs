//! Orphans: processes that run on although their `Child` was dropped. When such a one ends, somebody must ask for its
//! status, or it stays a zombie for as long as this process lives.
//!
//! Who? There may be no runtime any more, and a thread that waits would be a thread a process. But each end of a child
//! sends us `SIGCHLD`, and asking for a status without waiting is one of the few things that a signal handler may do. So
//! the handler itself asks, for each orphan that there is.
//!
//! ```text
//!   adopt                                   the handler of SIGCHLD
//!   1. install the action                   1. (the kernel has made the process a zombie)
//!   2. look                                 2. look
//! ```
//!
//! `ORPHAN-1` An end before step 1 is seen by step 2 of the adopter, a later one by the handler. If both look at once, see
//! `LOOKS-1`, `LOOKS-2`.
//!
//! `ORPHAN-2` A process is asked for only while its number is its own: from the fork until the one answer that says that
//! it has ended. Nobody else waits for it: its `Child` is gone.
//!
//! An action whose orphan has ended does nothing, and is taken out when the next process is started or adopted: it cannot
//! do so itself, for that takes a lock.
//!
//! Rejected: a task that waits for the process. It would be counted among the program's tasks, and go with its runtime.
//! tokio keeps a list that a runtime's driver goes through when there was a `SIGCHLD`, so orphans outlive the last runtime
//! as zombies.

use std::sync::Arc;

use parking_lot::Mutex;
use signal_hook_registry::SigId;

use super::looks::{Begin, End, Looks};

struct Orphan {
    pid: u32,
    looks: Looks,
}

/// An orphan, and the action of the handler that looks after it. None if it could not be installed.
struct Adopted {
    orphan: Arc<Orphan>,
    action: Option<SigId>,
}

static ADOPTED: Mutex<Vec<Adopted>> = Mutex::new(Vec::new());

impl Orphan {
    /// Asks for the status, and forgets it. Called in signal handlers: it takes no lock and allocates nothing.
    // ANCHOR: process-orphan-look
    fn look(&self) {
        if self.looks.begin() == Begin::Leave {
            return;
        }
        loop {
            if self.has_ended() {
                return self.looks.over();
            }
            if self.looks.end() == End::Leave {
                return;
            }
        }
    }

    fn has_ended(&self) -> bool {
        let mut status = 0;
        // SAFETY: `status` may be written to. The number is the orphan's: ORPHAN-2 and LOOKS-1.
        let answer = unsafe { libc::waitpid(self.pid as libc::pid_t, &mut status, libc::WNOHANG) };
        // An error says that there is no such child (any more).
        answer != 0
    }
}

/// Takes care that the process leaves no zombie. Its status was not asked for, and nobody else is going to.
pub(super) fn adopt(pid: u32) {
    sweep();
    let orphan = Arc::new(Orphan { pid, looks: Looks::new() });
    let in_handler = orphan.clone();
    // SAFETY: the action runs in a signal handler. `look` makes atomic accesses and calls `waitpid`, which is safe there.
    let action = unsafe { signal_hook_registry::register(libc::SIGCHLD, move || in_handler.look()) }; // 1
    orphan.look(); // 2
    ADOPTED.lock().push(Adopted { orphan, action: action.ok() });
}

/// Dismisses the actions of orphans that have ended.
pub(super) fn sweep() {
    let mut over = Vec::new();
    {
        let mut adopted = ADOPTED.lock();
        // What could not be left to the handler is looked after here, which is better than never.
        adopted.iter().filter(|one| one.action.is_none()).for_each(|one| one.orphan.look());
        over.extend(adopted.extract_if(.., |one| one.orphan.looks.is_over()));
    }
    // Outside the lock: taking an action out waits for the handlers that run.
    for one in over {
        one.action.map(signal_hook_registry::unregister);
    }
}

/// How many orphans there are.
#[cfg(test)]
pub(super) fn count() -> usize {
    sweep();
    ADOPTED.lock().len()
}
