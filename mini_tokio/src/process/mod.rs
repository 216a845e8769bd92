//! Processes: started, spoken to through pipes, waited for.
//!
//! | file | its noun |
//! |---|---|
//! | `command` | what to run, and with what |
//! | `child` | a process that runs, and its end |
//! | `exit` | how a task waits for the end: a pidfd on the reactor, or `SIGCHLD` |
//! | `orphan` | a process that nobody waits for, and still no zombie |
//! | `looks` | the word by which an orphan is looked at by one at a time |
//! | `pipes` | the child's standard streams |
//!
//! Starting a process blocks its thread for as long as the system takes to copy this one, some hundred microseconds; it is
//! not worth a hop to the blocking pool.
//!
//! # Zombies
//!
//! A process that has ended stays in the system's table until its parent has asked for its status. Here it is asked for
//! always: by [`Child::wait`] or [`Child::try_wait`]; or, when the `Child` is dropped, by the drop; or, if the process runs
//! on, in the handler of the `SIGCHLD` that tells of its end, which needs no runtime any more.
//!
//! Left out: Windows.

#[cfg(not(loom))]
mod child;
#[cfg(not(loom))]
mod command;
#[cfg(not(loom))]
mod exit;
mod looks;
#[cfg(not(loom))]
mod orphan;
#[cfg(not(loom))]
mod pipes;
#[cfg(all(test, not(loom)))]
mod tests;

#[cfg(not(loom))]
pub use self::{
    child::Child,
    command::Command,
    pipes::{ChildStderr, ChildStdin, ChildStdout},
};
