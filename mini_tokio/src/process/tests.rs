//! What is not seen from outside: the fallback of the wait, and the books of the orphans.

use std::io;
use std::process::Command as StdCommand;

use super::exit::Exit;
use super::{Command, orphan};
use crate::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn without_pidfds_a_signal_tells_of_the_end() {
    let runtime = runtime();
    let mut child = StdCommand::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut exit = Exit::by_signal(child.id());
    let stdin = child.stdin.take();
    let polls = std::cell::Cell::new(0);
    let status = runtime.block_on(async {
        let wait = exit.wait(|| {
            polls.set(polls.get() + 1);
            child.try_wait()
        });
        let close = async {
            crate::task::yield_now().await; // so that the wait has begun
            drop(stdin);
        };
        futures::join!(wait, close).0.unwrap()
    });
    assert!(status.success());
    assert!(polls.get() >= 2, "it had to wait");
}

#[test]
fn a_wait_that_is_too_late_sets_nothing_up() {
    let mut child = StdCommand::new("true").spawn().unwrap();
    let status = child.wait().unwrap();
    let mut exit = Exit::of(child.id());
    // Under no runtime at all.
    let waited: io::Result<_> = futures::executor::block_on(exit.wait(|| child.try_wait()));
    assert_eq!(waited.unwrap(), status);
}

#[test]
fn an_orphan_is_forgotten_when_it_has_ended() {
    let runtime = runtime();
    let _context = runtime.enter();
    let mut child = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
    let pid = child.id().unwrap() as libc::pid_t;
    let stdin = child.stdin.take();
    drop(child);
    assert_eq!(orphan::count(), 1);
    drop(runtime.block_on(async { stdin }));
    while orphan::count() > 0 {
        std::thread::yield_now();
    }
    // SAFETY: a signal of number 0 is not sent; the call asks whether there is such a process.
    assert_eq!(unsafe { libc::kill(pid, 0) }, -1, "not even a zombie is left");
}
